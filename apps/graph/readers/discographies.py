"""Which releases an artist or a label has."""

from __future__ import annotations

from apps.graph.cypher import discographies as cypher
from apps.graph.reading import row

RELEASES = {"artist": cypher.RELEASES_OF_ARTIST, "label": cypher.RELEASES_OF_LABEL}


def release_ids(kind: str, entity_id: str) -> list[str] | None:
    """Return the ids of all releases of an artist or a label, in no order; None if there is no such entity."""
    found = row(RELEASES[kind], id=entity_id)
    return None if found is None else found["ids"]
