"""Questions to the graph, by name: what views, tasks and assistants ask. Each is bounded in time and in rows."""
