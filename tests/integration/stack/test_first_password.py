"""Neo4j takes the first password of docker-compose.yml out of a file, with the shell of that file and its program."""

import hashlib
import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from apps.stack.neo4j import Neo4j
from tests import deployment

# What the image's script does with NEO4J_AUTH: what follows the slash, which it may not contain, is the argument.
SCRIPT = """\
#!/bin/bash -eu
[[ $1 == neo4j && $NEO4J_AUTH =~ ^neo4j/([^/]+)$ ]]
{command} "${{BASH_REMATCH[1]}}"
echo "${{BASH_REMATCH[1]}}" >argument
"""


@pytest.mark.parametrize("password", ["k3H9vQ2mX7tLw8Zr", "with blanks, #hash and 'quote'"])
@pytest.mark.usefixtures("stack")
def test_the_password_of_the_secret_is_set_and_is_no_argument(tmp_path: Path, stack: Path, password: str) -> None:
    stack.mkdir()
    home, secret, script = tmp_path / "home", tmp_path / "neo4j_password", tmp_path / "script"
    for folder in ("conf", "data"):
        (home / folder).mkdir(parents=True)
    (home / "conf" / "neo4j.conf").touch()
    secret.write_text(f"{password}\n")
    command = Neo4j(stack)._java(home, "org.neo4j.cli.AdminTool", "dbms", "set-initial-password")
    script.write_text(SCRIPT.format(command=shlex.join(command)))
    script.chmod(0o700)
    *shell, text = deployment.compose()["services"]["neo4j"]["entrypoint"]
    for there, here in {
        "/run/secrets/neo4j_password": secret,
        "/var/lib/neo4j": home,
        "/startup/docker-entrypoint.sh": script,
    }.items():
        assert there in text
        text = text.replace(there, str(here))

    variables = {**os.environ, "NEO4J_HOME": str(home), "NEO4J_CONF": str(home / "conf")}
    done = subprocess.run([*shell, text], env=variables, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert is_password(password, (home / "data" / "dbms" / "auth.ini").read_text())
    assert password not in (home / "argument").read_text()
    assert (home / "first-password").stat().st_mode & 0o077 == 0


def is_password(password: str, line: str) -> bool:
    """Tell whether a line of Neo4j's auth.ini is that of a password: SHA-256 with salt, so many times."""
    found = re.fullmatch(r"neo4j:SHA-256,(\w+),(\w+),(\d+):\s*", line)
    assert found, line
    expected, salt, times = found.groups()
    digest = bytes.fromhex(salt) + password.encode()
    for _ in range(int(times)):
        digest = hashlib.sha256(digest).digest()
    return digest.hex() == expected
