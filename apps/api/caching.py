"""The cache of answers: the bytes that are sent, in Redis, under the keys of the API's contract.

The version of a key is the generation of the data: each run that ends makes a new one. So a load invalidates all
answers at once and deletes nothing; old answers expire. Of the requests that miss a key at the same time one computes
the answer and the others wait for it (single flight). While Redis is away, every request computes its own answer.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, TypeVar

import orjson
from django.core.cache import cache
from django.db import Error, connection
from django.db.models import Max
from django_redis import get_redis_connection
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

from apps.ingest.models import Run

logger = logging.getLogger(__name__)

# A server that hangs costs one request a time-out; for this long after it, no other request asks the server.
AWAY_SECONDS = 2.0

Outcome = TypeVar("Outcome")


class _Outage:
    # Seconds of the monotonic clock until which Redis is not asked. Threads write it without a lock: the worst that can
    # happen is one more request that waits for the time-out.
    until = 0.0


def call_redis(action: Callable[[Any], Outcome], otherwise: Outcome) -> Outcome:
    """Run ``action`` with the Redis client and return its result; ``otherwise`` if it fails or Redis was just away."""
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


DAY = 24 * 3600
HOUR = 3600
# Where the contract names no time, or one for a cache in the process.
SHORT = 300

# Seconds between two look-ups of the generation: an answer may be this much older than the run that has just ended.
GENERATION_SECONDS = 1.0
# The same while PostgreSQL is away.
UNKNOWN_SECONDS = 5.0
# The lock of an answer expires after the same time, so a process that dies while it computes blocks nobody for longer.
# Seconds that a request waits for an answer that another one computes. Then it computes the answer itself.
TURN_SECONDS = 10
# The first and the longest pause between two looks.
LOOK_SECONDS = (0.005, 0.1)

# The checksum is the ETag, and it also tells our entries from bytes that something else wrote under the same key.
CHECKSUM_BYTES = 16

# Scripts, because each is one step for Redis. With separate commands a process might read "no answer", be overtaken by
# the one that stores it and frees the lock, and compute the answer a second time.
# KEYS: key and lock of an answer; ARGV: the owner of the lock, its seconds. Returns the answer; if there is none,
# 1 if the owner now holds the lock, else 0.
LOOK = """
local kept = redis.call('get', KEYS[1])
if kept then return kept end
return redis.call('set', KEYS[2], ARGV[1], 'NX', 'EX', ARGV[2]) and 1 or 0
"""
# KEYS: key and lock of an answer; ARGV: the owner of the lock, the answer, its seconds.
KEEP = """
redis.call('set', KEYS[1], ARGV[2], 'EX', ARGV[3])
if redis.call('get', KEYS[2]) == ARGV[1] then redis.call('del', KEYS[2]) end
"""
# KEYS[1]: the lock; ARGV[1]: its owner. A lock that expired may have another owner by now.
UNLOCK = "if redis.call('get', KEYS[1]) == ARGV[1] then redis.call('del', KEYS[1]) end"
FREE = 1


@dataclass(frozen=True, slots=True)
class Answer:
    """The body of an answer, its checksum, and the generation of its data, None if that is unknown."""

    body: bytes
    checksum: str
    generation: int | None

    @classmethod
    def from_body(cls, body: bytes, generation: int | None = None) -> Answer:
        """Make the answer of a body."""
        return cls(body, hashlib.blake2b(body, digest_size=CHECKSUM_BYTES // 2).hexdigest(), generation)

    @property
    def tag(self) -> str:
        """The ``ETag``."""
        return f'"{self.checksum}"'

    def is_known_by(self, tags: str) -> bool:
        """Tell whether the value of ``If-None-Match`` names this answer."""
        return self.tag in tags


class NotKept(Exception):  # noqa: N818 - what happened is no error
    """Raised by ``compute``: the answer has this body and must not be cached."""

    def __init__(self, body: bytes) -> None:
        super().__init__(f"{len(body)} bytes")
        self.body = body


class _Generation:
    """The generation of the data, looked up once a second by one thread; other threads use the last known one."""

    number: int | None = None
    due = 0.0
    looking = threading.Lock()

    def get(self) -> int | None:
        # The lock is not waited for: a slow PostgreSQL would otherwise stop every request, although the last known
        # generation still serves them.
        if time.monotonic() >= self.due and self.looking.acquire(blocking=False):
            try:
                self.look()
            finally:
                self.looking.release()
        return self.number

    def look(self) -> None:
        pause = GENERATION_SECONDS
        try:
            ended = Run.objects.aggregate(last=Max("completed_at"))["last"]
            # Milliseconds: two runs may end within a second.
            self.number = int(ended.timestamp() * 1000) if ended else 0
        except Error as error:
            # The number stays as it was: the cache goes on serving what it has while PostgreSQL is away.
            pause = UNKNOWN_SECONDS
            connection.close()
            logger.warning("the generation of the data is unknown: %s", error)
        self.due = time.monotonic() + pause


_generation = _Generation()
_is_passed_by = ContextVar("is_passed_by", default=False)


def get_generation() -> int | None:
    """Return the generation of the data as of a second ago; None if PostgreSQL was always away."""
    return _generation.get()


def is_current(found: Answer) -> bool:
    """Tell whether an answer is of the current generation; False also when the generation is due to be looked up."""
    return time.monotonic() < _generation.due and found.generation == _generation.number is not None


def forget_generation() -> None:
    """Forget the generation: the next request looks it up."""
    _generation.number, _generation.due = None, 0.0


@contextmanager
def bypass_cache() -> Iterator[None]:
    """Within this context, compute every answer and cache none."""
    token = _is_passed_by.set(True)
    try:
        yield
    finally:
        _is_passed_by.reset(token)


def get_or_compute(key: str, seconds: int, compute: Callable[[], bytes]) -> Answer:
    """Return the cached answer of ``key``, or compute it and cache it for ``seconds``.

    Other requests for the same key wait meanwhile. If the cache fails, the answer is computed. An error of ``compute``
    is raised and nothing is cached; ``NotKept`` gives the answer without caching it.
    """
    number = get_generation()
    try:
        # Without a generation nothing says of which data an answer is, so it must not be stored.
        if number is None or _is_passed_by.get():
            return Answer.from_body(compute())
        entry = _Entry(cache.make_key(key, version=number), number)
        return entry.wait() or entry.compute_and_store(seconds, compute)
    except NotKept as passing:
        return Answer.from_body(passing.body)


class _Entry:
    """The cache entry of a key and generation, as one request sees it."""

    def __init__(self, name: str, number: int) -> None:
        self.name, self.lock, self.number = name, f"{name}:lock", number
        self.own = secrets.token_hex(8)

    def wait(self) -> Answer | None:
        """Return the answer as soon as it is cached; None if this request must compute it."""
        until = time.monotonic() + TURN_SECONDS
        pause, longest = LOOK_SECONDS
        while isinstance(found := self.look(), int):
            if found == FREE or time.monotonic() > until:
                return None
            time.sleep(pause)
            pause = min(pause * 2, longest)
        return self.read(found)

    def look(self) -> int | bytes:
        # Without Redis every request computes for itself.
        otherwise: int | bytes = FREE
        return call_redis(lambda client: client.eval(LOOK, 2, self.name, self.lock, self.own, TURN_SECONDS), otherwise)

    def read(self, stored: bytes) -> Answer | None:
        checksum, body = stored[:CHECKSUM_BYTES], stored[CHECKSUM_BYTES:]
        # Verified on every read: a truncated or foreign entry would otherwise be sent as an answer until it expires.
        found = Answer.from_body(body, self.number)
        # Another program may have written to this key.
        return found if found.checksum.encode() == checksum else None

    def compute_and_store(self, seconds: int, compute: Callable[[], bytes]) -> Answer:
        try:
            found = Answer.from_body(compute(), self.number)
        # Also for KeyboardInterrupt and SystemExit: the others should not wait for a process that is ending.
        except BaseException:
            call_redis(lambda client: client.eval(UNLOCK, 1, self.lock, self.own), None)
            raise
        stored = found.checksum.encode() + found.body
        call_redis(lambda client: client.eval(KEEP, 2, self.name, self.lock, self.own, stored, seconds), None)
        return found


def cache_json(key: str, seconds: int, compute: Callable[[], Any]) -> Any:
    """Return the value of ``compute`` from the cache, or compute and cache it; it must be of JSON's types.

    For pages: like the answers of the API it lives until it expires or the data change.
    """
    return orjson.loads(get_or_compute(f"page:{key}", seconds, lambda: orjson.dumps(compute())).body)
