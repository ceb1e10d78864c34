"""Management commands of the record tables."""
