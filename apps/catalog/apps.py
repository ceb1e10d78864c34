"""Django's entry for the catalog app."""

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    """The record tables in PostgreSQL."""

    name = "apps.catalog"
    label = "catalog"
    verbose_name = "Catalogue"
