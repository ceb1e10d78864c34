"""ASGI entry point of the live status alone: ``/ws``, ``/api/status/stream`` and ``/health/live``."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

# Imported only now: these modules need Django to be set up.
from apps.dashboard.live import relay  # noqa: E402

live = relay.Relay()
ALIVE = b'{"status": "healthy", "service": "live"}'


async def application(scope: relay.Scope, receive: relay.Receive, send: relay.Send) -> None:
    """Answer a connection."""
    if relay.is_relayed(scope):
        await live(scope, receive, send)
    elif scope["type"] == "http":
        is_health = scope["path"] == "/health/live"
        await send(relay.begin_response(200 if is_health else 404, "application/json"))
        await send({"type": "http.response.body", "body": ALIVE if is_health else b'{"detail": "Not Found"}'})
