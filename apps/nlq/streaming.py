"""An answer as Server-Sent Events, over WSGI and ASGI."""

from __future__ import annotations

import logging
import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

import orjson
from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, StreamingHttpResponse

from apps.api.events import respond, write_event
from apps.api.responses import NOT_READY
from apps.graph.reading import GraphAway
from apps.nlq.answering import Question, answer_question
from apps.nlq.providers import ModelError

logger = logging.getLogger(__name__)


def stream_events(request: HttpRequest, question: Question) -> StreamingHttpResponse:
    """Return the response that answers a question event by event. When its client leaves, the work ends."""
    events = iterate_events(question, request.META)
    # Django collects all that a plain iterator yields before it sends any of it over ASGI.
    return respond(iterate_async(events) if isinstance(request, ASGIRequest) else events)


def iterate_events(question: Question, variables: Mapping[str, Any]) -> Iterator[bytes]:
    """Yield the events as they are sent; what fails becomes the event ``error``."""
    try:
        for name, data in answer_question(question, lambda: is_connected(variables)):
            yield encode_event(name, data)
    except ModelError as error:
        yield encode_event("error", {"error": str(error)})
    except (GraphAway, OperationalError, InterfaceError) as error:
        logger.warning("a store is away: %s", error)
        yield encode_event("error", {"error": NOT_READY})
    except Exception:
        # The status is sent already: nobody else could tell the client.
        logger.exception("a question could not be answered")
        yield encode_event("error", {"error": "Something went wrong here"})


def encode_event(name: str, data: Mapping[str, Any]) -> bytes:
    """Return an event as it is sent."""
    return write_event(name, orjson.dumps(data))


async def iterate_async(events: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Yield what a plain iterator yields, each as soon as it is there."""
    following = sync_to_async(lambda: next(events, None))
    while (event := await following()) is not None:
        yield event


def is_connected(variables: Mapping[str, Any]) -> bool:
    """Tell whether a client is still there. Servers other than gunicorn find out only when they write to it."""
    connection = variables.get("gunicorn.socket")
    if type(connection) is not socket.socket:
        return True
    try:
        return connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False
