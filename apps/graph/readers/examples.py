"""Something of each kind to ask for, where it does not matter what."""

from __future__ import annotations

from apps.graph.cypher import enriched
from apps.graph.cypher import examples as cypher
from apps.graph.reading import row

# Asked for where the graph has none: a statement costs its plan all the same.
NOTHING = {
    **dict.fromkeys(("artist_id", "label_id", "release"), "1"),
    **dict.fromkeys(("artist", "genre", "label", "person", "style"), "None"),
}


def find_example() -> dict[str, str]:
    """Return the id of a release, and id or name of an artist, label, genre, style and person that it has."""
    # The first statement of a server takes seconds, and health asks for this one: let it not wait for a longer one.
    row(enriched.ONE)
    return {**NOTHING, **{key: value for key, value in (row(cypher.EXAMPLE) or {}).items() if value}}
