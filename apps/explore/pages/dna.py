"""The pane about a label's DNA: its character, its decades, its sound, alone or beside up to four other labels."""

from __future__ import annotations

from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from rest_framework.exceptions import NotFound, ParseError

from apps.api.caching import SHORT, cache_json
from apps.api.limits import Limit
from apps.api.responses import NotEnough
from apps.explore import charts
from apps.explore.answers import beginnings, labels, names
from apps.explore.answers.panels import read_part
from apps.explore.pages import addresses
from apps.explore.pages.base import Page
from apps.explore.pages.states import NothingOfThatName
from apps.graph.readers import entities, maps
from apps.graph.readers.labels import MIN_RELEASES

SIMILAR = 6
# Lists of figures: key, heading, how many are shown.
SOUNDS = (("genre", "Genres", 6), ("style", "Styles", 8), ("format", "Formats", 6))


class Dna(Page):
    """``GET /label/245-r-s-records/dna/?with=23528``: what a label has released in figures, beside that of others.

    ``GET /dna/`` is where to begin. ``id=`` or ``name=`` is one label more, as forms send it.
    """

    template = "explore/dna.html"
    tab = "dna"
    classes = "wrap figured"
    limits = (Limit(60),)

    def compose(self, fragment: str) -> dict[str, Any]:  # noqa: ARG002
        """Return the labels with their charts, or labels to begin with."""
        ids = self.read_ids()
        if not ids:
            return {"title": "Label DNA", "beginnings": list(map(add_address, beginnings.find_label_beginnings()))}
        if len(ids) > labels.MOST_COMPARED:
            raise ParseError(f"At most {labels.MOST_COMPARED} labels can be compared")
        dnas, left_out = [figures(ids[0])], []
        for id_ in ids[1:]:
            try:
                dnas.append(figures(id_))
            except (NotFound, NotEnough) as error:
                left_out.append(str(error.detail))
        first, shown = dnas[0], [each["label_id"] for each in dnas]
        heads, characters = labels.distinguish_names(dnas), list(map(labels.compute_character, dnas))
        decades = labels.count_by_decade(dnas)
        return {
            "title": f"Label DNA: {', '.join(heads)}",
            "canonical": address(shown, first["label_name"]),
            "first": first,
            "trends": addresses.pane("trends", series=f"label:{first['label_id']}"),
            "labels": [
                {**each, "head": head, "character": character, "without": drop_label(dnas, number)}
                for number, (each, head, character) in enumerate(zip(dnas, heads, characters, strict=True))
            ],
            "others": shown[1:],
            "left_out": left_out,
            "is_full": len(dnas) == labels.MOST_COMPARED,
            "similar": list_similar(shown, first["label_name"]),
            "axes": labels.AXES,
            "radar": charts.radar(labels.AXES, list(zip(heads, characters, strict=True)), size=440),
            "decades": decades,
            "decade_chart": charts.stack(
                [(f"{decade}s", dict(zip(heads, counts, strict=True))) for decade, counts in decades], heads
            ),
            "sounds": [
                {"kind": kind, "title": title, "rows": labels.compare_shares(dnas, kind, most)}
                for kind, title, most in SOUNDS
            ],
        }

    def read_ids(self) -> list[str]:
        """Return the ids of the labels that are asked for, each once."""
        query = self.request.GET
        ids = [addresses.id_of(self.kwargs["slug"])] if "slug" in self.kwargs else []
        ids += query.getlist("with")
        if id_ := query.get("id", ""):
            ids.append(id_)
        elif name := query.get("name", "").strip():
            ids.append(find(name))
        return list(dict.fromkeys(ids))


def find(name: str) -> str:
    """Return the id of the label of a name."""
    found = entities.explore_entity("label", name)
    if found is None:
        closest = names.find_closest("label", name)
        raise NothingOfThatName("label", name, list(map(add_address, closest)))
    return str(found["id"])


def add_address(label: dict[str, Any]) -> dict[str, Any]:
    """Return a label ``{id, name, …}`` with the address of its DNA."""
    return {**label, "address": address([label["id"]], label["name"])}


def figures(id_: str) -> labels.Dna:
    """Return a label's figures; where these are too few, say how many and of which label."""
    try:
        return labels.get_cached_dna(id_)
    except NotEnough as error:
        centre = cache_json(f"centre:label:{id_}", SHORT, lambda: maps.get_centre("label", id_))
        if centre is None:
            raise
        raise NotEnough(
            f"{MIN_RELEASES} releases make a profile. {centre['name']} has {centre['releases']}."
        ) from error


def list_similar(shown: list[str], name: str) -> list[dict[str, Any]] | None:
    """Return the labels that are like the first of those shown, whose name is given; None if that takes too long.

    ``beside`` is the address that shows one of them beside those shown, empty if there is no place for it.
    """
    found = read_part(f"label-similar:{shown[0]}", partial(labels.find_similar_labels, shown[0], SIMILAR))
    if found is None:
        return None
    is_full = len(shown) == labels.MOST_COMPARED
    alike = []
    for each in found["similar"]:
        id_, is_profiled = each["label_id"], each["release_count"] >= MIN_RELEASES
        own = address([id_], each["label_name"]) if is_profiled else addresses.explore("label", id_)
        has_place = is_profiled and not is_full and id_ not in shown
        alike.append({**each, "address": own, "beside": address([*shown, id_], name) if has_place else ""})
    return alike


def address(ids: list[str], name: str = "") -> str:
    """Return the address of the DNA of labels; the name is that of the first."""
    if not ids:
        return reverse("pages:dna")
    query = urlencode([("with", each) for each in ids[1:]])
    path = reverse("pages:label_dna", kwargs={"slug": addresses.slug(ids[0], name)})
    return f"{path}?{query}" if query else path


def drop_label(dnas: list[labels.Dna], number: int) -> str:
    """Return the address without one of the labels."""
    rest = [each for at, each in enumerate(dnas) if at != number]
    return address([each["label_id"] for each in rest], rest[0]["label_name"] if rest else "")
