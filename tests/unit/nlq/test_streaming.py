"""How events are sent."""

import asyncio
import socket

from apps.nlq import streaming


def test_events_come_one_by_one_over_asgi():
    async def collect():
        return [each async for each in streaming.iterate_async(iter([b"one", b"two"]))]

    assert asyncio.run(collect()) == [b"one", b"two"]


def test_an_event_is_two_lines():
    assert streaming.encode_event("status", {"step": "a\nb"}) == b'event: status\ndata: {"step":"a\\nb"}\n\n'


def test_a_client_that_closed_its_connection_is_gone():
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            assert streaming.is_connected({"gunicorn.socket": ours})
            theirs.send(b"the next request")
            assert streaming.is_connected({"gunicorn.socket": ours})
            ours.recv(100)
        assert not streaming.is_connected({"gunicorn.socket": ours})
    assert not streaming.is_connected({"gunicorn.socket": ours})
    assert streaming.is_connected({})
