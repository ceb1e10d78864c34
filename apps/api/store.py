"""The Redis or Valkey with the answers, locks and counts of the API. While it is away, the API works without."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any, TypeVar

from django_redis import get_redis_connection
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

logger = logging.getLogger(__name__)

# A server that hangs costs a time-out of a request; for so long after one, nobody else asks it.
AWAY_SECONDS = 2.0

Outcome = TypeVar("Outcome")


class _Outage:
    until = 0.0


def attempt(action: Callable[[Any], Outcome], otherwise: Outcome) -> Outcome:
    """Return what ``action`` does with the client, or ``otherwise`` if that fails or the server was just away."""
    if time.monotonic() < _Outage.until:
        return otherwise
    try:
        return action(get_redis_connection("default"))
    except (RedisConnectionError, RedisTimeoutError) as error:
        _Outage.until = time.monotonic() + AWAY_SECONDS
        logger.warning("the cache is away: %s", error)
    except RedisError as error:
        logger.warning("the cache refused: %s", error)
    return otherwise
