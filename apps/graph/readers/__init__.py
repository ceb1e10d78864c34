"""Queries of the graph for views, tasks and assistants. Each is bounded in time and in rows."""
