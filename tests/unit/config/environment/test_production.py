"""What production does not start with."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.environment import production

STRONG = "k3H9vQ2mX7tLw8Zr"
SOUND = {
    "DJANGO_SECRET_KEY": STRONG * 4,
    "ENCRYPTION_MASTER_KEY": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
    "DATABASE_URL": f"postgresql://linernotes:{STRONG}@postgres:5432/linernotes",
    "NEO4J_URL": f"bolt://neo4j:{STRONG}@neo4j:7687",
    "CELERY_BROKER_URL": f"amqp://linernotes:{STRONG}@rabbitmq:5672//",
    "CELERY_RESULT_BACKEND": f"redis://:{STRONG}@redis-results:6379/1",
    "CACHE_URL": f"redis://:{STRONG}@redis-cache:6379/2",
}


def test_it_starts_with_secrets_of_its_own() -> None:
    assert production.problems(SOUND, debug=False) == []


@pytest.mark.parametrize("name", SOUND)
def test_it_asks_for_what_is_missing(name: str) -> None:
    (found,) = production.problems({**SOUND, name: ""}, debug=False)

    assert found.startswith(f"set {name}, or {name}_FILE,")


@pytest.mark.parametrize(
    "key",
    [STRONG, "ab" * 40, "development-only-not-a-secret", f"django-insecure-{STRONG * 4}", f"change me {STRONG * 4}"],
)
def test_it_refuses_a_weak_key_and_does_not_print_it(key: str) -> None:
    (found,) = production.problems({**SOUND, "DJANGO_SECRET_KEY": key}, debug=False)

    assert found == "DJANGO_SECRET_KEY must be 50 random characters or more"


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("DATABASE_URL", "postgresql://linernotes@postgres/linernotes"),
        ("DATABASE_URL", "postgresql://linernotes:linernotes@postgres/linernotes"),
        ("NEO4J_URL", "bolt://neo4j:neo4j@neo4j:7687"),
        ("NEO4J_URL", "bolt://neo4j:correct-password-123@neo4j:7687"),
        ("CELERY_BROKER_URL", "amqp://guest:guest@rabbitmq//"),
        ("CELERY_RESULT_BACKEND", "redis://redis-results/1"),
        ("CACHE_URL", "redis://:aaaaaaaaaaaaaaaaaaaaaaaa@redis-cache/2"),
    ],
)
def test_it_refuses_default_and_short_passwords(name: str, url: str) -> None:
    (found,) = production.problems({**SOUND, name: url}, debug=False)

    assert found == f"the password in {name} must be 16 random characters or more"


def test_a_socket_needs_no_password() -> None:
    url = "postgresql:///linernotes?host=/var/run/postgresql"

    assert production.problems({**SOUND, "DATABASE_URL": url}, debug=False) == []


def test_it_refuses_debugging() -> None:
    (found,) = production.problems(SOUND, debug=True)

    assert "DEBUG" in found


def test_everything_to_be_mended_is_said_at_once() -> None:
    with pytest.raises(ImproperlyConfigured, match=r"Production does not start: .*DEBUG.*; .*_KEY.*; .*CACHE_URL"):
        production.require({}, debug=True)
