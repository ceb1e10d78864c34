"""Each patch of Celery and kombu is still needed: the fault that it mends is there without it.

When a test here fails after an update, delete the patch that its module's docstring describes.
"""

import inspect
from typing import Any

import pytest
from celery.worker import components
from celery.worker.consumer import Consumer
from kombu.transport import redis
from redis.exceptions import ConnectionError as LostConnectionError

from config.worker import reconnecting


class Message:
    """A message that notes what becomes of it."""

    def __init__(self):
        self.fate = []
        self.body, self.content_type, self.content_encoding, self.headers = b"x", "application/x", "binary", {}

    def ack(self):
        self.fate.append("acknowledged")

    def reject(self):
        self.fate.append("rejected")


def test_celery_acknowledges_what_it_cannot_read():
    message = Message()

    Consumer.on_decode_error(None, message, ValueError("no JSON"))

    assert message.fate == ["acknowledged"]


def test_celery_does_not_restart_beat():
    assert "is_alive" not in inspect.getsource(components)


def test_kombu_takes_a_lost_connection_for_a_fault_of_the_code():
    original: Any = reconnecting.Channel.__bases__[0]
    channel = original.__new__(original)
    channel.connection = None

    with pytest.raises(AttributeError):
        original._connparams(channel)


def test_our_channel_says_that_the_connection_is_lost():
    assert redis.Transport.Channel is reconnecting.Channel
    channel = reconnecting.Channel.__new__(reconnecting.Channel)
    channel.connection = None

    with pytest.raises(LostConnectionError):
        channel._connparams()
