"""Runs from start to end: starting them, announcing their end, dead letters, and deleting old ones."""
