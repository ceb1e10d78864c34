"""Addresses of the pages."""

from django.urls import path

from apps.dashboard import pages

app_name = "explore"
urlpatterns = [
    path("status/", pages.show_status, name="home"),
    path("health/live", pages.answer_liveness, name="live"),
]
