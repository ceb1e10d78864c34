"""Django's entry for the API."""

from django.apps import AppConfig
from django.core.checks import register


class ApiConfig(AppConfig):
    """What the endpoints of all apps share."""

    name = "apps.api"
    label = "api"
    verbose_name = "REST API"

    def ready(self) -> None:
        """Register the checks of our settings."""
        from apps.api import checks  # noqa: PLC0415 - it reads settings

        register(checks.peers_are_networks)
