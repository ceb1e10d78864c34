"""What every log line has (who says it, about what) and what none may have (secrets)."""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from functools import lru_cache
from typing import Any

import structlog
from celery.signals import task_postrun, task_prerun

SECRET_NAMES = re.compile(r"password|passwd|secret|token|authorization|cookie|api_?key", re.IGNORECASE)
# A password in an address, and one beside its name.
SECRET_TEXTS = (
    (re.compile(r"(?<=://)([^/\s:@]*):[^/\s@]+@"), r"\1:***@"),
    (re.compile(r"\b(password|passwd|secret|token)=[^\s&;,'\"]+", re.IGNORECASE), r"\1=***"),
    (re.compile(r"\b(Bearer|Basic) +[\w.~+/=-]+", re.IGNORECASE), r"\1 ***"),
)
HIDDEN = "***"
SHORT_CHARACTERS = 100
Line = MutableMapping[str, Any]


class Origin:
    """Adds which process of which installation a line comes from."""

    def __init__(self, service: str, environment: str) -> None:
        self.origin = {"service": service, "environment": environment}

    def __call__(self, _: object, __: str, line: Line) -> Line:
        """Return the line with it."""
        line.update(self.origin)
        return line


def hide_secrets(_: object, __: str, line: Line) -> Line:
    """Hide whatever looks like a secret. A request is left out whole: its address may hold anything."""
    line.pop("request", None)
    return {name: HIDDEN if names_a_secret(name) else hidden(value) for name, value in line.items()}


# Names, and most texts, are the same in line after line.
@lru_cache(maxsize=1024)
def names_a_secret(name: str) -> bool:
    """Tell whether a name is that of a secret."""
    return bool(SECRET_NAMES.search(name))


def hidden(value: Any) -> Any:
    """Return a value with the secrets in its texts hidden."""
    if isinstance(value, str):
        return hidden_short(value) if len(value) <= SHORT_CHARACTERS else hidden_text(value)
    if isinstance(value, dict):
        return {key: HIDDEN if names_a_secret(str(key)) else hidden(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [hidden(each) for each in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return hidden(repr(value))


def hidden_text(text: str) -> str:
    """Return a text with the secrets in it hidden."""
    for pattern, replacement in SECRET_TEXTS:
        text = pattern.sub(replacement, text)
    return text


hidden_short = lru_cache(maxsize=1024)(hidden_text)


def begin_task(task_id: str, task: Any, **_: Any) -> None:
    """Let every line of a task name it; what the task is about, it adds itself."""
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(task_id=task_id, task=task.name)


def end_task(**_: Any) -> None:
    """Forget a task that has ended: its process goes on with another."""
    structlog.contextvars.clear_contextvars()


def follow_tasks() -> None:
    """Have every task named in the lines that come from it."""
    task_prerun.connect(begin_task)
    task_postrun.connect(end_task)
