"""Take the files of a bulk load into the graph by ``neo4j-admin database import``, which works while Neo4j is stopped.

The embedded Neo4j is stopped and started here. For another server the run says what to do there, and waits.
"""

from __future__ import annotations

import fcntl
import re
import subprocess
from collections.abc import Collection
from pathlib import Path
from typing import NoReturn

from django.conf import settings
from django.db.models import Sum
from neo4j.exceptions import DriverError

from apps.catalog import loader
from apps.catalog.models import TABLES
from apps.graph import schema, session
from apps.graph.bulk.grouping import read_shared
from apps.graph.bulk.parts import GROUPS, igzip
from apps.graph.cypher import bulk as cypher
from apps.graph.rows import batches
from apps.ingest import ledger
from apps.ingest.chunks import spool
from apps.ingest.errors import RunError, WaitError
from apps.ingest.models import Chunk, Run, Source
from apps.stack import children, environment

# One argument on each line; the paths are relative to the file's folder. The import treats unquoted empty fields as
# absent and quoted ones as empty texts.
OPTIONS = ("--verbose", "--array-delimiter=U+001F", "--multiline-fields=true", "--multiline-fields-format=v1")
NO_FOLDER = "A bulk load needs a spool that is a folder of this host (SPOOL_URL): load with --graph bolt"
# The kind of the event that says what is to be run on a server of one's own.
REQUEST = "waits for import"
# A task waits so long for an import. RabbitMQ takes a message back that is not acknowledged for 30 minutes.
WAIT_SECONDS = 600
LONG_FILE = re.compile(r"-long([0-9]+)\.csv\.gz$")


def can_import(source: str, types: Collection[str], stores: Collection[str]) -> bool:
    """Tell whether a run can load the graph in bulk without help: the server is the embedded one, and it is there."""
    if not is_embedded():
        return False
    try:
        require_empty(source, types, stores)
    except (RunError, DriverError):
        return False
    return True


def require_empty(source: str, types: Collection[str], stores: Collection[str]) -> None:
    """Check that a run can load the graph in bulk.

    Raises:
        RunError: It cannot: it does not load everything, or there is something in the stores, or files cannot be read.
    """
    if source != Source.DISCOGS or set(types) != set(TABLES) or set(stores) != {"tables", "graph"}:
        raise RunError("A bulk load is one of all types of Discogs into both stores: load with --graph bolt")
    if not all(map(loader.is_empty, TABLES)) or count() != (0, 0):
        raise RunError("A bulk load needs empty tables and an empty graph: load with --graph bolt")
    if spool.local_folder("") is None:
        raise RunError(NO_FOLDER)


def import_graph(run: Run) -> None:
    """Take a run's files into the graph, unless that is done, and create the constraints. A repeat changes nothing.

    Raises:
        RunError: After the import the graph has other numbers of nodes and relationships than the files: it failed, and
            the database is as before.
        WaitError: The import goes on, or the server is not the embedded one and it has not been run there yet.
    """
    write_arguments(run)
    if not is_imported(run):
        said = run_import(run)
        if not is_imported(run):
            raise RunError(f"the graph does not have the nodes and relationships of {get_folder(run)}: {said}")
    with session.session() as opened:
        schema.create_constraints(opened)
        blank = (name for content in read_shared(run, "blank_formats") for name in content.decode().split())
        for rows in batches(blank):
            session.write(opened, session.run_rows, cypher.SET_BLANK_FORMATS, rows)


def is_embedded() -> bool:
    """Tell whether the graph is that of the embedded server."""
    return environment.read().get("NEO4J_URL") == settings.NEO4J_URL


def get_folder(run: Run) -> Path:
    """Return the folder of a run's files.

    Raises:
        RunError: The spool is not a folder of this host.
    """
    folder = spool.local_folder(f"{run.pk}/import")
    if folder is None:
        raise RunError(NO_FOLDER)
    return folder


def write_arguments(run: Run) -> None:
    """Write the headers of the files and the file ``arguments`` for ``neo4j-admin``."""
    folder = get_folder(run)
    arguments, long = list(OPTIONS), list[int]()
    for name, group in GROUPS.items():
        files = spool.find(f"{run.pk}/import/{name}")
        if not any("-" in file.rpartition("/")[2] for file in files):
            continue
        spool.write(f"{run.pk}/import/{name}/header.csv.gz", igzip.compress(f"{group.header}\n".encode()))
        arguments.append(f"--{group.option}={group.name}={name}/header.csv.gz,{name}/.*-.*gz")
        long += (int(size) for file in files for size in LONG_FILE.findall(file))
    if long:
        arguments.insert(0, f"--read-buffer-size={max(long)}m")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "arguments").write_text("\n".join([*arguments, ""]))


def is_imported(run: Run) -> bool:
    """Tell whether the graph has as many nodes and relationships as the run's files."""
    written = Chunk.objects.filter(file__run=run).aggregate(
        nodes=Sum("nodes_written", default=0), relationships=Sum("relationships_written", default=0)
    )
    wanted = (written["nodes"] + run.nodes_written, written["relationships"] + run.relationships_written)
    try:
        return count() == wanted
    except DriverError:
        if not is_embedded():
            raise
        # An import that was killed may have left it stopped.
        children.manage("stack", "up")
        return count() == wanted


def count() -> tuple[int, int]:
    """Return the numbers of the graph's nodes and relationships that loads write."""
    statements = (cypher.COUNT_NODES, cypher.COUNT_RELATIONSHIPS)
    with session.session() as opened:
        # In transactions that are tried again: after an import, the driver's connections are those to the old server.
        nodes, relationships = (
            opened.execute_read(lambda reading, each: int(reading.run(each).single(strict=True).value()), statement)
            for statement in statements
        )
    return nodes, relationships


def run_import(run: Run) -> str:
    """Run the import on the embedded server, or ask for it on another one; return what the import said.

    Raises:
        WaitError: The import goes on, or is to be run on another server. The task is published anew.
    """
    folder = get_folder(run)
    if not is_embedded():
        ask_for_import(run, folder)
    log = folder / "import.log"
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # There is a log if an import ended that no task waited for. It is read below, and another try begins anew.
            if not log.exists():
                # In a process of its own: workers need nothing of what the embedded servers need. It outlives this
                # process and keeps the lock until it ends, so a task that comes later finds it running.
                process = children.start("stack", "import", str(folder), log=log, lock=lock)
                process.wait(WAIT_SECONDS)
        except (BlockingIOError, subprocess.TimeoutExpired) as error:
            raise WaitError("the import of the graph goes on") from error
        said = log.read_text(errors="replace").strip()
        log.unlink()
    return said[-2000:]


def ask_for_import(run: Run, folder: Path) -> NoReturn:
    """Say in the run's events what is to be run on another server than the embedded one.

    Raises:
        WaitError: The run waits for it.
    """
    text = (
        f"The files of the graph are in {folder}. Stop Neo4j, and in that folder run: neo4j-admin database import full"
        " neo4j --overwrite-destination=true @arguments. Then start Neo4j: the run goes on. With Docker Compose:"
        f" docker compose stop neo4j && docker compose run --rm -e RUN={run.pk} neo4j-import;"
        " docker compose start neo4j"
    )
    if not run.events.filter(kind=REQUEST).exists():
        ledger.note(run, REQUEST, text)
    raise WaitError(text)
