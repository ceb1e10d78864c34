"""Processors of log lines: they add the origin and the task of each line, and hide secrets."""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from functools import lru_cache
from typing import Any

import structlog
from celery.signals import task_postrun, task_prerun

SECRET_NAMES = re.compile(r"password|passwd|secret|token|authorization|cookie|api_?key", re.IGNORECASE)
# A password in a URL, one behind its name, and an authorization header.
SECRET_TEXTS = (
    (re.compile(r"(?<=://)([^/\s:@]*):[^/\s@]+@"), r"\1:***@"),
    (re.compile(r"\b(password|passwd|secret|token)=[^\s&;,'\"]+", re.IGNORECASE), r"\1=***"),
    (re.compile(r"\b(Bearer|Basic) +[\w.~+/=-]+", re.IGNORECASE), r"\1 ***"),
)
HIDDEN = "***"
SHORT_CHARACTERS = 100
Line = MutableMapping[str, Any]


class Origin:
    """Adds the service and the environment to each line."""

    def __init__(self, service: str, environment: str) -> None:
        self.origin = {"service": service, "environment": environment}

    def __call__(self, _: object, __: str, line: Line) -> Line:
        """Return the line with its origin."""
        line.update(self.origin)
        return line


def hide_secrets(_: object, __: str, line: Line) -> Line:
    """Hide everything that looks like a secret. A request is removed as a whole: its URL may contain anything."""
    line.pop("request", None)
    return {name: HIDDEN if names_a_secret(name) else hide(value) for name, value in line.items()}


# Cached, since line after line has the same names.
@lru_cache(maxsize=1024)
def names_a_secret(name: str) -> bool:
    """Tell whether a name looks like that of a secret."""
    return bool(SECRET_NAMES.search(name))


def hide(value: Any) -> Any:
    """Return a value with all secrets in its texts hidden, however deep."""
    if isinstance(value, str):
        return hidden_short(value) if len(value) <= SHORT_CHARACTERS else hide_in_text(value)
    if isinstance(value, dict):
        return {key: HIDDEN if names_a_secret(str(key)) else hide(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [hide(each) for each in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return hide(repr(value))


def hide_in_text(text: str) -> str:
    """Return a text with its secrets hidden."""
    for pattern, replacement in SECRET_TEXTS:
        text = pattern.sub(replacement, text)
    return text


hidden_short = lru_cache(maxsize=1024)(hide_in_text)


def begin_task(task_id: str, task: Any, **_: Any) -> None:
    """Bind a task's id and name to its log lines. The task itself binds its run, file or chunk."""
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(task_id=task_id, task=task.name)


def end_task(**_: Any) -> None:
    """Clear the context of a task that has ended, since its process goes on with another task."""
    structlog.contextvars.clear_contextvars()


def follow_tasks() -> None:
    """Connect to Celery's signals, so that every log line of a task names it."""
    task_prerun.connect(begin_task)
    task_postrun.connect(end_task)
