"""Management commands of the graph."""
