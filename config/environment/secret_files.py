"""Read secrets from files: ``NAME_FILE=/run/secrets/name`` instead of ``NAME`` (decision 51)."""

from __future__ import annotations

from collections.abc import MutableMapping
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

NAMES = (
    "DJANGO_SECRET_KEY",
    "DATABASE_URL",
    "NEO4J_URL",
    "CELERY_BROKER_URL",
    "CELERY_RESULT_BACKEND",
    "CACHE_URL",
    "POSTGRES_PASSWORD",
    "NEO4J_PASSWORD",
    "RABBITMQ_PASSWORD",
    "REDIS_PASSWORD",
    "METRICS_TOKEN",
    "ENCRYPTION_MASTER_KEY",
    "ENCRYPTION_MASTER_KEYS",
    "JWT_SECRET_KEY",
    "JWT_PREVIOUS_SECRET_KEY",
    "EMAIL_API_KEY",
    "EMAIL_URL",
    "NLQ_API_KEY",
    "INSIGHTS_INTERNAL_SECRET",
)


def read(environ: MutableMapping[str, str]) -> dict[str, str]:
    """Return the variables of an environment; a secret comes from its file if ``NAME_FILE`` is given.

    An empty secret counts as missing. A variable that a file replaces is also removed from the environment, because
    Celery prefers addresses in the environment to those of the settings.

    Raises:
        ImproperlyConfigured: A file cannot be read or is empty.
    """
    for name in NAMES:
        if environ.get(f"{name}_FILE") or not environ.get(name):
            environ.pop(name, None)
    files = {name: path for name in NAMES if (path := environ.get(f"{name}_FILE"))}
    return {**environ, **{name: content(f"{name}_FILE", Path(path)) for name, path in files.items()}}


def content(variable: str, path: Path) -> str:
    """Return the text of a secret's file, without line breaks at its end.

    Raises:
        ImproperlyConfigured: The file cannot be read or is empty.
    """
    try:
        text = path.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise ImproperlyConfigured(
            f"{variable}: {path} cannot be read: {reason}. scripts/create-secrets.sh makes such files; they must be"
            " readable by the user of this process"
        ) from error
    if not text:
        raise ImproperlyConfigured(f"{variable}: {path} is empty: delete it and run scripts/create-secrets.sh")
    return text
