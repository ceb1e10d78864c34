"""Answers that are kept: the bytes that are sent, in Redis, under the keys of the API's contract.

What was asked for a moment ago is kept in the process as well, which saves the way to Redis.

The version of a key is the generation of the data, which every run that ends makes a new one. So a load invalidates
all answers at once and deletes nothing; what it leaves behind expires.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.core.cache import cache
from django.db import Error, connection
from django.db.models import Max

from apps.api import store
from apps.ingest.models import Run

logger = logging.getLogger(__name__)

DAY = 24 * 3600
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

# Of what a process keeps: how many answers, of how many bytes at most, and for how many seconds. 16 MB at the most.
NEAR_ANSWERS = 1024
NEAR_BYTES = 16 * 1024
NEAR_SECONDS = 30.0

# KEYS[1]: the lock; ARGV[1]: whose it must be. A lock that expired may be another's by now.
UNLOCK = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"


@dataclass(frozen=True, slots=True)
class Answer:
    """The body of an answer, and what it is known by."""

    body: bytes
    checksum: str

    @classmethod
    def of(cls, body: bytes) -> Answer:
        """Make the answer of a body."""
        return cls(body, hashlib.blake2b(body, digest_size=CHECKSUM_BYTES // 2).hexdigest())


class _Near:
    """The answers of the last moments. A place names the generation, so that none of them outlives it."""

    def __init__(self) -> None:
        self.entries: dict[str, tuple[float, Answer]] = {}
        self.changing = threading.Lock()

    def get(self, place: str) -> Answer | None:
        until, found = self.entries.get(place, (0.0, None))
        return found if until > time.monotonic() else None

    def keep(self, place: str, found: Answer, seconds: float) -> None:
        if len(found.body) > NEAR_BYTES:
            return
        with self.changing:
            self.entries.pop(place, None)
            while len(self.entries) >= NEAR_ANSWERS:
                del self.entries[next(iter(self.entries))]
            self.entries[place] = (time.monotonic() + min(seconds, NEAR_SECONDS), found)


near = _Near()


class _Generation:
    """The number of the data, looked up once a second by one thread; others go on with the one before."""

    number: int | None = None
    due = 0.0
    looking = threading.Lock()

    def current(self) -> int | None:
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


def generation() -> int | None:
    """Return the number of the data as of a second ago; None if PostgreSQL was away ever since this process began."""
    return _generation.current()


def forget() -> None:
    """Forget what this process knows: the generation, which is looked up at the next question, and its answers."""
    _generation.number, _generation.due = None, 0.0
    near.entries.clear()


def answer(key: str, seconds: int, compute: Callable[[], bytes]) -> Answer:
    """Return the answer that is kept under ``key``, or work it out and keep it for ``seconds``.

    While somebody works it out, others wait for that. Whatever is wrong with the cache, the answer comes; what
    ``compute`` raises is raised, and nothing is kept.
    """
    number = generation()
    if number is None:
        return Answer.of(compute())
    place = cache.make_key(key, version=number)
    found = near.get(place)
    if found is None:
        found = _read(place) or _work_out(place, seconds, compute)
        near.keep(place, found, seconds)
    return found


def _work_out(place: str, seconds: int, compute: Callable[[], bytes]) -> Answer:
    with _turn(place) as theirs:
        if theirs is not None:
            return theirs
        own = Answer.of(compute())
        _keep(place, own, seconds)
        return own


def _read(place: str) -> Answer | None:
    stored: bytes | None = store.attempt(lambda client: client.get(place), None)
    if stored is None:
        return None
    checksum, body = stored[:CHECKSUM_BYTES], stored[CHECKSUM_BYTES:]
    found = Answer.of(body)
    # Somebody else may have written there.
    return found if found.checksum.encode() == checksum else None


def _keep(place: str, found: Answer, seconds: int) -> None:
    stored = found.checksum.encode() + found.body
    store.attempt(lambda client: client.set(place, stored, ex=seconds), None)


@contextmanager
def _turn(place: str) -> Iterator[Answer | None]:
    """Yield None to whoever is to work an answer out, and to the others the answer, or None if it does not come."""
    lock, own = f"{place}:lock", secrets.token_hex(8)
    until = time.monotonic() + TURN_SECONDS
    pause, longest = LOOK_SECONDS
    # Without Redis it is everyone's turn.
    while not (mine := store.attempt(lambda client: client.set(lock, own, nx=True, ex=TURN_SECONDS), True)):  # noqa: FBT003
        time.sleep(pause)
        pause = min(pause * 2, longest)
        found = _read(place)
        if found is not None:
            yield found
            return
        if time.monotonic() > until:
            break
    try:
        # It may have come between the look and the lock.
        yield _read(place) if mine else None
    finally:
        if mine:
            store.attempt(lambda client: client.eval(UNLOCK, 1, lock, own), None)
