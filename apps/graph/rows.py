"""Write the rows of a batch for the graph, as JSON: node keys for ``load_graph`` and link rows for ``link_graph``.

Neo4j limits keys of constraints and entries of range indexes to some 8,000 bytes, so longer names are cut (decision
12).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import orjson
from django.conf import settings

from apps.graph.roles import categorise
from apps.ingest.chunks import spool
from apps.ingest.sources.discogs_ids import id_number

if TYPE_CHECKING:
    from apps.ingest.discogs.extraction import Extracted

NAME_CHARACTERS = 2000
Row = dict[str, Any]


def get_text(value: Any) -> str | None:
    """Return a field's text, even if the dump gave the element attributes or repeated it; else None."""
    if isinstance(value, list):
        return next(filter(None, map(get_text, value)), None)
    if isinstance(value, dict):
        return get_text(value.get("#text"))
    return value if isinstance(value, str) else None


def get_name(record: Row) -> str | None:
    """Return a record's name, cut to what an index can hold, or None."""
    name = get_text(record.get("name"))
    return name[:NAME_CHARACTERS] if name else None


def ids(entries: Any) -> list[int]:
    """Return the valid ids in a list of references, each once, in order."""
    if isinstance(entries, dict):
        entries = (entries,)
    elif not isinstance(entries, list):
        return []
    found = (id_number(entry.get("id")) for entry in entries if isinstance(entry, dict))
    return list(dict.fromkeys(each for each in found if each is not None))


def names(entries: Any) -> list[str]:
    """Return the texts in a list, cut to what an index can hold, each once, in order."""
    found = entries if isinstance(entries, list) else ()
    return list(dict.fromkeys(text[:NAME_CHARACTERS] for entry in found if (text := get_text(entry))))


def items(entries: Any) -> list[Row]:
    """Return the objects in a list; other entries, which odd records have, are left out."""
    return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []


def credits_of(record: Row) -> list[tuple[str, str, str, str | None]]:
    """Return (name, role, category, artist id or None) of a release's credits, each name, role and id once."""
    found = {}
    for entry in items(record.get("extraartists")):
        name, role = get_text(entry.get("name")), get_text(entry.get("role"))
        if name and role:
            artist = id_number(entry.get("id"))
            found[name[:NAME_CHARACTERS], role, artist] = categorise(role)
    return [(name, role, category, str(artist) if artist else None) for (name, role, artist), category in found.items()]


def catalog_number(record: Row) -> str | None:
    """Return the catalogue number of the first label, or None."""
    labels = items(record.get("labels"))
    return (get_text(labels[0].get("catno")) or None) if labels else None


def formats(record: Row) -> list[str] | None:
    """Return the names of the formats, with repeats; None if the release has no format."""
    found = [entry["name"] for entry in items(record.get("formats")) if isinstance(entry.get("name"), str)]
    return found or None


def artist_links(record: Row, _: int | None) -> Row:
    """Return an artist's name and references."""
    return {"name": get_name(record), **{key: ids(record.get(key)) for key in ("aliases", "members", "groups")}}


def label_links(record: Row, _: int | None) -> Row:
    """Return a label's name and references."""
    parents, sublabels = ids(record.get("parentLabel")), ids(record.get("sublabels"))
    return {"name": get_name(record), "parents": parents, "sublabels": sublabels}


def master_links(record: Row, year: int | None) -> Row:
    """Return a master's properties and references."""
    return {
        "title": get_text(record.get("title")),
        "year": year,
        "artists": ids(record.get("artists")),
        "genres": names(record.get("genres")),
        "styles": names(record.get("styles")),
    }


def release_links(record: Row, year: int | None) -> Row:
    """Return a release's properties and references. Its node is created together with its relationships."""
    # As a list, as all references are, although a release has one master at most.
    master = id_number(get_text(record.get("master_id")))
    return {
        **master_links(record, year),
        "labels": ids(record.get("labels")),
        "masters": [] if master is None else [master],
        "credits": credits_of(record),
        "formats": formats(record),
        "catalog_number": catalog_number(record),
    }


LINKS: dict[str, Callable[[Row, int | None], Row]] = {
    "artists": artist_links,
    "labels": label_links,
    "masters": master_links,
    "releases": release_links,
}


class GraphRows:
    """Collects the rows of one chunk for the graph.

    The blob ``nodes`` is one JSON object, see ``node_keys``. The blob ``links`` has one line for each transaction, a
    list of link rows. In a row, ``is_new`` says that the table did not have the record.
    """

    def __init__(self, record_type: str, *, is_bulk: bool = False) -> None:
        self.record_type = record_type
        self.is_bulk = is_bulk
        self.nodes: list[int] = []
        # Kept as JSON: two thousand rows of releases take 1 MB as bytes and 20 MB as objects.
        self.links: list[bytes] = []
        self.lines: list[bytes] = []
        self.shared: dict[str, set[str]] = {"genres": set(), "styles": set(), "people": set()}

    def add(self, record: Extracted) -> None:
        """Add the rows of one record, if the graph needs it."""
        if not record.for_graph:
            return
        links = LINKS[self.record_type](record.record, record.year)
        # The hash goes with the row: linking compares it with the table's and leaves an outdated row out.
        row = {"id": record.data_id, "sha256": record.hash.hex(), "is_new": record.is_new, **links}
        self.links.append(orjson.dumps(row))
        self.shared["genres"].update(links.get("genres", ()))
        self.shared["styles"].update(links.get("styles", ()))
        self.shared["people"].update(credit[0] for credit in links.get("credits", ()))
        # No record of a dump refers to a release, so its node is not needed before its relationships.
        if self.record_type != "releases":
            self.nodes.append(record.data_id)
        if len(self.links) >= settings.GRAPH_BATCH_ROWS:
            self.flush()

    def flush(self) -> None:
        """Close the line of one transaction's link rows."""
        self.lines.append(b"[%s]" % b",".join(self.links))
        self.links = []

    def node_keys(self) -> dict[str, list[Any]]:
        """Return the keys of the nodes: ``{"nodes": [id], "genres": [name], "styles": […], "people": […]}``."""
        return {"nodes": self.nodes, **{key: sorted(found) for key, found in self.shared.items()}}

    def link_lines(self) -> list[bytes]:
        """Return the link rows as JSON, one line for each transaction."""
        if self.links:
            self.flush()
        return self.lines

    def blobs(self) -> dict[str, bytes]:
        """Return the blobs of the stages ``nodes`` and ``links``; none if the chunk has nothing for the graph."""
        if not self.link_lines():
            return {}
        # In a bulk load, linking writes the nodes as well.
        # ``link_lines`` above has closed the last line, so ``lines`` is complete here.
        nodes = self.node_keys()
        found = {"links": spool.compress(b"\n".join(self.lines))}
        if any(nodes.values()) and not self.is_bulk:
            found["nodes"] = spool.compress(orjson.dumps(nodes))
        return found


def batches(rows: Iterable[Any]) -> Iterator[list[Any]]:
    """Yield rows in lists of ``GRAPH_BATCH_ROWS``, the size of a transaction."""
    batch: list[Any] = []
    for row in rows:
        batch.append(row)
        if len(batch) >= settings.GRAPH_BATCH_ROWS:
            yield batch
            batch = []
    if batch:
        yield batch
