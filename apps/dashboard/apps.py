"""Django's entry for the dashboard app."""

from django.apps import AppConfig
from django.core.checks import register

from apps.dashboard import checks


class DashboardConfig(AppConfig):
    """What operators look at: readiness, metrics and samples of queues and servers."""

    name = "apps.dashboard"
    label = "dashboard"
    verbose_name = "Operation"

    def ready(self) -> None:
        """Register the system check."""
        register(checks.check_preload)
