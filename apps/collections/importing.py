"""Copies out of a file with the columns of Discogs' own export, for users without a link (decision 172)."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.api.tables import FORMULA_STARTS
from apps.catalog.models import Release
from apps.collections import notes, outbox, seeding, syncing
from apps.collections.discogs.items import LARGEST, clean, read_text
from apps.collections.models import LONGEST_NAME, LONGEST_TEXT, Link, Sync
from apps.collections.syncing import LONGEST_LABEL
from apps.graph.rows import batches

# A larger file is refused, and more errors are only counted.
MOST_ROWS, MOST_ERRORS = 100_000, 100
NUMBER = re.compile(r"-?[0-9]{1,19}", re.ASCII)
YEAR = re.compile(r"[1-9][0-9]{3}", re.ASCII)
# What the columns of a user's notes begin with.
OWN = "Collection "
UNCATEGORIZED, UNCATEGORIZED_FOLDER = "uncategorized", 1


class UnreadableFileError(Exception):
    """A file is no such export; nothing of it was stored."""


class LinkedError(Exception):
    """The user has a link to Discogs, which says what they have."""


class RowError(Exception):
    """A row has no copy that can be stored."""


@dataclass(slots=True)
class Outcome:
    """What came of a file: copies by what happened to them, and the rows that were left out."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0
    errors: list[dict[str, Any]] = field(default_factory=list)

    def refuse(self, line: int, message: str) -> None:
        """Note that a row was left out."""
        self.refused += 1
        if len(self.errors) < MOST_ERRORS:
            self.errors.append({"line": line, "message": message})


def import_copies(user_id: UUID, lines: Iterable[str]) -> Outcome:
    """Store the copies of a CSV file, all in one transaction; a second time changes nothing.

    Rows that cannot be read are left out. Nothing that the user has is deleted.

    Raises:
        LinkedError: the user has a link to Discogs.
        UnreadableFileError: it is no such file.
    """
    found = Outcome()
    with transaction.atomic():
        outbox.lock_user(user_id)
        if Link.objects.filter(user=user_id).exists():
            raise LinkedError
        # As a synchronisation stores them: what has changed is written, and noted for the graph.
        stamp = Sync(user_id=user_id, stamp=timezone.now())
        for batch in batches(read_copies(lines, found)):
            add_facts(batch)
            added, changed = syncing.store_items(stamp, syncing.PHASES["collection"], batch)
            found.added += added
            found.changed += changed
            found.unchanged += len({(each["release_id"], each["instance_id"]) for each in batch}) - added - changed
    return found


def read_copies(lines: Iterable[str], outcome: Outcome) -> Iterator[dict[str, Any]]:
    """Yield the fields of each copy of a file; rows without one are noted in the outcome."""
    copies: Counter[int] = Counter()
    try:
        rows = csv.DictReader(lines, strict=True)
        if "release_id" not in (rows.fieldnames or ()):
            raise UnreadableFileError("The file has no column release_id: give an export of Discogs as CSV")
        for row in islice(rows, MOST_ROWS + 1):
            if sum(copies.values()) + outcome.refused >= MOST_ROWS:
                raise UnreadableFileError(f"The file has more than {MOST_ROWS} rows")
            try:
                copy = read_copy(row)
            except RowError as error:
                outcome.refuse(rows.line_num, str(error))
                continue
            copies[copy["release_id"]] += 1
            if copy["instance_id"] is None:
                # Discogs numbers copies from 1 on, so these are never its own.
                copy["instance_id"] = -copies[copy["release_id"]]
            yield copy
    except csv.Error as error:
        raise UnreadableFileError(f"The file is no CSV: {error}") from error
    except UnicodeDecodeError as error:
        raise UnreadableFileError("The file is not in UTF-8") from error


def read_copy(row: Mapping[str | None, Any]) -> dict[str, Any]:
    """Return the fields of a copy.

    Raises:
        RowError: it cannot be one.
    """
    if None in row:
        raise RowError("more values than columns")
    texts = {name: unescape_formula(value or "") for name, value in row.items() if name is not None}
    rating = read_number(texts, "Rating", 0, 5)
    artists = [each for each in texts.get("Artist", "").split(", ") if each]
    metadata: dict[str, Any] = {"artists": artists, "sleeve_condition": read(texts, "Collection Sleeve Condition")}
    own = {name[len(OWN) :][:LONGEST_LABEL]: read(texts, name) for name in texts if name.startswith(OWN)}
    metadata["fields"] = {notes.get_key(name): text for name, text in own.items() if text and name not in notes.NAMES}
    if number := read(texts, "Catalog#", LONGEST_NAME):
        metadata["catalog_number"] = number
    folder = texts.get("CollectionFolder", "")
    has_number = NUMBER.fullmatch(folder) is not None
    if folder and not has_number and folder.lower() != UNCATEGORIZED:
        metadata["folder"] = folder[:LONGEST_NAME]
    release = read_number(texts, "release_id", 1, LARGEST)
    if release is None:
        raise RowError("no release_id")
    year = YEAR.match(texts.get("Released", ""))
    return {
        "release_id": release,
        "instance_id": read_number(texts, "instance_id", -LARGEST, LARGEST),
        "folder_id": read_number(texts, "CollectionFolder", 0, 2**31 - 1)
        if has_number
        else UNCATEGORIZED_FOLDER
        if folder.lower() == UNCATEGORIZED
        else None,
        "title": read(texts, "Title", LONGEST_TEXT),
        "artist": read_text(artists[0] if artists else None, LONGEST_TEXT),
        "label": read(texts, "Label", LONGEST_NAME),
        "year": int(year[0]) if year else None,
        "rating": rating,
        "date_added": read(texts, "Date Added", 40),
        "condition": read(texts, "Collection Media Condition", 100),
        "notes": read(texts, "Collection Notes"),
        "formats": [{"name": each} for each in texts.get("Format", "").split(", ") if each] or None,
        "metadata": clean(metadata),
    }


def read(texts: Mapping[str, str], column: str, most: int | None = None) -> str | None:
    """Return the text of a column, cut to ``most`` characters; None for none."""
    return read_text(texts.get(column), most)


def read_number(texts: Mapping[str, str], column: str, least: int, most: int) -> int | None:
    """Return the number in a column; None for none.

    Raises:
        RowError: there is something else.
    """
    text = texts.get(column, "").strip()
    if not text:
        return None
    if not NUMBER.fullmatch(text) or not least <= int(text) <= most:
        raise RowError(f"{column} is not a number from {least} to {most}: {text[:40]!r}")
    return int(text)


def unescape_formula(text: str) -> str:
    """Return a text as it was before an export kept spreadsheets from taking it for a formula."""
    return text[1:] if text[:1] == "'" and text[1:2] in FORMULA_STARTS else text


def add_facts(copies: Iterable[dict[str, Any]]) -> None:
    """Give copies the formats and artists of their releases.

    Discogs' file mixes formats with what describes them, and joins artists by what the name of one may have in it.
    """
    wanted = {each["release_id"]: each for each in copies}
    known = Release.objects.filter(pk__in=wanted).values_list("pk", "data").iterator()
    facts = {release: seeding.describe_record(data) for release, data in known}
    for each in copies:
        if release := facts.get(each["release_id"]):
            each["formats"] = release["formats"] or each["formats"]
            artists = release["metadata"]["artists"]
            if ", ".join(artists) == ", ".join(each["metadata"]["artists"]):
                each["metadata"]["artists"], each["artist"] = artists, release["artist"]
