"""Addresses made of host, user and password."""

from urllib.parse import unquote, urlsplit

import pytest
from django.core.exceptions import ImproperlyConfigured
from kombu.utils.url import parse_url
from psycopg.conninfo import conninfo_to_dict

from config.environment import addresses

HARD = "a/b:c@d#e?f%g h[]"


def test_nothing_is_made_without_a_host() -> None:
    assert addresses.build({"POSTGRES_PASSWORD": "p", "REDIS_PORT": "1"}) == {}


def test_each_address_is_made_of_its_parts() -> None:
    variables = {
        "POSTGRES_HOST": "postgres",
        "POSTGRES_PASSWORD": "one",
        "NEO4J_HOST": "neo4j",
        "NEO4J_PASSWORD": "two",
        "RABBITMQ_HOST": "rabbitmq",
        "RABBITMQ_PASSWORD": "three",
        "REDIS_HOST": "redis-results",
        "REDIS_CACHE_HOST": "redis-cache",
        "REDIS_PASSWORD": "four",
    }

    assert addresses.build(variables) == {
        "DATABASE_URL": "postgresql://linernotes:one@postgres:5432/linernotes",
        "NEO4J_URL": "bolt://neo4j:two@neo4j:7687",
        "CELERY_BROKER_URL": "amqp://linernotes:three@rabbitmq:5672//",
        "CELERY_RESULT_BACKEND": "redis://:four@redis-results:6379/1",
        "CACHE_URL": "redis://:four@redis-cache:6379/2",
    }


def test_a_whole_address_wins() -> None:
    assert addresses.build({"NEO4J_URL": "bolt://elsewhere", "NEO4J_HOST": "neo4j"}) == {}


def test_every_part_may_be_set() -> None:
    made = addresses.build(
        {"POSTGRES_HOST": "h", "POSTGRES_PORT": "6000", "POSTGRES_USERNAME": "u", "POSTGRES_DATABASE": "d"}
    )

    assert made["DATABASE_URL"] == "postgresql://u:@h:6000/d"


@pytest.mark.parametrize(
    ("host", "place"), [("h", "h:1"), ("h:2", "h:2"), ("10.0.0.7", "10.0.0.7:1"), ("[::1]", "[::1]:1")]
)
def test_a_port_in_the_host_wins(host: str, place: str) -> None:
    made = addresses.build({"REDIS_HOST": host, "REDIS_PORT": "1"})

    assert made["CELERY_RESULT_BACKEND"] == f"redis://:@{place}/1"


@pytest.mark.parametrize(
    "wrong", ["[", "h:x", "h:99999", "h/db", "user@h", ":5432", "bolt://h"], ids=lambda host: host.replace("/", "|")
)
def test_a_host_that_is_none_is_a_clear_error(wrong: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"POSTGRES_HOST is .*: give a host or host:port"):
        addresses.build({"POSTGRES_HOST": wrong})


def test_a_port_that_is_none_is_a_clear_error() -> None:
    with pytest.raises(ImproperlyConfigured, match="NEO4J_PORT is 'bolt': give a port from 1 to 65535, such as 7687"):
        addresses.build({"NEO4J_HOST": "h", "NEO4J_PORT": "bolt"})


def test_a_password_may_hold_any_character() -> None:
    hosts = dict.fromkeys(addresses.HOSTS.values(), "h")
    made = addresses.build(hosts | dict.fromkeys(addresses.PASSWORDS, HARD))

    assert conninfo_to_dict(made["DATABASE_URL"])["password"] == HARD
    assert unquote(urlsplit(made["NEO4J_URL"]).password or "") == HARD
    for name in ("CELERY_BROKER_URL", "CELERY_RESULT_BACKEND", "CACHE_URL"):
        assert parse_url(made[name])["password"] == HARD
    assert parse_url(made["CELERY_BROKER_URL"])["virtual_host"] == "/"
