"""Runs from start to end: starting, announcing, dead letters, retention."""
