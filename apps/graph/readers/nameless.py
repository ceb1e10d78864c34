"""Artists and labels without a name: shown as ``Artist 123``, and found by that where nothing else has it as its name.

Loading leaves the name of such a node away (decision 121).
"""

from __future__ import annotations

from typing import Any

from apps.graph.cypher import nameless as cypher
from apps.graph.reading import row
from apps.ingest.sources.discogs_ids import id_number

STATEMENTS = {"artist": cypher.NAMELESS_ARTIST, "label": cypher.NAMELESS_LABEL}


def get_shown_name(kind: str, id_: str, name: str | None) -> str:
    """Return what an entity is shown as: its name, else its id if it is an artist or a label."""
    return name or (f"{kind.capitalize()} {id_}" if kind in STATEMENTS else "")


def find_nameless(kind: str, name: str) -> str | None:
    """Return the id of the artist or label that is shown as a text because it has no name; None if there is none.

    None as well where another one is called so.
    """
    id_ = name.removeprefix(f"{kind.capitalize()} ")
    if kind not in STATEMENTS or id_ == name or id_number(id_) is None:
        return None
    return id_ if row(STATEMENTS[kind], id=id_, name=name) else None


def make_keys(kind: str, name: str | None, id_: str | None = None) -> dict[str, Any]:
    """Return the parameters ``name`` and ``id`` by which statements find an entity: by its id, if that is known.

    Without, it is what is shown as a text. The id of a genre or a style is its name.
    """
    if id_ is None:
        return {"name": name, "id": find_nameless(kind, name or "")}
    return {"name": None, "id": id_} if kind in STATEMENTS else {"name": id_, "id": None}
