"""Celery tasks: when and in what order things run. One module a queue."""
