"""Answers that are kept: for how long, under which key, by whom they are worked out, and when they are of no use."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.cache import cache
from django.db import connections
from django.db.models.functions import Now
from django_redis import get_redis_connection

from apps.api import caching
from tests.loading import start

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _empty_cache():
    cache.clear()
    caching.forget_generation()
    yield
    caching.forget_generation()


def ended_run():
    run = start("artists")
    type(run).objects.filter(pk=run.pk).update(completed_at=Now(), state="completed")


def place(key):
    return cache.make_key(key, version=caching.get_generation())


class Work:
    """Something to work out, that says how often it was."""

    def __init__(self, seconds=0.0):
        self.times = 0
        self.seconds = seconds

    def __call__(self):
        self.times += 1
        time.sleep(self.seconds)
        return b'{"times": %d}' % self.times


def test_an_answer_is_worked_out_once_and_kept_for_its_time():
    work = Work()

    bodies = [caching.get_or_compute("explore-artist:Jonas Ek", 3600, work).body for _ in range(3)]

    assert bodies == [b'{"times": 1}'] * 3
    assert 3590 < get_redis_connection().ttl(place("explore-artist:Jonas Ek")) <= 3600


def test_a_run_that_ends_makes_all_answers_old_and_deletes_none():
    work = Work()
    caching.get_or_compute("key", 60, work)
    ended_run()
    caching.forget_generation()

    assert caching.get_or_compute("key", 60, work).body == b'{"times": 2}'
    assert len(get_redis_connection().keys("*key*")) == 2


def test_the_generation_is_looked_up_once_a_second(django_assert_num_queries):
    caching.get_generation()

    with django_assert_num_queries(0):
        caching.get_generation()


@pytest.mark.parametrize("stored", [b"", b"x", b"{}", b"0" * 16 + b'{"times": 9}'])
def test_what_somebody_else_wrote_there_is_no_answer(stored):
    get_redis_connection().set(place("key"), stored)

    assert caching.get_or_compute("key", 60, Work()).body == b'{"times": 1}'
    caching.forget_generation()
    assert caching.get_or_compute("key", 60, Work(9)).body == b'{"times": 1}'


def test_an_answer_is_of_now_until_the_data_are_others_or_nobody_knows():
    found = caching.get_or_compute("key", 60, Work())
    assert caching.is_current(found)
    assert not caching.is_current(caching.Answer.from_body(found.body))

    caching._generation.due = 0.0
    assert not caching.is_current(found)
    ended_run()
    caching.get_generation()
    assert not caching.is_current(found)


def test_another_kind_of_entry_there_is_no_answer():
    get_redis_connection().rpush(place("key"), "a", "list")

    assert caching.get_or_compute("key", 60, Work()).body == b'{"times": 1}'


def test_of_many_who_ask_at_once_one_works_it_out():
    work = Work(0.2)

    def ask(_):
        try:
            return caching.get_or_compute("key", 60, work).body
        finally:
            connections.close_all()

    caching.get_generation()
    with ThreadPoolExecutor(10) as many:
        bodies = set(many.map(ask, range(10)))

    assert bodies == {b'{"times": 1}'}


def test_an_error_is_not_kept_and_the_next_one_tries_at_once():
    def fail():
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        caching.get_or_compute("key", 60, fail)

    began = time.monotonic()
    assert caching.get_or_compute("key", 60, Work()).body == b'{"times": 1}'
    assert time.monotonic() - began < 1


def test_nobody_waits_for_ever_for_somebody_who_died(monkeypatch):
    monkeypatch.setattr(caching, "TURN_SECONDS", 1)
    get_redis_connection().set(f"{place('key')}:lock", "of the dead", ex=60)

    began = time.monotonic()
    assert caching.get_or_compute("key", 60, Work()).body == b'{"times": 1}'
    assert 0.9 < time.monotonic() - began < 2


def test_a_lock_that_has_become_anothers_is_left_alone():
    lock = f"{place('key')}:lock"

    def slow():
        get_redis_connection().set(lock, "of another", ex=60)
        return b"{}"

    caching.get_or_compute("key", 60, slow)

    assert get_redis_connection().get(lock) == b"of another"


def test_one_thread_looks_at_the_generation_and_others_go_on(monkeypatch):
    caching.get_generation()
    began, go_on = threading.Event(), threading.Event()

    def look(self):
        began.set()
        go_on.wait(5)

    monkeypatch.setattr(caching._Generation, "look", look)
    caching._generation.due = 0.0
    looking = threading.Thread(target=caching.get_generation)
    looking.start()
    began.wait(5)

    assert caching.get_generation() == 0
    go_on.set()
    looking.join()
