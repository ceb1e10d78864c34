"""Django's entry for the explore app."""

from django.apps import AppConfig


class ExploreConfig(AppConfig):
    """Pages over what is loaded."""

    name = "apps.explore"
    label = "explore"
