"""The embedded servers, in a stack of our own whose stores can be emptied quickly.

What a checkout's own stack holds is never touched: this one has its own folder, ports and passwords.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import psycopg
import redis

from apps.stack import servers
from apps.stack.neo4j import Neo4j
from apps.stack.postgres import Postgres
from apps.stack.valkey import Valkey

CHECKOUT = Path(__file__).resolve().parent.parent
# Addresses of servers that are not the stack's, in whose stead its own are to be used.
FOREIGN = ("DATABASE_URL", "NEO4J_URL", "CELERY_BROKER_URL", "CELERY_RESULT_BACKEND", "CACHE_URL", "SPOOL_URL")
DATABASE, EMPTY = "linernotes", "linernotes_empty"


class Stack:
    """PostgreSQL, Valkey and Neo4j below one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        os.environ["LINERNOTES_STACK_DIR"] = str(folder)
        for name in FOREIGN:
            os.environ.pop(name, None)
        self.postgres, self.valkey, self.neo4j = Postgres(folder), Valkey(folder), Neo4j(folder)

    def up(self) -> None:
        """Start new servers and keep their stores as they are with the schema in them, and nothing else."""
        servers.down(print)
        shutil.rmtree(self.folder, ignore_errors=True)
        self.variables = servers.up(print)
        subprocess.run([sys.executable, "manage.py", "schema_init"], cwd=CHECKOUT, check=True)
        self.neo4j.down(print)
        shutil.copytree(self.neo4j.folder / "data", self.folder / "neo4j-empty")
        with self.connect("postgres") as connection:
            connection.execute(f"ALTER DATABASE {DATABASE} RENAME TO {EMPTY}")

    def down(self) -> None:
        """Stop the servers and delete their data."""
        servers.down(print)
        shutil.rmtree(self.folder)

    def dsn(self, database: str) -> str:
        """Return the address of a database."""
        return self.variables["DATABASE_URL"].rpartition("/")[0] + f"/{database}"

    def connect(self, database: str = DATABASE) -> psycopg.Connection[tuple[object, ...]]:
        """Connect to a database."""
        return psycopg.connect(self.dsn(database), autocommit=True)

    def empty_database(self, database: str, template: str = "template1") -> None:
        """Make a database anew. What others left unwritten is written first, so that it is not charged to the next."""
        with self.connect("postgres") as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
            connection.execute(f"CREATE DATABASE {database} TEMPLATE {template}")
            connection.execute("CHECKPOINT")

    def empty_tables(self) -> None:
        """Empty PostgreSQL, Valkey and the spool, with Neo4j stopped."""
        self.neo4j.down(print)
        self.empty_database(DATABASE, EMPTY)
        shutil.rmtree(self.folder / "spool", ignore_errors=True)
        with redis.Redis.from_url(self.variables["CELERY_BROKER_URL"]) as client:
            client.flushall()

    def empty_both(self) -> None:
        """Empty all stores; Neo4j is a new process, as before any first load."""
        self.empty_tables()
        shutil.rmtree(self.neo4j.folder / "data")
        shutil.copytree(self.folder / "neo4j-empty", self.neo4j.folder / "data")
        self.neo4j.up(print)

    def pids(self) -> dict[str, int]:
        """Return the servers that run, by role."""
        found = {"postgresql": self.postgres.pid(), "valkey": self.valkey.pid(), "neo4j": self.neo4j.pid()}
        return {role: pid for role, pid in found.items() if pid is not None}
