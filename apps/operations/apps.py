"""Django's entry for the operations app."""

from django.apps import AppConfig


class OperationsConfig(AppConfig):
    """Commands, the admin of runs, and the actions behind both."""

    name = "apps.operations"
    label = "operations"
