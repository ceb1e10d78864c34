"""How much waits in each queue, asked of each kind of broker."""

import os

import pytest
from kombu import Connection, Queue

from apps.dashboard import backlog, health
from apps.ingest.feed import queues


@pytest.fixture(params=["valkey", "rabbitmq"])
def broker(request, settings):
    """A connection to each kind of broker, which ours then uses too, with three messages in a queue of its own."""
    if request.param == "rabbitmq":
        url = os.environ.get("LINERNOTES_TEST_RABBITMQ_URL")
        if not url:
            pytest.skip("LINERNOTES_TEST_RABBITMQ_URL names no RabbitMQ")
        settings.CELERY_BROKER_URL = url
    declared = [Queue("backlog-full", durable=True), Queue("backlog-missing")]
    settings.CELERY_TASK_QUEUES = declared
    with Connection(settings.CELERY_BROKER_URL) as connection, connection.channel() as channel:
        full = declared[0].bind(channel)
        full.declare()
        full.purge()
        producer = connection.Producer(channel=channel)
        for number in range(3):
            producer.publish({"n": number}, routing_key="backlog-full")
        yield connection
        full.delete()


@pytest.mark.usefixtures("broker")
def test_waiting_messages_are_counted_and_a_queue_that_is_not_there_is_empty(settings):
    found = backlog.measure_queues()
    # RabbitMQ may tell of a message a moment after it came.
    for _ in range(20):
        if found["backlog-full"].ready == 3:
            break
        found = backlog.measure_queues()

    consumers = 0 if queues.is_rabbitmq(settings.CELERY_BROKER_URL) else None
    assert found == {"backlog-full": backlog.Backlog(3, consumers), "backlog-missing": backlog.Backlog(0, consumers)}


@pytest.mark.usefixtures("broker")
def test_the_version_of_the_broker_is_told(settings):
    name = "RabbitMQ" if queues.is_rabbitmq(settings.CELERY_BROKER_URL) else "valkey"

    assert health.ask_broker().startswith(f"{name} ")
