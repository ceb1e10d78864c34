"""Addresses for operators and their programs."""

from django.urls import path

from apps.dashboard import views

app_name = "dashboard"
urlpatterns = [
    path("health/ready", views.ready, name="health-ready"),
    path("ready", views.ready, name="ready"),
    path("metrics", views.metrics, name="metrics"),
    path("auth/staff", views.staff, name="auth-staff"),
]
