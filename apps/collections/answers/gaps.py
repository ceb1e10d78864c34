"""What a user lacks of a label, an artist or a master."""

from __future__ import annotations

from typing import Any

from rest_framework.exceptions import NotFound

from apps.collections.answers.collecting import describe_page
from apps.graph.readers import gaps

KINDS = ("label", "artist", "master")
# What an entry does not say because all entries would say the same.
LEFT_OUT = {"label": "label", "artist": "artist", "master": None}


def find_gaps(
    user: str, kind: str, id_: str, *, formats: list[str], exclude_wantlist: bool, limit: int, offset: int
) -> dict[str, Any]:
    """Return a page of the releases of an entity that a user does not own, with a summary of the entity.

    Raises:
        NotFound: there is no such entity.
    """
    summary = gaps.summarise(user, kind, id_)
    if summary is None:
        raise NotFound(f"{kind.capitalize()} {id_} not found")
    filters: dict[str, Any] = {"formats": formats, "exclude_wantlist": exclude_wantlist}
    total = summary["total"] - summary["owned"] if summary["is_known"] else 0
    if total and (formats or exclude_wantlist):
        total = gaps.count_missing(user, kind, id_, **filters)
    # Not asked for beyond the end: the server takes no number beyond 64 bits.
    results = gaps.list_missing(user, kind, id_, **filters, limit=limit, offset=offset) if offset < total else []
    return {
        "entity": {"id": id_, "name": summary["name"], "type": kind},
        "summary": {
            "total": summary["total"],
            "owned": summary["owned"],
            "missing": summary["total"] - summary["owned"],
        },
        "filters": {"formats": formats},
        "results": [{key: each[key] for key in each if key != LEFT_OUT[kind]} for each in results],
        "pagination": describe_page(len(results), total, limit, offset),
    }
