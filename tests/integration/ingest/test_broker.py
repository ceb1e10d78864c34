"""A broker that takes connections and never says a word: whoever asks it goes on."""

import socket

import pytest
from kombu.exceptions import OperationalError

from apps.dashboard import backlog
from apps.ingest import broker


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
        backlog.of_queues()
