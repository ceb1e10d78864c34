"""The product's settings, with a stop-watch in its workers (``DJANGO_SETTINGS_MODULE=bench.settings``)."""

from config.settings import *  # noqa: F403
from config.settings import LOGGING

CELERY_INCLUDE = ("bench.stage_times",)
# The driver runs a transaction again by itself after a deadlock, and says so in its log alone.
LOGGING["handlers"]["retries"] = {"class": "bench.stage_times.RetryHandler", "level": "WARNING"}
LOGGING["loggers"]["neo4j"] = {"level": "WARNING", "handlers": ["retries"], "propagate": False}
