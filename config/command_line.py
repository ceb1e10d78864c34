"""Run a management command. An error that the user can fix is shown as one line, not as a traceback."""

from __future__ import annotations

import os
import select
import signal
import sys
from collections.abc import Sequence

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from apps.http.errors import SiteError
from apps.ingest.discogs.rules import RulesError
from apps.ingest.errors import IngestError
from apps.stack import outages
from apps.stack.errors import StackError

FAILED = 1
INTERRUPTED = 130
# The exit status that a shell gives a program killed by SIGPIPE.
PIPE_CLOSED = 128 + 13


def run(arguments: Sequence[str]) -> int:
    """Run a command and return its exit status. ``--traceback`` shows the traceback of an error."""
    try:
        # A shell starts background jobs with SIGINT ignored; that is respected.
        if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            execute_from_command_line([*arguments])
        finally:
            sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        if not is_stdout_closed():
            raise
        # Python flushes stdout when it exits, and would print an error about the closed pipe.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except Exception as error:
        text = explain(error)
        if text is None or "--traceback" in arguments:
            raise
        sys.stderr.write(f"CommandError: {text}\n")
        return FAILED
    return 0


def explain(error: Exception) -> str | None:
    """Return a text that says what to do about an error; None if the error is a bug."""
    if isinstance(error, ImproperlyConfigured | StackError | SiteError | IngestError | RulesError):
        return str(error)
    return outages.explain(error)


def is_stdout_closed() -> bool:
    """Tell whether the program that reads our output has ended, as ``head`` does after its lines."""
    poll = select.poll()
    poll.register(sys.stdout, 0)
    return any(event & select.POLLERR for _, event in poll.poll(0))
