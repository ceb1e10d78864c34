"""The demo: servers, schema, sample, site and worker are started one after another and ended together."""

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
# A client of the live status that takes nothing is dropped, and an open one does not hold up the end.
LIVE = ["--ws-ping-interval=5", "--ws-ping-timeout=5", "--timeout-graceful-shutdown=2"]
# The signals of Ctrl-C, of kill, and of a terminal that is closed.
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
    """Load the sample and serve it until Ctrl-C or SIGTERM, then stop everything that did not run before.

    Everything that needs the stores runs in a process of its own, because this process read its settings before the
    servers had addresses.

    Raises:
        StackError: A step failed; the later steps are not taken.
    """
    if serve:
        ports.require_free(port)
    with _catch_signals(), _run_servers(report) as kept:
        load(report)
        if serve:
            _serve(port, kept, report)


def load(report: Report) -> None:
    """Create the schemas and load the sample. Both are quick if they were done before."""
    report("Making the schemas of PostgreSQL and Neo4j")
    children.manage("schema_init")
    report("Loading the sample")
    children.manage("load_sample")


def admin_login() -> str:
    """Create the admin user if there is none; return a text that says how to log in.

    The password is kept in the stack's folder, so that the next demo can show it again. It is written before the user
    is created: a crash in between must not leave a user with an unknown password.
    """
    kept = environment.folder() / "admin-password"
    is_known = kept.exists()
    password = kept.read_text() if is_known else secrets.token_urlsafe(12)
    if not is_known:
        environment.replace_file(kept, password)
    if not _create_admin(password) and not is_known:
        kept.unlink()
        return f"{ADMIN}, with the password that you gave it"
    return f"{ADMIN}, password {password}"


def _create_admin(password: str) -> bool:
    command = [*children.MANAGE, "createsuperuser", "--noinput", "--email", ADMIN]
    variables = {**os.environ, "DJANGO_SUPERUSER_PASSWORD": password}
    # The command fails if the user exists already, from an earlier demo or created by hand.
    result = subprocess.run(command, env=variables, capture_output=True, check=False)  # noqa: S603
    return result.returncode == 0


def _serve(port: int, kept: set[str], report: Report) -> None:
    login = admin_login()
    with ExitStack() as stack:
        arguments = ["config.asgi:application", "--host", ports.HOST, "--port", str(port), *LIVE]
        site = stack.enter_context(children.run_in_background("site", "uvicorn", arguments))
        collector = stack.enter_context(children.run_in_background("status collector", "manage", ["status_collector"]))
        schedule = str(environment.folder() / "celerybeat-schedule")
        options = ["-A", "config", "worker", "--beat", "--schedule", schedule, "--concurrency", "2"]
        worker = stack.enter_context(children.run_in_background("worker", "celery", options, end_by=signal.SIGQUIT))
        report("Starting the site and a worker")
        while not ports.is_answering(port):
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
                ending=_describe_ending(kept),
            )
        )
        while True:
            site.require()
            worker.require()
            collector.require()
            time.sleep(PAUSE_SECONDS)


def _describe_ending(kept: set[str]) -> str:
    if not kept:
        return "Ctrl-C ends all of it"
    return f"Ctrl-C ends it, but for servers that ran before ({', '.join(sorted(kept))}; make down stops them)"


@contextmanager
def _run_servers(report: Report) -> Iterator[set[str]]:
    """Run the servers during the block, then stop those that did not run before; yield the titles that did."""
    before = {entry.title for entry in servers.status() if entry.state == "running"}
    try:
        os.environ.update(servers.up(report))
        yield before
    finally:
        _ignore_more_endings()
        servers.down(report, keep=before)


@contextmanager
def _catch_signals() -> Iterator[None]:
    """Raise KeyboardInterrupt at the first signal that ends the process, to unwind everything; ignore later ones."""

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
    # Not print(), which the signal may have interrupted. The terminal may be gone, hence the suppressed error.
    with suppress(OSError):
        os.write(2, b"Ending already; the servers take a few seconds\n")
