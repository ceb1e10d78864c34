"""The configuration of the operations app for Django."""

from django.apps import AppConfig


class OperationsConfig(AppConfig):
    """Management commands, the admin of runs, and the actions behind both."""

    name = "apps.operations"
    label = "operations"
