"""Dumps of MusicBrainz that have artists alone, written by hand and loaded without workers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from apps.ingest.models import Run, Source
from apps.ingest.runs import starting
from apps.ingest.runs.starting import Options
from tasks.extractor import start_run
from tasks.pipelines import is_empty


def mbid(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012}"


def artist(number: int, *relations: Mapping[str, Any], **fields: Any) -> dict[str, Any]:
    return {"id": mbid(number), "name": f"Artist {number}", "relations": list(relations), **fields}


def page(data_id: int, kind: str = "artist") -> dict[str, Any]:
    """Return the relation of an entity to its page of Discogs."""
    return link("discogs", f"https://www.discogs.com/{kind}/{data_id}")


def link(service: str, address: str) -> dict[str, Any]:
    return {"type": service, "target-type": "url", "direction": "forward", "url": {"resource": address}}


def relation(target: int, kind: str = "member of band", **fields: Any) -> dict[str, Any]:
    """Return a relation to another artist."""
    return {
        "type": kind,
        "target-type": "artist",
        "direction": "forward",
        "artist": {"id": mbid(target)},
        "begin": None,
        "end": None,
        "ended": False,
        "attributes": [],
        **fields,
    }


def write(folder: Path, version: str, *artists: dict[str, Any] | str) -> Path:
    """Write a dump into the folder of its version; a text is a line as it stands. Return the folder around that."""
    home = folder / version
    home.mkdir(parents=True)
    lines = [each if isinstance(each, str) else json.dumps(each) for each in artists]
    (home / "artist.jsonl").write_text("".join(f"{line}\n" for line in lines))
    return folder


def begin(folder: Path, **options: Any) -> Run:
    """Enter a run of the newest dump in a folder into the ledger."""
    wanted = Options(source=Source.MUSICBRAINZ.value, types=["artists"], **options)
    return starting.start(wanted, folder=folder, is_empty=is_empty)


def load(folder: Path, version: str, *artists: dict[str, Any] | str, **options: Any) -> Run:
    """Write a dump and load it to the end of its run."""
    run = begin(write(folder, version, *artists), **options)
    start_run.apply(args=[run.pk], throw=True).get()
    run.refresh_from_db()
    return run
