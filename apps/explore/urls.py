"""Addresses of the pages."""

from django.urls import path

from apps.explore import views

app_name = "explore"
urlpatterns = [
    path("", views.home, name="home"),
    path("health", views.ready, name="health"),
    path("health/live", views.live, name="live"),
]
