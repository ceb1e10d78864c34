"""The demo: servers, schema, sample, site and worker, started one after the other and ended together."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from types import FrameType

from django.urls import reverse

from apps.stack import children, environment, ports, servers
from apps.stack.server import Report

ADMIN = "admin@localhost"
PAUSE_SECONDS = 0.3
# Ctrl-C, kill, and the terminal that is closed.
ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

WELCOME = """
Linernotes is at   {site}
Log in at          {admin} as {login}

What to try next:
  explore it                     the first page has names to begin with; its keys are under ?
  see what was loaded, and how   the tables and runs in {admin}
  load the same dump again       make load-sample   (nothing changed, so nothing is written)
  load real dump files           .venv/bin/python manage.py extract discogs --from FOLDER
  query the stores yourself      .venv/bin/python manage.py stack env   (their addresses)
Output of the site and the worker: {logs}
{ending}; the data stay in {folder}.
"""


def run(*, port: int, serve: bool, report: Report) -> None:
    """Load the sample and serve it until Ctrl-C or SIGTERM, then end whatever was not running before.

    Everything that needs the stores runs as a process of its own: the settings of this one were read before there were
    servers.

    Raises:
        StackError: a step failed; the steps after it are not taken.
    """
    if serve:
        ports.require_free(port)
    with _interruptible(), _servers(report) as kept:
        load(report)
        if serve:
            _serve(port, kept, report)


def load(report: Report) -> None:
    """Make the schemas and load the sample; both are quick when that was done before."""
    report("Making the schemas of PostgreSQL and Neo4j")
    children.manage("schema_init")
    report("Loading the sample")
    children.manage("load_sample")


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


def _serve(port: int, kept: set[str], report: Report) -> None:
    login = admin_login()
    with ExitStack() as stack:
        address = ["--host", ports.HOST, "--port", str(port)]
        site = stack.enter_context(children.running("site", "uvicorn", ["config.asgi:application", *address]))
        schedule = str(environment.folder() / "celerybeat-schedule")
        options = ["-A", "config", "worker", "--beat", "--schedule", schedule, "--concurrency", "2"]
        worker = stack.enter_context(children.running("worker", "celery", options, end_by=signal.SIGQUIT))
        report("Starting the site and a worker")
        while not ports.answers(port):
            site.require()
            time.sleep(PAUSE_SECONDS)
        home = f"http://{ports.HOST}:{port}"
        report(
            WELCOME.format(
                site=home,
                admin=f"{home}{reverse('admin:index')}",
                login=login,
                logs=environment.log_folder(),
                folder=environment.folder(),
                ending=_ending(kept),
            )
        )
        while True:
            site.require()
            worker.require()
            time.sleep(PAUSE_SECONDS)


def _ending(kept: set[str]) -> str:
    if not kept:
        return "Ctrl-C ends all of it"
    return f"Ctrl-C ends it, but for servers that ran before ({', '.join(sorted(kept))}; make down stops them)"


@contextmanager
def _servers(report: Report) -> Iterator[set[str]]:
    """Have the servers for the block, and afterwards stop those that did not run before; yield the titles of these."""
    before = {entry.title for entry in servers.status() if entry.state == "running"}
    try:
        os.environ.update(servers.up(report))
        yield before
    finally:
        _ignore_more_endings()
        servers.down(report, keep=before)


@contextmanager
def _interruptible() -> Iterator[None]:
    """Raise KeyboardInterrupt, which unwinds everything, at the first signal that ends us; later ones do nothing."""

    def interrupt(_: int, __: FrameType | None) -> None:
        _ignore_more_endings()
        raise KeyboardInterrupt

    before = {each: signal.signal(each, interrupt) for each in ENDINGS}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _ignore_more_endings() -> None:
    for each in ENDINGS:
        signal.signal(each, _say_that_it_ends)


def _say_that_it_ends(_: int, __: FrameType | None) -> None:
    # Not by print, which a signal may have interrupted; and the terminal may be gone.
    with suppress(OSError):
        os.write(2, b"Ending already; the servers take a few seconds\n")
