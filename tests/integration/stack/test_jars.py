"""Jars come into the Maven cache whole or not at all, here from a repository on this host."""

import hashlib
import io
import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from jgo.maven import Artifact, MavenContext

from apps.stack import jars
from apps.stack.errors import StackError
from apps.stack.server import Report

PATH = "org/example/thing/1.0/thing-1.0.jar"


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *arguments: Any) -> None:
        pass


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    folder = tmp_path / "repository"
    folder.mkdir()
    handler = partial(QuietHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield folder, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def thing(repository: tuple[Path, str], tmp_path: Path) -> Artifact:
    context = MavenContext(
        resolver=jars.WholeFiles(), repo_cache=tmp_path / "cache", remote_repos={"here": repository[1]}
    )
    return context.project("org.example", "thing").at_version("1.0").artifact()


def publish(folder: Path, checksum: str | None = None) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("Thing.class", "…")
    path = folder / PATH
    path.parent.mkdir(parents=True)
    path.write_bytes(content.getvalue())
    path.with_name(f"{path.name}.sha1").write_text(checksum or hashlib.sha1(content.getvalue()).hexdigest())
    return content.getvalue()


def count_lookups(jar: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    lookups: list[str] = []

    def look_up(report: Report) -> list[Path]:
        lookups.append("looked up")
        return [jar]

    monkeypatch.setattr(jars, "_resolve", look_up)
    return lookups


def test_a_jar_is_fetched(repository: tuple[Path, str], thing: Artifact, tmp_path: Path) -> None:
    content = publish(repository[0])

    assert thing.resolve() == tmp_path / "cache" / PATH
    assert [path.read_bytes() for path in (tmp_path / "cache").rglob("*.*") if path.is_file()] == [content]


def test_a_damaged_jar_is_not_kept(repository: tuple[Path, str], thing: Artifact, tmp_path: Path) -> None:
    publish(repository[0], checksum="0" * 40)

    with pytest.raises(StackError, match=r"thing-1\.0\.jar arrived damaged"):
        thing.resolve()
    assert not (tmp_path / "cache").exists()


def test_a_jar_that_no_repository_has_is_named(repository: tuple[Path, str], thing: Artifact) -> None:
    with pytest.raises(StackError, match=r"needs thing-1\.0\.jar"):
        thing.resolve()


def test_the_class_path_is_looked_up_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    jar = tmp_path / "a.jar"
    jar.touch()
    lookups = count_lookups(jar, monkeypatch)

    paths = [jars.class_path(tmp_path, print) for _ in range(2)]

    assert (paths, len(lookups)) == ([str(jar)] * 2, 1)


def test_a_missing_jar_is_looked_up_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    jar = tmp_path / "a.jar"
    lookups = count_lookups(jar, monkeypatch)

    for _ in range(2):
        jars.class_path(tmp_path, print)

    assert len(lookups) == 2
