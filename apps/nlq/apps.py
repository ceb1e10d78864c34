"""Django's entry for questions in plain words."""

from django.apps import AppConfig
from django.core.checks import register


class NlqConfig(AppConfig):
    """Questions in plain words."""

    name = "apps.nlq"
    label = "nlq"
    verbose_name = "Questions in plain words"

    def ready(self) -> None:
        """Register the checks of our settings."""
        from apps.nlq import checks  # noqa: PLC0415 - it reads settings

        register(checks.check_questions)
