"""Names and ids out of the loaded data, with which a benchmark asks: typical ones, and the heaviest."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from apps.graph import session
from apps.graph.readers import credits as people

# What is drawn comes from releases, as what people ask for does: whoever has many is drawn often.
OF_RELEASES = """
UNWIND $ids AS id
MATCH (release:Release {id: id})
RETURN
    [(release)-[:BY]->(artist) WHERE artist.name IS NOT NULL | [artist.id, artist.name]] AS artists,
    [(release)-[:ON]->(label) WHERE label.name IS NOT NULL | [label.id, label.name]] AS labels,
    [(release)-[:IS]->(genre:Genre) | genre.name] AS genres,
    [(release)-[:IS]->(style:Style) | style.name] AS styles,
    [(release)<-[:CREDITED_ON]-(person:Person) | person.name] AS people,
    [(release)-[:DERIVED_FROM]->(master) | master.id] AS masters,
    release.title AS title
"""
HEAVY_LABELS = """
MATCH (label:Label)
WHERE label.release_count IS NOT NULL AND label.name IS NOT NULL
RETURN label.id AS id, label.name AS name
ORDER BY label.release_count DESC, id
LIMIT $count
"""
HEAVY_GENRES = "MATCH (n:Genre) RETURN n.name AS name ORDER BY n.release_count DESC, name LIMIT $count"
HEAVY_STYLES = "MATCH (n:Style) RETURN n.name AS name ORDER BY n.release_count DESC, name LIMIT $count"
NAMES = "UNWIND $ids AS id MATCH (artist:Artist {id: id}) WHERE artist.name IS NOT NULL RETURN id, artist.name AS name"

# "Various", which half of the compilations have as their artist.
PLACEHOLDER = "194"
HEAVY_ARTISTS = """
SELECT child FROM tally WHERE kind = 'genre artist' GROUP BY child ORDER BY sum(releases) DESC, child LIMIT %s
"""
# Any of many millions of rows by its index.
NEXT_RELEASE = "SELECT data_id FROM releases WHERE data_id >= %s ORDER BY data_id LIMIT 1"

BARCODES = "SELECT unnest(barcodes(data)) FROM releases WHERE data_id = ANY(%s) ORDER BY data_id"

KINDS = ("artists", "labels", "genres", "styles", "people")
Entity = tuple[str, str]


@dataclass(slots=True)
class Names:
    """What is asked for: (id, name) of artists and labels; the others by what they are called. Nothing comes twice."""

    artists: list[Entity] = field(default_factory=list)
    labels: list[Entity] = field(default_factory=list)
    genres: list[str] = field(default_factory=list)
    styles: list[str] = field(default_factory=list)
    releases: list[str] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)
    barcodes: list[str] = field(default_factory=list)
    people: list[str] = field(default_factory=list)
    masters: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Sample:
    """Typical names and the heaviest ones."""

    typical: Names
    heavy: Names

    def both(self, kind: str) -> list[Any]:
        """Return all of one kind, such as ``artists``, the heavy ones last."""
        return list(dict.fromkeys([*getattr(self.typical, kind), *getattr(self.heavy, kind)]))


def draw(count: int, heavy: int, seed: int) -> Sample:
    """Draw ``count`` typical names of each kind and the ``heavy`` ones; the same ones of the same data and seed."""
    with session.session() as graph:
        found = draw_typical(graph, count, random.Random(seed))
        most = find_heaviest(graph, heavy)
    for kind in KINDS:
        largest = set(getattr(most, kind))
        setattr(found, kind, [each for each in getattr(found, kind) if each not in largest][:count])
    return Sample(found, most)


def draw_typical(graph: Any, count: int, dice: random.Random) -> Names:
    """Return what releases drawn at random have, of each kind what came first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(data_id), max(data_id) FROM releases")
        first, last = cursor.fetchone()
        if first is None:
            raise SystemExit("There are no releases: load a dump first")
        ids: dict[str, None] = {}
        for _ in range(4 * count):
            cursor.execute(NEXT_RELEASE, [dice.randint(first, last)])
            ids[str(cursor.fetchone()[0])] = None
        cursor.execute(BARCODES, [[*map(int, ids)]])
        barcodes = list(dict.fromkeys(barcode for (barcode,) in cursor.fetchall()))
    names = Names(releases=list(ids)[:count], barcodes=barcodes[:count])
    for row in graph.run(OF_RELEASES, ids=list(ids)):
        names.titles.append(row["title"])
        for kind in ("artists", "labels"):
            getattr(names, kind).extend(map(tuple, row[kind]))
        for kind in ("genres", "styles", "people", "masters"):
            getattr(names, kind).extend(row[kind])
    for kind in ("titles", "masters", *KINDS):
        setattr(names, kind, list(dict.fromkeys(getattr(names, kind))))
    return names


def find_heaviest(graph: Any, count: int) -> Names:
    """Return the artists, labels, genres, styles and session musicians with the most releases."""
    with connection.cursor() as cursor:
        cursor.execute(HEAVY_ARTISTS, [count])
        ids = list(dict.fromkeys([PLACEHOLDER, *(child for (child,) in cursor.fetchall())]))
    return Names(
        artists=[(row["id"], row["name"]) for row in graph.run(NAMES, ids=ids)],
        labels=[(row["id"], row["name"]) for row in graph.run(HEAVY_LABELS, count=count)],
        genres=[row["name"] for row in graph.run(HEAVY_GENRES, count=count)],
        styles=[row["name"] for row in graph.run(HEAVY_STYLES, count=count)],
        people=[each["name"] for each in people.list_leaders("session", count)],
    )
