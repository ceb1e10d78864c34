"""The versions of the sources that are loaded."""

from __future__ import annotations

import logging
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError

from apps.api.caching import SHORT, cache_json
from apps.ingest.models import COMPLETE, Run, Source

logger = logging.getLogger(__name__)

SAMPLE = "sample"


def get_versions() -> dict[str, Any]:
    """Return the date of the newest version of each source, and whether the sample is all that is loaded.

    ``{discogs, musicbrainz: date or None, is_sample}``; None and False while PostgreSQL is away.
    """
    try:
        found = cache_json("sources", SHORT, read_versions)
    except (DatabaseError, InterfaceError) as error:
        logger.warning("what is loaded is not known: %s", error)
        found = {}
    return {
        "discogs": parse_day(found.get(Source.DISCOGS.value)),
        "musicbrainz": parse_day(found.get(Source.MUSICBRAINZ.value)),
        "is_sample": found.get("is_sample", False),
    }


def read_versions() -> dict[str, Any]:
    """Return the newest complete version of each source, and whether every run of Discogs read the sample."""
    complete = Run.objects.filter(state__in=COMPLETE)
    folders = complete.filter(source=Source.DISCOGS).values_list("folder", flat=True).distinct()
    sample = Path(settings.BASE_DIR) / SAMPLE
    return {
        **{
            source.value: complete.filter(source=source).order_by("-version").values_list("version", flat=True).first()
            for source in (Source.DISCOGS, Source.MUSICBRAINZ)
        },
        "is_sample": bool(folders) and all(Path(folder).resolve() == sample for folder in folders),
    }


def parse_day(version: str | None) -> date | None:
    """Return the day of a version, which begins with eight digits."""
    try:
        return datetime.strptime((version or "")[:8], "%Y%m%d").date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        return None
