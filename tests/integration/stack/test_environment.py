"""The file of addresses, read by the settings and by shells."""

import os
import stat
import subprocess
from pathlib import Path

import pytest

from apps.stack import environment
from apps.stack.errors import StackError


@pytest.fixture
def written(stack: Path) -> Path:
    stack.mkdir()
    environment.write({"CACHE_URL": "redis://:a b'c$d@127.0.0.1:1/2"})
    return stack / "env"


def test_the_environment_wins_over_the_file(written: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CACHE_URL", "redis://elsewhere")

    environment.apply()

    assert os.environ["CACHE_URL"] == "redis://elsewhere"


def test_the_file_fills_what_the_environment_lacks(written: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", {"LINERNOTES_STACK_DIR": str(written.parent)})

    environment.apply()

    assert os.environ["CACHE_URL"] == "redis://:a b'c$d@127.0.0.1:1/2"


def test_what_is_given_in_another_way_wins_over_the_file(written: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", {"LINERNOTES_STACK_DIR": str(written.parent)})

    environment.apply(unless={"CACHE_URL"})

    assert "CACHE_URL" not in os.environ


def test_a_shell_reads_the_same_values(written: Path) -> None:
    script = f'set -a; . "{written}"; printf %s "$CACHE_URL"'

    assert subprocess.check_output(["sh", "-c", script], text=True) == environment.read()["CACHE_URL"]


def test_nobody_else_reads_the_passwords(written: Path) -> None:
    assert stat.S_IMODE(written.stat().st_mode) == 0o600


def test_without_a_stack_nothing_is_set(stack: Path) -> None:
    assert environment.read() == {}


@pytest.mark.parametrize("text", ["CACHE_URL", "'unclosed", "\\"])
def test_a_damaged_file_is_named(written: Path, text: str) -> None:
    written.write_text(text)

    with pytest.raises(StackError, match=f"{written} cannot be read: it is damaged. Move it away"):
        environment.read()
