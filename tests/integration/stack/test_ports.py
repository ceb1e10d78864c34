"""The port of the site, as ``make`` asks for it before it installs anything."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from apps.stack import ports

ROOT = Path(__file__).resolve().parents[3]


def ask(port: str) -> subprocess.CompletedProcess[str]:
    """Ask without any package, as it is before the installation."""
    command = [sys.executable, "-S", "-m", "apps.stack.ports", port]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_port_that_is_free() -> None:
    assert ask(str(ports.choose())).returncode == 0


def test_a_port_that_is_taken_names_another() -> None:
    with socket.create_server((ports.HOST, 0)) as server:
        port = server.getsockname()[1]
        found = ask(str(port))

    assert found.returncode == 1
    assert found.stderr.startswith(f"Port {port} is taken by another program. ")


@pytest.mark.parametrize("text", ["", "http", "0", "65536", "-1"])
def test_what_is_no_port(text: str) -> None:
    found = ask(text)

    assert found.returncode == 1
    assert found.stderr == f"PORT is {text!r}: give a port from 1 to 65535, such as 8000\n"
