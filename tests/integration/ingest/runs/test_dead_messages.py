"""Messages that die in the broker become dead letters; on RabbitMQ, with a worker as an operator starts it."""

import os
import time
from pathlib import Path

import pytest
from celery import current_app
from django.conf import settings
from kombu import Connection, Message

from apps.ingest.feed import queues
from apps.ingest.models import DeadLetter
from apps.ingest.runs import dead_messages
from tasks.watchdog import collect_dead_letters
from tests.acceptance.workers import Worker
from tests.loading import add_chunks, start
from tests.records import artist

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("spooled")]
RABBITMQ_URL = os.environ.get("LINERNOTES_TEST_RABBITMQ_URL")
on_rabbitmq = pytest.mark.skipif(not RABBITMQ_URL, reason="LINERNOTES_TEST_RABBITMQ_URL names no RabbitMQ")
WAIT_SECONDS = 20
DIED = {"x-death": [{"queue": "celery_delayed_3", "reason": "expired"}, {"queue": "extractor", "reason": "rejected"}]}


def message(body=b"[[7], {}, {}]", **headers):
    return Message(body=body, headers={"task": "tasks.extractor.extract_chunk", "id": "m-1", **DIED, **headers})


# Reading one


def test_a_message_of_ours_says_what_it_is_about():
    found = dead_messages.read(message())

    assert (found.task, found.about, found.pk, found.queue) == ("extract_chunk", "chunk", 7, "extractor")
    assert found.error == "the broker gave the message up: rejected in extractor"


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"[[]]", b'[["7"]]', b"[[true]]", b"[[0]]", b"[[99999999999999999999]]", b"\xff\x00", "x"],
)
def test_a_body_that_is_none_of_ours_names_no_row(body):
    found = dead_messages.read(message(body))

    assert found.pk is None
    assert "\0" not in found.excerpt


@pytest.mark.parametrize("headers", [{"x-death": None}, {"x-death": "x"}, {"x-death": [1]}, {"x-death": [{}]}])
def test_a_message_without_the_brokers_notes_is_read(headers):
    assert dead_messages.read(message(**headers)).queue == ""


def test_two_unreadable_messages_are_told_apart():
    first, second = (dead_messages.read(Message(body=body, headers=None)) for body in (b"one", b"two"))

    assert first.id != second.id
    assert (first.task, first.about) == ("unreadable", "")


def test_on_valkey_there_is_nothing_to_collect():
    assert not queues.is_rabbitmq(settings.CELERY_BROKER_URL)

    assert collect_dead_letters.apply().get() is None
    assert not DeadLetter.objects.exists()


# On RabbitMQ


@pytest.fixture
def broker():
    """A connection to RabbitMQ, where the queues are and nothing waits in them."""
    with Connection(RABBITMQ_URL) as connection:
        for queue in (*queues.list_queues(RABBITMQ_URL), queues.dead_letters()):
            bound = queue.bind(connection.default_channel)
            bound.declare()
            bound.purge()
        yield connection


def refuse(broker, queue_name):
    """Take the next message of a queue and refuse it, as a worker does with a task that failed."""
    wait_for(find_declared(queue_name).bind(broker.default_channel).get).reject()


def find_declared(queue_name):
    return next(each for each in queues.list_queues(RABBITMQ_URL) if each.name == queue_name)


def wait_for(look):
    """Look until there is something: the broker moves messages in its own time."""
    for _ in range(WAIT_SECONDS * 10):
        if found := look():
            return found
        time.sleep(0.1)
    raise AssertionError("nothing came")


def wait_for_collected(broker):
    return wait_for(lambda: dead_messages.collect(broker))


@on_rabbitmq
def test_a_refused_message_becomes_a_dead_letter_once(broker):
    run = start("artists")
    (chunk,) = add_chunks(run, "artists", [artist(1)])
    current_app.send_task(
        "tasks.tableinator.load_table", args=[chunk.pk], connection=broker, queue=find_declared("tableinator")
    )
    refuse(broker, "tableinator")

    assert wait_for_collected(broker) == 1
    assert dead_messages.collect(broker) == 0
    letter = DeadLetter.objects.get()
    assert (letter.stage, letter.queue, letter.chunk, letter.run) == ("table", "tableinator", chunk, run)
    assert run.events.filter(kind="dead letter").count() == 1


@on_rabbitmq
def test_a_message_whose_row_could_not_be_written_stays(broker, monkeypatch):
    publish(broker, "maintenance", b"{", "application/json")
    refuse(broker, "maintenance")
    with monkeypatch.context() as patch:
        patch.setattr("apps.ingest.runs.dead_letters.record_message", lambda _: 1 / 0)
        with Connection(RABBITMQ_URL) as another, pytest.raises(ZeroDivisionError):
            wait_for_collected(another)

    assert wait_for_collected(broker) == 1


def publish(broker, queue_name, body, content_type, **headers):
    with broker.Producer() as producer:
        producer.publish(
            body,
            exchange="linernotes",
            routing_key=queue_name,
            content_type=content_type,
            content_encoding="utf-8",
            headers=headers,
        )


@on_rabbitmq
def test_a_message_that_expired_is_no_dead_letter(broker):
    queue = queues.list_queues(RABBITMQ_URL)[3]
    current_app.send_task("tasks.watchdog.watch", connection=broker, queue=queue, expires=0.1)
    dead = queues.dead_letters().bind(broker.default_channel)
    wait_for(lambda: dead.queue_declare(passive=True).message_count)

    assert dead_messages.collect(broker) == 0
    assert dead.get() is None
    assert not DeadLetter.objects.exists()


@on_rabbitmq
def test_what_a_worker_cannot_read_or_does_not_know_is_not_lost(broker, tmp_path):
    environment = {**os.environ, "CELERY_BROKER_URL": RABBITMQ_URL}
    worker = Worker(Path(tmp_path), environment, "-Q", "maintenance")
    publish(broker, "maintenance", b"{not json", "application/json")
    publish(broker, "maintenance", b"[[1], {}, {}]", "application/json", task="tasks.nowhere.nothing", id="m-9")
    worker.start()
    try:
        count = 0
        while count < 2:
            count += wait_for_collected(broker)
    finally:
        worker.stop()

    assert count == 2, worker.tail()
    assert sorted(DeadLetter.objects.values_list("stage", flat=True)) == ["nothing", "unreadable"]
