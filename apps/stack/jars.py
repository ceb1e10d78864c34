"""The class path of Neo4j Community: its published jars, from the user's Maven cache or fetched into it.

The checksums are SHA-1, as in Maven's protocol. They find damage in transit.
"""

from __future__ import annotations

import hashlib
import os
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import requests
from jgo.maven import Artifact, MavenContext, PythonResolver
from jgo.parse import Coordinate
from jgo.util import http

from apps.stack import environment, outages
from apps.stack.errors import StackError
from apps.stack.server import Report, given_up

VERSION = "5.26.28"
ROOTS = [("org.neo4j", "neo4j"), ("org.neo4j.app", "neo4j-server")]
ATTEMPTS = 4
DOWNLOADS_AT_ONCE = 4


class WholeFiles(PythonResolver):
    """Writes files into the Maven cache atomically and with their checksum verified.

    jgo itself writes in place: a partial file that a killed process left would count as the file from then on.
    """

    def download(self, artifact: Artifact) -> Path:
        """Download one file from the first repository that has it."""
        path: Path = artifact.context.repo_cache / artifact.component.path_prefix / artifact.filename
        for repository in artifact.context.remote_repos.values():
            url = f"{repository}/{artifact.component.path_prefix.as_posix()}/{artifact.filename}"
            if (content := _fetch(url)) is not None:
                _keep(path, content, _fetch(f"{url}.sha1"))
                return path
        raise StackError(f"Neo4j needs {artifact.filename}, which no Maven repository has")


def class_path(stack: Path, report: Report) -> str:
    """Return the class path. It is resolved once for each version of Neo4j and then kept, since that takes seconds.

    Raises:
        StackError: A jar is missing and cannot be downloaded.
    """
    known = stack / f"neo4j-{VERSION}.classpath"
    jars = [Path(jar) for jar in known.read_text().split(os.pathsep)] if known.exists() else []
    if not jars or not all(jar.exists() for jar in jars):
        jars = _resolve(report)
        environment.replace_file(known, os.pathsep.join(map(str, jars)))
    return os.pathsep.join(map(str, jars))


def _resolve(report: Report) -> list[Path]:
    report(f"Neo4j: looking up the jars of {VERSION}; the first time fetches 130 MB and takes a minute or two")
    try:
        artifacts = _artifacts()
        with ThreadPoolExecutor(DOWNLOADS_AT_ONCE) as pool:
            return list(pool.map(lambda artifact: _jar(artifact, report), artifacts))
    except requests.RequestException as error:
        raise StackError(
            f"Neo4j's jars are not all here, and cannot be fetched: {outages.explain_request(error)}. They come"
            " once, from Maven Central; NEO4J_URL names a Neo4j of your own instead"
        ) from error


def _artifacts() -> list[Artifact]:
    context = MavenContext(resolver=WholeFiles(), timeout=60)
    coordinates = [Coordinate(group, name, VERSION, scope="compile") for group, name in ROOTS]
    dependencies = [context.create_dependency(coordinate) for coordinate in coordinates]
    inputs, transitive = context.resolver.resolve(dependencies)
    needed = [*inputs, *(dependency for dependency in transitive if dependency.scope in ("compile", "runtime"))]
    return [dependency.artifact for dependency in needed if dependency.artifact.packaging == "jar"]


def _jar(artifact: Artifact, report: Report) -> Path:
    path: Path = artifact.resolve()
    if not zipfile.is_zipfile(path):
        # An interrupted download of another program. The directory of a zip file is at its end, so half a jar has none.
        aside = path.with_name(f"{path.name}.broken-{time.strftime('%Y%m%dT%H%M%S')}")
        path.replace(aside)
        report(f"Neo4j: {path.name} in the Maven cache is not a jar: moved to {aside}")
        path = artifact.resolve()
    return path


def _fetch(url: str) -> bytes | None:
    for attempt in range(1, ATTEMPTS + 1):
        if given_up.is_set():
            raise StackError("Neo4j's jars were not waited for")
        try:
            response = http.get(url, timeout=60)
            if response.status_code == requests.codes.not_found:
                return None
            response.raise_for_status()
        except requests.RequestException:
            if attempt == ATTEMPTS:
                raise
            time.sleep(attempt)
        else:
            break
    return bytes(response.content)


def _keep(path: Path, content: bytes, checksum: bytes | None) -> None:
    if (
        checksum is not None
        and hashlib.sha1(content, usedforsecurity=False).hexdigest() != checksum.split()[0].decode()
    ):
        raise StackError(f"{path.name} arrived damaged: its checksum differs. Try again")
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    unfinished.write_bytes(content)
    unfinished.replace(path)
