"""The demo: servers, schema, sample, site and worker, started one after the other and ended together."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from django.urls import reverse

from apps.stack import children, environment, ports, servers
from apps.stack.errors import StackError
from apps.stack.server import Report

ADMIN = "admin@localhost"

WELCOME = """
Linernotes is at   {site}
Log in at          {admin} as {login}

What to try next:
  see what was loaded, and how   the tables and runs in {admin}
  load the same dump again       make load-sample   (nothing changed, so nothing is written)
  load real dump files           .venv/bin/python manage.py extract discogs --from FOLDER
  query the stores yourself      .venv/bin/python manage.py stack env   (their addresses)
Output of the site and the worker: {logs}
Ctrl-C ends all of it; the data stay in {folder}.
"""


def run(*, port: int, serve: bool, report: Report) -> None:
    """Load the sample and serve it until Ctrl-C or SIGTERM, then end whatever was not running before.

    Everything that needs the stores runs as a process of its own: the settings of this one were read before there were
    servers.

    Raises:
        StackError: a step failed; the steps after it are not taken.
    """
    if serve and not ports.is_free(port):
        raise StackError(f"Port {port} is taken by another program: give another one by --port")
    with _terminated_as_interrupted(), _servers(report):
        load(report)
        if serve:
            _serve(port, admin_login(), report)


def load(report: Report) -> None:
    """Make the schemas and load the sample; both are quick when that was done before."""
    report("Schemas of PostgreSQL and Neo4j")
    children.manage("schema_init")
    report("The sample")
    children.manage("extract", "discogs", "--from", "sample", "--local")


def admin_login() -> str:
    """Make the user ``admin`` if there is none, and say how to log in.

    The password is kept in the stack's folder, so that the next demo can say it again. It is written before the user is
    made: a user whose password nobody knows would be of no use.
    """
    kept = environment.folder() / "admin-password"
    is_known = kept.exists()
    password = kept.read_text() if is_known else secrets.token_urlsafe(12)
    if not is_known:
        environment.replace_file(kept, password)
    if not _is_created(password) and not is_known:
        kept.unlink()
        return f"{ADMIN}, with the password that you gave it"
    return f"{ADMIN}, password {password}"


def _is_created(password: str) -> bool:
    command = [*children.MANAGE, "createsuperuser", "--noinput", "--email", ADMIN]
    variables = {**os.environ, "DJANGO_SUPERUSER_PASSWORD": password}
    # Fails when there is such a user already, from the last demo or made by hand.
    result = subprocess.run(command, env=variables, capture_output=True, check=False)  # noqa: S603
    return result.returncode == 0


def _serve(port: int, login: str, report: Report) -> None:
    with ExitStack() as stack:
        address = ["--host", ports.HOST, "--port", str(port)]
        site = stack.enter_context(children.running("site", "uvicorn", ["config.asgi:application", *address]))
        schedule = str(environment.folder() / "celerybeat-schedule")
        options = ["-A", "config", "worker", "--beat", "--schedule", schedule, "--concurrency", "2"]
        worker = stack.enter_context(children.running("worker", "celery", options))
        while site.is_running and not ports.answers(port):
            time.sleep(children.PAUSE_SECONDS)
        folder = environment.folder()
        home = f"http://{ports.HOST}:{port}"
        admin = f"{home}{reverse('admin:index')}"
        report(WELCOME.format(site=home, admin=admin, login=login, logs=folder / "logs", folder=folder))
        children.watch([site, worker])


@contextmanager
def _servers(report: Report) -> Iterator[None]:
    """Have the servers for the block, and afterwards stop those that did not run before."""
    before = {entry.title for entry in servers.status() if entry.state == "running"}
    try:
        os.environ.update(servers.up(report))
        yield
    finally:
        servers.down(report, keep=before)


@contextmanager
def _terminated_as_interrupted() -> Iterator[None]:
    """Make a SIGTERM what a Ctrl-C is, an exception that unwinds everything."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
