"""Records as they stand in a dump file, for tests that say only what they are about."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any
from xml.sax.saxutils import escape


def artist(
    data_id: object,
    name: str = "Karl Vogt",
    *,
    aliases: Iterable[object] = (),
    members: Iterable[object] = (),
    groups: Iterable[object] = (),
    more: str = "",
) -> str:
    lists = {"aliases": aliases, "groups": groups, "members": members}
    references = "".join(f"<{key}>{list_names(ids)}</{key}>" for key, ids in lists.items())
    return f"<artist><id>{data_id}</id><name>{escape(name)}</name>{more}{references}</artist>"


def label(
    data_id: object, name: str = "Deich", *, parent: object = None, sublabels: Iterable[object] = (), more: str = ""
) -> str:
    above = "" if parent is None else f'<parentLabel id="{parent}">p</parentLabel>'
    below = "".join(f'<label id="{each}">s</label>' for each in sublabels)
    return f"<label><id>{data_id}</id><name>{escape(name)}</name>{more}{above}<sublabels>{below}</sublabels></label>"


def master(
    data_id: object,
    title: str = "Ebbe",
    *,
    year: object = "",
    artists: Iterable[object] = (),
    genres: Iterable[str] = (),
    styles: Iterable[str] = (),
) -> str:
    return (
        f'<master id="{data_id}">{list_artists("artists", artists)}{texts("genre", genres)}{texts("style", styles)}'
        f"<year>{year}</year><title>{escape(title)}</title></master>"
    )


def release(
    data_id: object,
    title: str = "Ebbe",
    *,
    artists: Iterable[object] = (),
    labels: Iterable[object] = (),
    master_id: object = 0,
    genres: Iterable[str] = (),
    styles: Iterable[str] = (),
    credits: Iterable[tuple[str, str, object]] = (),  # noqa: A002 - Discogs' word
    released: str = "",
    more: str = "",
) -> str:
    entries = "".join(f'<label name="n" catno="c" id="{each}"/>' for each in labels)
    people = "".join(credit(*each) for each in credits)
    return (
        f'<release id="{data_id}">{list_artists("artists", artists)}<title>{escape(title)}</title>'
        f"<labels>{entries}</labels>"
        f"<extraartists>{people}</extraartists>"
        f"{texts('genre', genres)}{texts('style', styles)}<released>{released}</released>{more}"
        f'<master_id is_main_release="false">{master_id}</master_id></release>'
    )


def list_names(ids: Iterable[object]) -> str:
    return "".join(f'<name id="{each}">n</name>' for each in ids)


def list_artists(key: str, ids: Iterable[object]) -> str:
    entries = "".join(f"<artist><id>{each}</id><name>n</name></artist>" for each in ids)
    return f"<{key}>{entries}</{key}>"


def credit(name: str, role: str, data_id: object) -> str:
    return f"<artist><id>{data_id}</id><name>{escape(name)}</name><role>{escape(role)}</role></artist>"


def texts(tag: str, values: Iterable[str]) -> str:
    entries = "".join(f"<{tag}>{escape(each)}</{tag}>" for each in values)
    return f"<{tag}s>{entries}</{tag}s>"


def entity(mbid: str, name: str, *, page: str = "", relations: Iterable[Mapping[str, Any]] = (), **more: Any) -> str:
    """Return a line of MusicBrainz; ``page`` is that of Discogs, such as ``artist/1``."""
    discogs = [link("discogs", f"https://www.discogs.com/{page}")] if page else []
    # A release has a title; what a type does not know of it passes over.
    return json.dumps({"id": mbid, "name": name, "title": name, "relations": [*discogs, *relations], **more})


def link(service: str, url: str) -> dict[str, Any]:
    return {"type": service, "target-type": "url", "direction": "forward", "url": {"resource": url}, "ended": False}


def relation(kind: str, mbid: str, target: str = "artist", **more: Any) -> dict[str, Any]:
    return {"type": kind, "target-type": target, "direction": "forward", target: {"id": mbid}, **more}
