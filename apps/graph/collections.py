"""Write what users own and want to the graph, and read back which relationships it has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from neo4j import ManagedTransaction

from apps.graph.cypher import collections as cypher
from apps.graph.session import run, session, write

Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Edges:
    """All relationships that a user has with some releases; what is not listed is deleted.

    releases: the ids. copies: [{release, instance_id, rating, folder_id, date_added, synced_at}]. wants: [{release,
    rating, date_added, synced_at}]. gone: [{release, title, year}] of releases that must have a node without a dump.
    """

    releases: Sequence[str]
    copies: Rows = field(default_factory=list)
    wants: Rows = field(default_factory=list)
    gone: Rows = field(default_factory=list)


def set_edges(user: str, username: str | None, edges: Edges) -> None:
    """Make the relationships of a user with some releases those of ``edges``; a release without a node has none."""
    with session() as opened:
        write(opened, _set_edges, user, username, edges)


def _set_edges(transaction: ManagedTransaction, user: str, username: str | None, edges: Edges) -> None:
    run(transaction, cypher.MERGE_USER, user=user, username=username)
    instances: dict[str, list[str]] = {release: [] for release in edges.releases}
    for copy in edges.copies:
        instances[copy["release"]].append(copy["instance_id"])
    wanted = {each["release"] for each in edges.wants}
    left = [{"release": release, "instances": each} for release, each in instances.items()]
    unwanted = [{"release": release} for release in edges.releases if release not in wanted]
    run(transaction, cypher.MERGE_GONE, rows=edges.gone)
    run(transaction, cypher.DELETE_COLLECTED, user=user, rows=left)
    run(transaction, cypher.MERGE_COLLECTED, user=user, rows=edges.copies)
    run(transaction, cypher.DELETE_WANTS, user=user, rows=unwanted)
    run(transaction, cypher.MERGE_WANTS, user=user, rows=edges.wants)
    run(transaction, cypher.DELETE_UNOWNED, rows=left)


def delete_user(user: str) -> None:
    """Delete a user's node, and the releases that no dump has and that were kept for that user alone."""
    with session() as opened:
        write(opened, _delete_user, user)


def _delete_user(transaction: ManagedTransaction, user: str) -> None:
    kept = [{"release": each["release"]} for each in transaction.run(cypher.READ_GONE, user=user)]
    run(transaction, cypher.DELETE_USER, user=user)
    run(transaction, cypher.DELETE_UNOWNED, rows=kept)


def read_edges(user: str) -> tuple[set[tuple[str, str]], set[str]]:
    """Return what the graph says a user has, (release, instance_id), and wants."""
    with session() as opened:
        collected = opened.execute_read(lambda reading: list(reading.run(cypher.READ_COLLECTED, user=user)))
        wants = opened.execute_read(lambda reading: list(reading.run(cypher.READ_WANTS, user=user)))
    return {(each["release"], each["instance_id"]) for each in collected}, {each["release"] for each in wants}
