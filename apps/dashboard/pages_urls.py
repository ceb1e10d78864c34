"""Addresses of the pages."""

from django.urls import path

from apps.dashboard import pages

app_name = "explore"
urlpatterns = [
    path("status/", pages.home, name="home"),
    path("health/live", pages.live, name="live"),
]
