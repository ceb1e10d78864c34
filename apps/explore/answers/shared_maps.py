"""The map of a snapshot, as the page shows it: what was shared, where it was."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from apps.explore.answers import maps, snapshots
from apps.graph.readers.maps import Member

Map = dict[str, Any]

# What a map can show, and the category of what has none. A snapshot may name anything.
TITLES = {
    "artist": "Artists",
    "label": "Labels",
    "release": "Releases",
    "master": "Masters",
    "genre": "Genres",
    "style": "Styles",
    "person": "People",
}


def build_map(token: str) -> Map:
    """Return the map of a snapshot in the shape of ``maps.build_map``, with its picture.

    Beside that: ``{until, rings: [first, last] or [], title, description, width, height, layout, hidden, created_at,
    expires_at}``; members and categories have ``x`` and ``y``, None where the snapshot has no places.

    Raises:
        Unknown: there is no such snapshot.
    """
    found = snapshots.add_names(snapshots.get_snapshot(token))
    centre = found["center"]
    until = found.get("compare_years") or ([found["before_year"]] if found.get("before_year") else [])
    members = list_members(found, until)
    is_placed = bool(found.get("width") and found.get("height")) and all(
        each["x"] is not None and each["y"] is not None for each in members
    )
    created_at = datetime.fromisoformat(found["created_at"])
    return {
        "kind": centre["type"].lower(),
        "id": centre["id"],
        "name": centre["name"],
        "title": found.get("title") or "",
        "description": found.get("description") or "",
        "categories": list_categories(found, members, until),
        "until": until,
        "rings": found.get("ring_years") or [],
        "width": found["width"] if is_placed else None,
        "height": found["height"] if is_placed else None,
        "layout": found.get("layout") or "rings",
        "hidden": found.get("hidden") or [],
        "created_at": created_at,
        "expires_at": created_at + snapshots.LIFETIME,
    }


def list_members(snapshot: Map, until: list[int]) -> list[Map]:
    """Return the members of a snapshot, each once, as ``maps.build_category`` does, with category and place."""
    keys = [f"{each['type'].lower()}:{each['id']}" for each in snapshot["nodes"]]
    found: dict[str, Map] = {}
    for key, node in zip(keys, snapshot["nodes"], strict=True):
        kind = node["type"].lower()
        if kind in TITLES and node["id"] and key not in found:
            first, last = node.get("first"), node.get("last")
            member = Member(kind, node["id"], node["name"], node.get("releases"), first, last or first)
            found[key] = {
                **asdict(member),
                "rank": len(found),
                "time": maps.classify_time(member, until),
                "is_shown": maps.is_visible(member, until[-1] if until else None),
                "links": [],
                "category": node.get("category") or kind,
                **{name: node.get(name) for name in ("x", "y", "quiet")},
            }
    for one, other in snapshot.get("links", ()):
        if one != other and keys[one] in found and keys[other] in found:
            found[keys[one]]["links"].append(keys[other])
            found[keys[other]]["links"].append(keys[one])
    return list(found.values())


def list_categories(snapshot: Map, members: list[Map], until: list[int]) -> list[Map]:
    """Return the categories of a snapshot with their members; those of no category are put together by kind."""
    found = {
        each["name"]: {
            "title": each["title"],
            "size": each["size"],
            "total": each["total"],
            "totals": each.get("totals") or [each["total"]],
            "members": [],
            "x": each.get("x"),
            "y": each.get("y"),
        }
        for each in snapshot.get("categories", ())
    }
    for member in members:
        name = member["category"] if member["category"] in found else member["kind"]
        category = found.setdefault(name, {"title": TITLES[member["kind"]], "members": [], "x": None, "y": None})
        category["members"].append(member)
    for name, category in found.items():
        count = len(category["members"])
        category.update(
            category=name, type="", larger=0, loaded=[sum(each["is_shown"] for each in category["members"])]
        )
        category.setdefault("size", count)
        category.setdefault("total", count)
        category.setdefault("totals", [count] * max(1, len(until)))
    return list(found.values())
