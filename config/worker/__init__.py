"""Patches and extensions of Celery's workers and beat."""
