"""The addresses of the embedded servers, as the variables that the settings read.

``manage.py stack up`` writes them to ``env`` in the stack's folder, one ``KEY=value`` on each line, quoted for a shell.
The settings import this module, so it imports only the standard library.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Container
from pathlib import Path

from apps.stack.errors import StackError

CHECKOUT = Path(__file__).resolve().parent.parent.parent


def folder() -> Path:
    """Return the folder of the servers' data: ``LINERNOTES_STACK_DIR``, or ``.stack`` beside manage.py."""
    return Path(os.environ.get("LINERNOTES_STACK_DIR") or CHECKOUT / ".stack").resolve()


def log_folder() -> Path:
    """Return the folder of the servers' logs; create it if needed."""
    # Mode 711: the account that PostgreSQL runs as has to pass through, to its data and its log.
    logs = folder() / "logs"
    for each in (logs.parent, logs):
        each.mkdir(mode=0o711, parents=True, exist_ok=True)
    return logs


def apply(*, unless: Container[str] = ()) -> None:
    """Set the variables of the embedded servers, if there are any.

    A variable that is in the environment already is kept, and so are those in ``unless``, which are given in another
    way.
    """
    for name, value in read().items():
        if name not in unless:
            os.environ.setdefault(name, value)


def read() -> dict[str, str]:
    """Return the variables that the last ``up`` wrote; empty before the first one.

    Raises:
        StackError: The file cannot be read or parsed.
    """
    path = folder() / "env"
    try:
        return dict(assignment.split("=", 1) for assignment in shlex.split(path.read_text()))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is damaged"
        raise StackError(f"{path} cannot be read: {reason}. Move it away; manage.py stack up writes another") from error


def format_lines(variables: dict[str, str]) -> str:
    """Return variables as lines that a shell can source."""
    return "".join(f"{name}={shlex.quote(value)}\n" for name, value in variables.items())


def write(variables: dict[str, str]) -> None:
    """Replace the variables, for processes that start from now on."""
    replace_file(folder() / "env", format_lines(variables))


def replace_file(path: Path, text: str) -> None:
    """Replace a file atomically: even a power failure leaves the old or the new text. Only its owner can read it."""
    unfinished = path.with_name(f"{path.name}.tmp")
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    # Synced before the rename: otherwise a power failure could leave the new name with an empty file.
    unfinished.replace(path)
