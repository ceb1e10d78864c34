"""Django's entry for the graph app."""

from django.apps import AppConfig


class GraphConfig(AppConfig):
    """The graph in Neo4j."""

    name = "apps.graph"
    label = "graph"
