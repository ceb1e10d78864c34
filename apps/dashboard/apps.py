"""Django's entry for the dashboard app."""

from django.apps import AppConfig


class DashboardConfig(AppConfig):
    """What operators look at: readiness, metrics and samples of queues and servers."""

    name = "apps.dashboard"
    label = "dashboard"
    verbose_name = "Operation"
