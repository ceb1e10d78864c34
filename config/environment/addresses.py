"""Build the addresses of servers from host, user and password, where no whole address is given (decision 51).

So a deployment can keep each password in a file of its own and name its hosts openly.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, urlsplit

from django.core.exceptions import ImproperlyConfigured

# Address → the variable of its host.
HOSTS = {
    "DATABASE_URL": "POSTGRES_HOST",
    "NEO4J_URL": "NEO4J_HOST",
    "CELERY_BROKER_URL": "RABBITMQ_HOST",
    "CELERY_RESULT_BACKEND": "REDIS_HOST",
    "CACHE_URL": "REDIS_CACHE_HOST",
}
DEFAULTS = {
    "POSTGRES_PORT": "5432",
    "POSTGRES_USERNAME": "linernotes",
    "POSTGRES_DATABASE": "linernotes",
    "NEO4J_PORT": "7687",
    "NEO4J_USERNAME": "neo4j",
    "RABBITMQ_PORT": "5672",
    "RABBITMQ_USERNAME": "linernotes",
    "REDIS_PORT": "6379",
}
NAMES = (*HOSTS.values(), *DEFAULTS)
# Results and cache have different databases, so that they may share one Redis.
SHAPES = {
    "DATABASE_URL": "postgresql://{POSTGRES_USERNAME}:{POSTGRES_PASSWORD}@{place}/{POSTGRES_DATABASE}",
    "NEO4J_URL": "bolt://{NEO4J_USERNAME}:{NEO4J_PASSWORD}@{place}",
    "CELERY_BROKER_URL": "amqp://{RABBITMQ_USERNAME}:{RABBITMQ_PASSWORD}@{place}//",
    "CELERY_RESULT_BACKEND": "redis://:{REDIS_PASSWORD}@{place}/1",
    "CACHE_URL": "redis://:{REDIS_PASSWORD}@{place}/2",
}
PORTS = {
    "DATABASE_URL": "POSTGRES_PORT",
    "NEO4J_URL": "NEO4J_PORT",
    "CELERY_BROKER_URL": "RABBITMQ_PORT",
    "CELERY_RESULT_BACKEND": "REDIS_PORT",
    "CACHE_URL": "REDIS_PORT",
}
PASSWORDS = ("POSTGRES_PASSWORD", "NEO4J_PASSWORD", "RABBITMQ_PASSWORD", "REDIS_PASSWORD")


def build(variables: Mapping[str, str]) -> dict[str, str]:
    """Return variable → address for each server of which only the host is given.

    Raises:
        ImproperlyConfigured: A host is neither ``host`` nor ``host:port``.
    """
    return {
        name: address(name, variables)
        for name, host in HOSTS.items()
        if variables.get(host) and not variables.get(name)
    }


def address(name: str, variables: Mapping[str, str]) -> str:
    """Return the address of one server, with its parts quoted for a URL."""
    parts = {key: variables.get(key) or default for key, default in DEFAULTS.items()}
    parts |= {key: variables.get(key, "") for key in PASSWORDS}
    quoted = {key: quote(value, safe="") for key, value in parts.items()}
    return SHAPES[name].format(place=place(HOSTS[name], PORTS[name], variables), **quoted)


def place(host: str, port: str, variables: Mapping[str, str]) -> str:
    """Return ``host:port`` from two variables. A port in the variable of the host wins."""
    value = variables[host]
    found = port_of(value)
    if found is None:
        raise ImproperlyConfigured(f"{host} is {value!r}: give a host or host:port, such as 10.0.0.7 or server:5432")
    if found:
        return value
    number = variables.get(port) or DEFAULTS[port]
    if not port_of(f"host:{number}"):
        raise ImproperlyConfigured(f"{port} is {number!r}: give a port from 1 to 65535, such as {DEFAULTS[port]}")
    return f"{value}:{number}"


def port_of(place: str) -> int | None:
    """Return the port of ``host:port``, 0 for a host alone, None for anything else."""
    try:
        found = urlsplit(f"//{place}")
        port = found.port or 0
    except ValueError:
        return None
    return port if found.hostname and found.netloc == place and "@" not in place else None
