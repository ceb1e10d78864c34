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

# A server that hangs costs a time-out of a request; for so long after one, nobody else asks it.
AWAY_SECONDS = 2.0

Outcome = TypeVar("Outcome")


class _Outage:
    until = 0.0


def call_redis(action: Callable[[Any], Outcome], otherwise: Outcome) -> Outcome:
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


DAY = 24 * 3600
HOUR = 3600
# Of answers that the contract keeps nowhere, or in a process.
SHORT = 300

# Seconds between two looks at the generation: so long may an answer be older than the run that has just ended.
GENERATION_SECONDS = 1.0
# Seconds between two looks while PostgreSQL is away.
UNKNOWN_SECONDS = 5.0
# Seconds that somebody waits for an answer that somebody else works out. Then everyone does so for himself.
TURN_SECONDS = 10
LOOK_SECONDS = (0.005, 0.1)

CHECKSUM_BYTES = 16

# KEYS: place and lock of an answer; ARGV: whose the lock is to be, its seconds. Returns the answer; where there is none
# 1 if the lock is now theirs, else 0.
LOOK = """
local kept = redis.call('get', KEYS[1])
if kept then return kept end
return redis.call('set', KEYS[2], ARGV[1], 'NX', 'EX', ARGV[2]) and 1 or 0
"""
# KEYS: place and lock of an answer; ARGV: whose the lock must be, the answer, its seconds.
KEEP = """
redis.call('set', KEYS[1], ARGV[2], 'EX', ARGV[3])
if redis.call('get', KEYS[2]) == ARGV[1] then redis.call('del', KEYS[2]) end
"""
# KEYS[1]: the lock; ARGV[1]: whose it must be. A lock that expired may be another's by now.
UNLOCK = "if redis.call('get', KEYS[1]) == ARGV[1] then redis.call('del', KEYS[1]) end"
FREE = 1


@dataclass(frozen=True, slots=True)
class Answer:
    """The body of an answer, what it is known by, and of which data it is; None: that is unknown."""

    body: bytes
    checksum: str
    generation: int | None

    @classmethod
    def from_body(cls, body: bytes, generation: int | None = None) -> Answer:
        """Make the answer of a body."""
        return cls(body, hashlib.blake2b(body, digest_size=CHECKSUM_BYTES // 2).hexdigest(), generation)

    @property
    def tag(self) -> str:
        """Return it as an ``ETag``."""
        return f'"{self.checksum}"'

    def is_known_by(self, tags: str) -> bool:
        """Tell whether ``If-None-Match`` names it."""
        return self.tag in tags


class NotKept(Exception):  # noqa: N818 - what happened is no error
    """Raised by what works an answer out: it has this body, and is not to be kept."""

    def __init__(self, body: bytes) -> None:
        super().__init__(f"{len(body)} bytes")
        self.body = body


class _Generation:
    """The number of the data, looked up once a second by one thread; others go on with the one before."""

    number: int | None = None
    due = 0.0
    looking = threading.Lock()

    def get(self) -> int | None:
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
            self.number = int(ended.timestamp() * 1000) if ended else 0
        except Error as error:
            pause = UNKNOWN_SECONDS
            connection.close()
            logger.warning("the generation of the data is unknown: %s", error)
        self.due = time.monotonic() + pause


_generation = _Generation()
_is_passed_by = ContextVar("is_passed_by", default=False)


def get_generation() -> int | None:
    """Return the number of the data as of a second ago; None if PostgreSQL was away ever since this process began."""
    return _generation.get()


def is_current(found: Answer) -> bool:
    """Tell whether an answer is of the data as of a second ago; False also when it is time to look again."""
    return time.monotonic() < _generation.due and found.generation == _generation.number is not None


def forget_generation() -> None:
    """Forget the generation; it is looked up at the next question."""
    _generation.number, _generation.due = None, 0.0


@contextmanager
def bypass_cache() -> Iterator[None]:
    """Work every answer out meanwhile, and keep none."""
    token = _is_passed_by.set(True)
    try:
        yield
    finally:
        _is_passed_by.reset(token)


def get_or_compute(key: str, seconds: int, compute: Callable[[], bytes]) -> Answer:
    """Return the answer that is kept under ``key``, or work it out and keep it for ``seconds``.

    While somebody works it out, others wait for that. Whatever is wrong with the cache, the answer comes; what
    ``compute`` raises is raised, and nothing is kept, with ``NotKept`` not even what it worked out.
    """
    number = get_generation()
    try:
        if number is None or _is_passed_by.get():
            return Answer.from_body(compute())
        place = _Place(cache.make_key(key, version=number), number)
        return place.wait() or place.work_out(seconds, compute)
    except NotKept as passing:
        return Answer.from_body(passing.body)


class _Place:
    """Where the answer of a key and generation is kept, as somebody sees it who asks for it."""

    def __init__(self, name: str, number: int) -> None:
        self.name, self.lock, self.number = name, f"{name}:lock", number
        self.own = secrets.token_hex(8)

    def wait(self) -> Answer | None:
        """Return the answer as soon as it is there; None to whoever is to work it out."""
        until = time.monotonic() + TURN_SECONDS
        pause, longest = LOOK_SECONDS
        while isinstance(found := self.look(), int):
            if found == FREE or time.monotonic() > until:
                return None
            time.sleep(pause)
            pause = min(pause * 2, longest)
        return self.read(found)

    def look(self) -> int | bytes:
        # Without Redis it is everyone's turn.
        otherwise: int | bytes = FREE
        return call_redis(lambda client: client.eval(LOOK, 2, self.name, self.lock, self.own, TURN_SECONDS), otherwise)

    def read(self, stored: bytes) -> Answer | None:
        checksum, body = stored[:CHECKSUM_BYTES], stored[CHECKSUM_BYTES:]
        found = Answer.from_body(body, self.number)
        # Somebody else may have written there.
        return found if found.checksum.encode() == checksum else None

    def work_out(self, seconds: int, compute: Callable[[], bytes]) -> Answer:
        try:
            found = Answer.from_body(compute(), self.number)
        except BaseException:
            call_redis(lambda client: client.eval(UNLOCK, 1, self.lock, self.own), None)
            raise
        stored = found.checksum.encode() + found.body
        call_redis(lambda client: client.eval(KEEP, 2, self.name, self.lock, self.own, stored, seconds), None)
        return found


def cache_json(key: str, seconds: int, compute: Callable[[], Any]) -> Any:
    """Return what ``compute`` returns, which must be of JSON's types, or what it returned before."""
    return orjson.loads(get_or_compute(f"page:{key}", seconds, lambda: orjson.dumps(compute())).body)
