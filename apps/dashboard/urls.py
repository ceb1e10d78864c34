"""Addresses for operators and their programs."""

from django.urls import path

from apps.dashboard import pages, views

app_name = "dashboard"
urlpatterns = [
    path("status/", pages.Status.as_view(), name="status"),
    path("health/live", pages.answer_liveness, name="live"),
    path("health/ready", views.answer_readiness, name="health-ready"),
    path("ready", views.answer_readiness, name="ready"),
    path("metrics", views.answer_metrics, name="metrics"),
    path("auth/staff", views.answer_staff, name="auth-staff"),
]
