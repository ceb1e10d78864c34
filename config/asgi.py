"""ASGI entry point of the site, with the live status: for one process that serves everything, as in the demo."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

pages_and_api = get_asgi_application()

# Imported only now: these modules need Django to be set up.
from apps.api import warming  # noqa: E402
from apps.dashboard.live import relay  # noqa: E402

live = relay.Relay()


async def application(scope: relay.Scope, receive: relay.Receive, send: relay.Send) -> None:
    """Answer a connection by the relay or by Django."""
    if relay.is_relayed(scope):
        await live(scope, receive, send)
    else:
        await pages_and_api(scope, receive, send)  # type: ignore[arg-type]


warming.start()
