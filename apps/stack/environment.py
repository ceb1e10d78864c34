"""The addresses of the embedded servers, as the variables that the settings read.

``manage.py stack up`` writes them to ``env`` in the stack's folder, one ``KEY=value`` a line, quoted for a shell.
The settings import this module, so it is light and needs the standard library only.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Container
from pathlib import Path

from apps.stack.errors import StackError

CHECKOUT = Path(__file__).resolve().parent.parent.parent


def folder() -> Path:
    """Return the folder of the servers' data, ``.stack`` beside manage.py unless ``LINERNOTES_STACK_DIR`` names one."""
    return Path(os.environ.get("LINERNOTES_STACK_DIR") or CHECKOUT / ".stack").resolve()


def log_folder() -> Path:
    """Return the folder of logs in that folder; it is made if need be."""
    # Others may pass through: the account that PostgreSQL runs as has its data and its log below.
    logs = folder() / "logs"
    for each in (logs.parent, logs):
        each.mkdir(mode=0o711, parents=True, exist_ok=True)
    return logs


def apply(*, unless: Container[str] = ()) -> None:
    """Set the variables of the embedded servers, if there are any; what the environment has already wins.

    So does what is given in another way, and named here.
    """
    for name, value in read().items():
        if name not in unless:
            os.environ.setdefault(name, value)


def read() -> dict[str, str]:
    """Return the variables that the last ``up`` wrote; none before the first one.

    Raises:
        StackError: the file cannot be read, or is not one that ``up`` wrote.
    """
    path = folder() / "env"
    try:
        return dict(assignment.split("=", 1) for assignment in shlex.split(path.read_text()))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is damaged"
        raise StackError(f"{path} cannot be read: {reason}. Move it away; manage.py stack up writes another") from error


def lines(variables: dict[str, str]) -> str:
    """Return variables as lines that a shell can source."""
    return "".join(f"{name}={shlex.quote(value)}\n" for name, value in variables.items())


def write(variables: dict[str, str]) -> None:
    """Replace the variables for the processes that start from now on."""
    replace_file(folder() / "env", lines(variables))


def replace_file(path: Path, text: str) -> None:
    """Write a file that only its owner can read, so that a reader or a power failure finds the old or the new text."""
    unfinished = path.with_name(f"{path.name}.tmp")
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
