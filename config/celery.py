"""The Celery application: what a message is, which queue it goes to and who loads the tasks."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging

from config import reconnecting

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

reconnecting.install()
app = Celery("linernotes")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.imports = (
    "tasks.extractor",
    "tasks.tableinator",
    "tasks.graphinator",
    "tasks.maintenance",
    "tasks.watchdog",
    "tasks.fetcher",
    "tasks.periodic",
)


@setup_logging.connect
def use_django_logging(**_: Any) -> None:
    """Keep Celery from replacing the logging that the settings configure."""
