"""The configuration of the catalog app for Django."""

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    """The record tables in PostgreSQL."""

    name = "apps.catalog"
    label = "catalog"
    verbose_name = "Catalogue"
