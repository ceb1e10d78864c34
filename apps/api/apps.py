"""Django's entry for the API."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """What the endpoints of all apps share."""

    name = "apps.api"
    label = "api"
    verbose_name = "REST API"
