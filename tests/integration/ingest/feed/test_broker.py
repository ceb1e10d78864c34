"""What becomes of messages that a broker does not take, and of whoever asks one that never says a word."""

import os
import socket
import uuid

import pytest
from kombu import Exchange, Queue
from kombu.exceptions import OperationalError

from apps.dashboard import backlog
from apps.ingest.feed import broker


@pytest.fixture(params=["redis://127.0.0.1:{}/0", "amqp://guest:guest@127.0.0.1:{}//"])
def silent(request, settings):
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.CELERY_BROKER_URL = request.param.format(server.getsockname()[1])
        yield


@pytest.mark.usefixtures("silent")
def test_a_connection_gives_up(monkeypatch):
    with pytest.raises((OperationalError, OSError)), broker.connect(0.3):
        pass


@pytest.mark.usefixtures("silent")
def test_so_does_the_question_how_much_waits(monkeypatch):
    monkeypatch.setattr(backlog, "TIMEOUT_SECONDS", 0.3)

    with pytest.raises((OperationalError, OSError)):
        backlog.measure_queues()


# What RabbitMQ confirms


@pytest.fixture
def rabbitmq(settings):
    """A connection to RabbitMQ."""
    url = os.environ.get("LINERNOTES_TEST_RABBITMQ_URL")
    if not url:
        pytest.skip("LINERNOTES_TEST_RABBITMQ_URL names no RabbitMQ")
    settings.CELERY_BROKER_URL = url
    with broker.connect(20) as connection:
        yield connection


def bind_queue(connection, **arguments):
    """Return an exchange with one queue, and that queue; both go with the connection."""
    name = f"broker-{uuid.uuid4()}"
    exchange = Exchange(name, type="fanout", durable=False, auto_delete=True)
    queue = Queue(name, exchange, exclusive=True, durable=False, queue_arguments=arguments)(connection.channel())
    queue.declare()
    return exchange, queue


def send_three(publisher, exchange):
    with publisher.batch():
        for _ in range(3):
            publisher.send(exchange, b"{}")


def test_everything_is_confirmed_when_a_batch_has_ended(rabbitmq, monkeypatch):
    monkeypatch.setattr(broker, "WINDOW", 3)
    exchange, queue = bind_queue(rabbitmq)
    publisher = broker.Publisher(rabbitmq, 20)

    for _ in range(2):
        with publisher.batch():
            for number in range(10):
                publisher.send(exchange, str(number).encode())
                assert len(publisher.unconfirmed) < 3
        assert publisher.unconfirmed == set()

    assert [queue.get(no_ack=True).payload for _ in range(20)] == [*range(10), *range(10)]


def test_a_message_that_is_refused_is_an_error(rabbitmq):
    exchange, _ = bind_queue(rabbitmq, **{"x-max-length": 1, "x-overflow": "reject-publish"})
    publisher = broker.Publisher(rabbitmq, 20)

    with pytest.raises(broker.RefusedError):
        send_three(publisher, exchange)


def test_a_confirmation_that_does_not_come_is_an_error(rabbitmq):
    publisher = broker.Publisher(rabbitmq, 0.2)
    publisher.unconfirmed.add(1)

    with pytest.raises(TimeoutError):
        publisher.settle()


def test_confirmations_may_be_of_many_and_in_any_order(rabbitmq):
    publisher = broker.Publisher(rabbitmq, 0.2)
    publisher.unconfirmed = {1, 2, 3, 4, 5}

    publisher.confirm(4, False)
    assert publisher.unconfirmed == {1, 2, 3, 5}
    publisher.confirm(3, True)
    assert publisher.unconfirmed == {5}
