"""A context of Django's while Playwright's loop runs, in whose thread Django refuses the database."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager


@contextmanager
def elsewhere(blocker, context):
    """Enter and leave a context in a thread of its own."""
    from django.db import connections  # noqa: PLC0415 - as models, only when the servers run

    with blocker.unblock(), ThreadPoolExecutor(1) as thread:
        thread.submit(context.__enter__).result()
        try:
            yield
        finally:
            thread.submit(context.__exit__, None, None, None).result()
            thread.submit(connections.close_all).result()
