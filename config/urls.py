"""Addresses of the site: its pages, health and the admin."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("apps.explore.urls")),
    path("", include("apps.dashboard.urls")),
]
