"""Every row cold and warm with each number of clients, then all of them mixed for a while."""

from __future__ import annotations

import argparse
import random
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles
from typing import Any

from apps.api import middleware
from apps.stack import environment, ports, servers
from apps.stack.neo4j import Neo4j
from apps.stack.postgres import Postgres
from apps.stack.valkey import Valkey
from bench import machine, processes
from bench.api import sample, site
from bench.api.client import Clients, Outcome, Personal
from bench.api.owner import make_owner
from bench.api.questions import PERSONAL, QUESTIONS

HEAVY_NAMES = 4
WARMING_SEED, SEED = 1, 2
# How often everything is asked for before it counts as warm: each process of the site is to have it.
WARMING_ROUNDS = 3
MEMORY_SECONDS = 1.0
# Cold answers to each question about a collection.
PERSONAL_COLD = 20

Addresses = Mapping[str, list[str]]


def measure(chosen: argparse.Namespace, log: Path) -> dict[str, Any]:
    """Return what was found, by phase, clients and row."""
    with make_owner(f"{time.time_ns()}") as credentials:
        return ask_everything(chosen, log, credentials)


def ask_everything(chosen: argparse.Namespace, log: Path, credentials: Iterator[str]) -> dict[str, Any]:
    """Return what was found; ``credentials`` are of a user with a large collection."""
    rows = draw_addresses(chosen, SEED)
    found: dict[str, Any] = {
        "machine": machine.describe(),
        "addresses": {name: len(paths) for name, paths in rows.items()},
        "cold": {},
        "warm": {},
    }
    for clients in chosen.clients:
        if chosen.restarted:
            servers.down(print)
            servers.up(print)
        with site.run_site(chosen.processes, chosen.threads, log, credentials) as running:
            wait_until_idle(running, chosen)
            if "cold" in chosen.phases:
                if not chosen.restarted:
                    warm_stores(running, chosen)
                found["cold"][clients] = ask_cold(running, clients, rows)
            if "warm" in chosen.phases:
                found["warm"][clients] = ask_warm(running, clients, rows, chosen.seconds)
    if chosen.soak and not chosen.only:
        with site.run_site(chosen.processes, chosen.threads, log, credentials) as running:
            found["soak"] = ask_mixed(running, max(chosen.clients), rows, chosen.soak)
    found["machine after"] = machine.describe()
    return found


def draw_addresses(chosen: argparse.Namespace, seed: int) -> Addresses:
    """Return the addresses of each row that was chosen."""
    names = sample.draw(chosen.names, HEAVY_NAMES, seed)
    return {
        each.name: list(each.addresses(names))
        for each in (*QUESTIONS, *PERSONAL)
        if not chosen.only or any(each.name.startswith(word) for word in chosen.only)
    }


def warm_stores(running: site.Site, chosen: argparse.Namespace) -> None:
    """Ask for other names, so that the stores have read their pages and compiled their plans, on connections that stay.

    What was answered is forgotten: heavy names are asked for again.
    """
    with clients_of(running, 2 * chosen.threads) as clients:
        for paths in draw_addresses(chosen, WARMING_SEED).values():
            clients.ask_each(paths)
    site.empty_cache()
    time.sleep(middleware.REPEAT_SECONDS)


def wait_until_idle(running: site.Site, chosen: argparse.Namespace) -> None:
    """Let each process of the site read its modules, which its first answer waits for."""
    with clients_of(running, 4 * chosen.processes) as clients:
        clients.ask_each(["/health", "/api/nothing"] * 8 * chosen.processes)


def clients_of(running: site.Site, count: int) -> Clients:
    """Return clients of the site."""
    return Clients(ports.HOST, running.port, count, running.credentials)


def ask_cold(running: site.Site, count: int, rows: Addresses) -> dict[str, Any]:
    """Ask for everything once, and for what is about the one collection several times, each with empty caches."""
    with clients_of(running, count) as clients:
        return {name: row(running, lambda paths=paths: clients.ask_each(repeat(paths))) for name, paths in rows.items()}


def repeat(paths: list[str]) -> Iterator[str]:
    """Yield paths; personal ones until there are ``PERSONAL_COLD``, forgetting all answers between two rounds."""
    personal = bool(paths) and isinstance(paths[0], Personal)
    for _ in range(-(-PERSONAL_COLD // len(paths)) if personal else 1):
        if personal:
            site.empty_cache()
        yield from paths


def ask_warm(running: site.Site, count: int, rows: Addresses, seconds: float) -> dict[str, Any]:
    """Ask for everything again and again."""
    with clients_of(running, count) as clients:
        found = {}
        for name, paths in rows.items():
            clients.ask_each(paths * WARMING_ROUNDS)
            found[name] = row(running, lambda paths=paths: clients.ask_for(paths, seconds))
        return found


def ask_mixed(running: site.Site, count: int, rows: Addresses, seconds: float) -> dict[str, Any]:
    """Ask for all rows mixed, beginning with nothing in the caches, and look at the memory meanwhile."""
    paths = [path for paths in rows.values() for path in paths]
    random.Random(SEED).shuffle(paths)
    with clients_of(running, count) as clients, memory_of(running) as megabytes:
        return {
            "clients": count,
            **row(running, lambda: clients.ask_for(paths, seconds)),
            "megabytes": megabytes,
        }


@contextmanager
def memory_of(running: site.Site) -> Any:
    """Yield a list to which the resident memory of the site's processes is added every second."""
    found: list[float] = []
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(MEMORY_SECONDS):
            found.append(round(running.resident_megabytes(), 1))

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    yield found
    ended.set()
    thread.join()


def roots(running: site.Site) -> dict[str, int]:
    """Return the processes at the head of the site and of each embedded server."""
    folder = environment.folder()
    known = {"postgresql": Postgres(folder), "neo4j": Neo4j(folder), "valkey": Valkey(folder)}
    found = {name: server.pid() for name, server in known.items()}
    return {"site": running.pid, **{name: pid for name, pid in found.items() if pid is not None}}


def row(running: site.Site, ask: Any) -> dict[str, Any]:
    """Return the figures of what is asked for meanwhile."""
    heads = roots(running)
    before = processes.list_processes()
    outcome: Outcome = ask()
    after = processes.list_processes()
    cpu = {name: processes.cpu_seconds(after, pid) - processes.cpu_seconds(before, pid) for name, pid in heads.items()}
    count = len(outcome.latencies)
    used = sum(cpu.values())
    return {
        "requests": count,
        "seconds": round(outcome.seconds, 3),
        "a_second": round(count / outcome.seconds, 1),
        "a_second_and_core": round(count / used, 1) if used else None,
        **percentiles(outcome.latencies),
        "first_byte": percentiles(outcome.first_bytes),
        "statuses": {str(status): number for status, number in sorted(outcome.statuses.items())},
        "broken": outcome.broken,
        "errors": outcome.errors,
        "kilobytes_each": round(outcome.received_bytes / count / 1000, 1) if count else None,
        "cpu": {name: round(seconds, 2) for name, seconds in {**cpu, "client": outcome.cpu_seconds}.items()},
        "megabytes_of_site": round(running.resident_megabytes(), 1),
    }


def percentiles(latencies: list[float]) -> dict[str, float | None]:
    """Return the milliseconds within which half, 95 and 99 of a hundred answers came, and all."""
    if not latencies:
        return dict.fromkeys(("p50", "p95", "p99", "most"))
    # It takes two to find what is between them.
    cuts = quantiles(latencies * 2 if len(latencies) == 1 else latencies, n=100, method="inclusive")
    values = {"p50": cuts[49], "p95": cuts[94], "p99": cuts[98], "most": max(latencies)}
    return {name: round(value * 1000, 2) for name, value in values.items()}
