"""ASGI entry point of the site."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_asgi_application()

# Imported only now: these modules need Django to be set up.
from apps.api import warming  # noqa: E402

warming.start()
