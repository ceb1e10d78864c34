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
    results, total = gaps.list_missing(
        user, kind, id_, formats=formats, exclude_wantlist=exclude_wantlist, limit=limit, offset=offset
    )
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
