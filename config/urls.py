"""Addresses of the site: its pages, health and the admin."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

# Here and not at the start of every process: workers and commands need no admin, nor its memory.
admin.autodiscover()

urlpatterns = [
    path(f"{settings.ADMIN_PATH}/", admin.site.urls),
    path("", include("apps.explore.urls")),
    path("", include("apps.dashboard.urls")),
]
