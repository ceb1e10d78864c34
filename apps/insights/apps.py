"""Django's entry for the insights app."""

from django.apps import AppConfig


class InsightsConfig(AppConfig):
    """Figures over the whole catalogue."""

    name = "apps.insights"
    label = "insights"
