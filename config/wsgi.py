"""WSGI entry point of the site."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

pages_and_api = get_wsgi_application()

# Imported only now: these modules need Django to be set up.
from apps.api import warming  # noqa: E402
from apps.api.middleware import Repeats  # noqa: E402

application = Repeats(pages_and_api)
warming.start()
