"""Django's entry for the credits app."""

from django.apps import AppConfig


class CreditsConfig(AppConfig):
    """Endpoints over the credits of releases."""

    name = "apps.credits"
    label = "credits"
