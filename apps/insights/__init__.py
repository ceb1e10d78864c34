"""Insights: figures over the whole catalogue, computed now and then, kept in tables and read from there."""
