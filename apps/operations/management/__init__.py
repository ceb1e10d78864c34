"""Management commands of loading."""
