"""The configuration of the graph app for Django."""

from django.apps import AppConfig


class GraphConfig(AppConfig):
    """The graph in Neo4j."""

    name = "apps.graph"
    label = "graph"
