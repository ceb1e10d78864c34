"""A user's collection or wantlist with what the graph says of its releases, in one read of PostgreSQL (decision 170).

Only items whose release has a node are in it, as in the graph.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from django.db import connection

from apps.catalog import reading
from apps.collections.models import CollectedRelease
from apps.graph.readers import collecting
from apps.graph.rows import batches

# Of a statement.
SECONDS = 5
# Lists of names that a process remembers.
DISTINCT = 10_000

# (id, name); there are entities without a name.
Entity = tuple[str, str | None]

# One row: the items as a list in JSON, which Python reads many times faster than rows; and which releases were never
# asked for.
COPIES = """
SELECT '[' || string_agg(
        concat(
            '["', item.release_id, '","', coalesce(item.instance_id::text, item.id::text), '",',
            coalesce(item.rating::text, 'null'), ',', coalesce(item.folder_id::text, 'null'), ',',
            coalesce(to_json(item.date_added)::text, 'null'), ',', release.facts, ']'
        ), ','
    ) FILTER (WHERE release.facts IS NOT NULL) || ']',
    array_agg(item.release_id) FILTER (WHERE release.release_id IS NULL)
FROM user_collections AS item
LEFT JOIN collected_releases AS release USING (release_id)
WHERE user_id = %(user)s
"""
WANTS = """
SELECT '[' || string_agg(
        concat(
            '["', item.release_id, '","",', coalesce(item.rating::text, 'null'), ',null,',
            coalesce(to_json(item.date_added)::text, 'null'), ',', release.facts, ']'
        ), ','
    ) FILTER (WHERE release.facts IS NOT NULL) || ']',
    array_agg(item.release_id) FILTER (WHERE release.release_id IS NULL)
FROM user_wantlists AS item
LEFT JOIN collected_releases AS release USING (release_id)
WHERE user_id = %(user)s
"""

STORE = """
INSERT INTO collected_releases (release_id, facts)
SELECT * FROM unnest(%s::bigint[], %s::text[])
ON CONFLICT (release_id) DO UPDATE SET facts = excluded.facts
WHERE collected_releases.facts IS DISTINCT FROM excluded.facts
"""
FORGET = """
DELETE FROM collected_releases AS release
WHERE NOT EXISTS (SELECT FROM user_collections AS item WHERE item.release_id = release.release_id)
    AND NOT EXISTS (SELECT FROM user_wantlists AS item WHERE item.release_id = release.release_id)
"""


class Item(NamedTuple):
    """A copy or a want, and what the graph says of its release. Artists and labels are by name, as are all names."""

    release: str
    # Of a want it is empty, and the folder None.
    instance: str
    rating: int | None
    folder: int | None
    date_added: str | None
    title: str | None
    year: int | None
    catalog_number: str | None
    # Lists are JSON here and read when they are asked for: 90,000 lists in a process cost more in garbage collection
    # than all the rest, and most are the same few.
    artists_json: str
    labels_json: str
    genres_json: str
    styles_json: str
    formats_json: str
    master: str | None

    @property
    def artists(self) -> Sequence[Entity]:
        """Its artists."""
        return parse_entities(self.artists_json)

    @property
    def labels(self) -> Sequence[Entity]:
        """Its labels."""
        return parse_entities(self.labels_json)

    @property
    def genres(self) -> Sequence[str]:
        """Its genres."""
        return parse_names(self.genres_json)

    @property
    def styles(self) -> Sequence[str]:
        """Its styles."""
        return parse_names(self.styles_json)

    @property
    def formats(self) -> Sequence[str]:
        """The names of its formats."""
        return parse_names(self.formats_json)

    @property
    def artist(self) -> str | None:
        """The first artist by name."""
        return self.artists[0][1] if self.artists else None

    @property
    def label(self) -> str | None:
        """The first label by name."""
        return self.labels[0][1] if self.labels else None


@lru_cache(DISTINCT)
def parse_names(text: str) -> Sequence[str]:
    """Return the names in JSON."""
    return tuple(orjson.loads(text))


@lru_cache(DISTINCT)
def parse_entities(text: str) -> Sequence[Entity]:
    """Return the artists or labels in JSON."""
    return tuple((id_, name) for id_, name in orjson.loads(text))


def read_copies(user: str) -> list[Item]:
    """Return the copies that a user has, in no order."""
    return read_items(COPIES, user)


def read_wants(user: str) -> list[Item]:
    """Return the wants of a user, in no order."""
    return read_items(WANTS, user)


def read_items(statement: str, user: str) -> list[Item]:
    """Return the items of a statement; releases that were never asked for are read from the graph first."""
    found, unread = reading.rows(statement, seconds=SECONDS, user=UUID(user))[0]
    if unread:
        # The user's items are newer than the table, or not in the graph yet.
        refresh(unread)
        found, _ = reading.rows(statement, seconds=SECONDS, user=UUID(user))[0]
    return [Item(*each) for each in orjson.loads(found)] if found else []


def refresh(releases: Iterable[int]) -> None:
    """Read again what the graph says of some releases.

    Raises:
        GraphAway, GraphTimeOut: Neo4j does not answer; some may be refreshed.
    """
    for batch in batches(sorted(set(releases))):
        facts = collecting.read_facts(batch)
        texts = [encode(facts[each]) if each in facts else None for each in batch]
        with connection.cursor() as cursor:
            cursor.execute(STORE, [batch, texts])


def encode(facts: Iterable[Any]) -> str:
    """Return facts as the end of an item in JSON, without its bracket, lists as JSON in a text."""
    return dump([dump(each) if isinstance(each, list) else each for each in facts])[1:-1]


def dump(value: Any) -> str:
    """Return a value as JSON."""
    return orjson.dumps(value).decode()


def refresh_all() -> None:
    """After a load: read again what the graph says of all releases that users have or want, and forget the others."""
    with connection.cursor() as cursor:
        cursor.execute(FORGET)
    refresh(CollectedRelease.objects.values_list("release_id", flat=True))
