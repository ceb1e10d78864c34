"""What a batch brings to the graph: node rows for ``load_graph`` and link rows for ``link_graph``, as JSON.

Keys of Person nodes and names in range indexes have an upper bound of some 8,000 bytes there: a longer text is cut.
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


def plain(value: Any) -> str | None:
    """Return a field's text, also if the dump gave it attributes or repeated it."""
    if isinstance(value, list):
        return next(filter(None, map(plain, value)), None)
    if isinstance(value, dict):
        return plain(value.get("#text"))
    return value if isinstance(value, str) else None


def name_of(record: Row) -> str | None:
    """Return a record's name, short enough for an index."""
    name = plain(record.get("name"))
    return name[:NAME_CHARACTERS] if name else None


def ids(entries: Any) -> list[int]:
    """Return the valid reference ids of a list, each once, in order."""
    if isinstance(entries, dict):
        entries = (entries,)
    elif not isinstance(entries, list):
        return []
    found = (id_number(entry.get("id")) for entry in entries if isinstance(entry, dict))
    return list(dict.fromkeys(each for each in found if each is not None))


def names(entries: Any) -> list[str]:
    """Return the texts of a list, each once, in order."""
    found = entries if isinstance(entries, list) else ()
    return list(dict.fromkeys(text[:NAME_CHARACTERS] for entry in found if (text := plain(entry))))


def items(entries: Any) -> list[Row]:
    """Return the objects of a list, without what else an odd record has among them."""
    return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []


def credits_of(record: Row) -> list[tuple[str, str, str, str | None]]:
    """Return (name, role, category, artist id or None) of the release-level credits, each name, role and id once."""
    found = {}
    for entry in items(record.get("extraartists")):
        name, role = plain(entry.get("name")), plain(entry.get("role"))
        if name and role:
            artist = id_number(entry.get("id"))
            found[name[:NAME_CHARACTERS], role, artist] = categorise(role)
    return [(name, role, category, str(artist) if artist else None) for (name, role, artist), category in found.items()]


def catalog_number(record: Row) -> str | None:
    """Return the catalogue number that the first label gives, if it is one."""
    labels = items(record.get("labels"))
    return (plain(labels[0].get("catno")) or None) if labels else None


def formats(record: Row) -> list[str] | None:
    """Return the names of the formats, repeats kept; None if the release has none."""
    found = [entry["name"] for entry in items(record.get("formats")) if isinstance(entry.get("name"), str)]
    return found or None


def artist_links(record: Row, _: int | None) -> Row:
    """Return an artist's name and own references."""
    return {"name": name_of(record), **{key: ids(record.get(key)) for key in ("aliases", "members", "groups")}}


def label_links(record: Row, _: int | None) -> Row:
    """Return a label's name and own references."""
    parents, sublabels = ids(record.get("parentLabel")), ids(record.get("sublabels"))
    return {"name": name_of(record), "parents": parents, "sublabels": sublabels}


def master_links(record: Row, year: int | None) -> Row:
    """Return a master's properties and own references."""
    return {
        "title": plain(record.get("title")),
        "year": year,
        "artists": ids(record.get("artists")),
        "genres": names(record.get("genres")),
        "styles": names(record.get("styles")),
    }


def release_links(record: Row, year: int | None) -> Row:
    """Return a release's properties and references: its node is made with its edges, since no record refers to it."""
    master = id_number(plain(record.get("master_id")))
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
    """Collects what the records of one chunk bring to the graph.

    The blob ``nodes`` is one line, the ``node_keys``. The blob ``links`` has a line for each transaction: ``[row]``,
    where ``is_new`` says that the table had no such record.
    """

    def __init__(self, record_type: str) -> None:
        self.record_type = record_type
        self.nodes: list[int] = []
        # As JSON already: two thousand rows of a release are 1 MB as bytes and 20 as objects.
        self.links: list[bytes] = []
        self.lines: list[bytes] = []
        self.shared: dict[str, set[str]] = {"genres": set(), "styles": set(), "people": set()}

    def add(self, record: Extracted) -> None:
        """Take one record, if the graph needs it."""
        if not record.for_graph:
            return
        links = LINKS[self.record_type](record.record, record.year)
        row = {"id": record.data_id, "sha256": record.hash.hex(), "is_new": record.is_new, **links}
        self.links.append(orjson.dumps(row))
        self.shared["genres"].update(links.get("genres", ()))
        self.shared["styles"].update(links.get("styles", ()))
        self.shared["people"].update(credit[0] for credit in links.get("credits", ()))
        if self.record_type != "releases":
            self.nodes.append(record.data_id)
        if len(self.links) >= settings.GRAPH_BATCH_ROWS:
            self.flush()

    def flush(self) -> None:
        """Write out the rows of one transaction."""
        self.lines.append(b"[%s]" % b",".join(self.links))
        self.links = []

    def node_keys(self) -> dict[str, list[Any]]:
        """Return the keys of the nodes: ``{"nodes": [id], "genres": [name], "styles": […], "people": […]}``."""
        return {"nodes": self.nodes, **{key: sorted(found) for key, found in self.shared.items()}}

    def link_lines(self) -> list[bytes]:
        """Return the link rows as JSON, a line for each transaction."""
        if self.links:
            self.flush()
        return self.lines

    def blobs(self) -> dict[str, bytes]:
        """Return the blobs ``nodes`` and ``links``, if the graph gets anything."""
        if not self.link_lines():
            return {}
        nodes = self.node_keys()
        found = {"links": spool.compress(b"\n".join(self.lines))}
        if any(nodes.values()):
            found["nodes"] = spool.compress(orjson.dumps(nodes))
        return found


def batches(rows: Iterable[Any]) -> Iterator[list[Any]]:
    """Cut rows into transactions."""
    batch: list[Any] = []
    for row in rows:
        batch.append(row)
        if len(batch) >= settings.GRAPH_BATCH_ROWS:
            yield batch
            batch = []
    if batch:
        yield batch
