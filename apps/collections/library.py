"""A user's collection or wantlist with what the graph says of its releases, in one read of PostgreSQL (decision 170).

Only items whose release has a node are in it, as in the graph. The first read after a change joins the tables and keeps
the result in the user's row, which later reads return (decision 190).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import itemgetter
from typing import Any, NamedTuple, overload
from uuid import UUID

import orjson
from django.db import connection

from apps.catalog import reading
from apps.collections.models import CollectedRelease
from apps.graph.readers import collecting
from apps.graph.rows import batches

# Of a statement.
SECONDS = 5
# [id, name]; there are entities without a name.
Entity = Sequence[Any]
# The fields whose values are lists.
LISTS = ("artists", "labels", "genres", "styles", "formats")

# One row: the items as a list in JSON, which Python reads many times faster than rows; and which releases were never
# asked for.
COPIES = """
SELECT '[' || string_agg(
        concat(
            '["', item.release_id, '","', coalesce(item.instance_id::text, item.id::text), '",',
            coalesce(item.rating::text, 'null'), ',', coalesce(item.folder_id::text, 'null'), ',',
            coalesce(to_json(item.date_added)::text, 'null'), ',', release.facts, ']'
        ), ','
    ) FILTER (WHERE release.facts IS NOT NULL) || ']',
    array_agg(item.release_id) FILTER (WHERE release.release_id IS NULL)
FROM user_collections AS item
LEFT JOIN collected_releases AS release USING (release_id)
WHERE user_id = %(user)s
"""
WANTS = """
SELECT '[' || string_agg(
        concat(
            '["', item.release_id, '","",', coalesce(item.rating::text, 'null'), ',null,',
            coalesce(to_json(item.date_added)::text, 'null'), ',', release.facts, ']'
        ), ','
    ) FILTER (WHERE release.facts IS NOT NULL) || ']',
    array_agg(item.release_id) FILTER (WHERE release.release_id IS NULL)
FROM user_wantlists AS item
LEFT JOIN collected_releases AS release USING (release_id)
WHERE user_id = %(user)s
"""

KEPT_COPIES = "SELECT version, copies FROM user_libraries WHERE user_id = %(user)s"
KEPT_WANTS = "SELECT version, wants FROM user_libraries WHERE user_id = %(user)s"
# Only if nothing has changed since the version was read. It waits for no change that is under way.
KEEP_COPIES = """
UPDATE user_libraries SET copies = %(text)s
WHERE user_id = (
    SELECT user_id FROM user_libraries WHERE user_id = %(user)s AND version = %(version)s FOR UPDATE SKIP LOCKED
)
RETURNING version
"""
KEEP_WANTS = """
UPDATE user_libraries SET wants = %(text)s
WHERE user_id = (
    SELECT user_id FROM user_libraries WHERE user_id = %(user)s AND version = %(version)s FOR UPDATE SKIP LOCKED
)
RETURNING version
"""
# A change makes the row, so a reader that finds none keeps nothing. A deleted user gets none.
NOTE_CHANGE = """
INSERT INTO user_libraries (user_id, version)
SELECT id, 1 FROM accounts_user WHERE id = %s
ON CONFLICT (user_id) DO UPDATE SET version = user_libraries.version + 1, copies = NULL, wants = NULL
"""
NOTE_CHANGE_OF_ALL = "UPDATE user_libraries SET version = version + 1, copies = NULL, wants = NULL"

STORE = """
INSERT INTO collected_releases (release_id, facts)
SELECT * FROM unnest(%s::bigint[], %s::text[])
ON CONFLICT (release_id) DO UPDATE SET facts = excluded.facts
WHERE collected_releases.facts IS DISTINCT FROM excluded.facts
"""
FORGET_RELEASES = """
DELETE FROM collected_releases AS release
WHERE NOT EXISTS (SELECT FROM user_collections AS item WHERE item.release_id = release.release_id)
    AND NOT EXISTS (SELECT FROM user_wantlists AS item WHERE item.release_id = release.release_id)
"""


class Item(NamedTuple):
    """A copy or a want, and what the graph says of its release. Artists and labels are by name, as are all names."""

    release: str
    # Of a want it is empty, and the folder None.
    instance: str
    rating: int | None
    folder: int | None
    date_added: str | None
    title: str | None
    year: int | None
    catalog_number: str | None
    # Lists are JSON here and read when they are asked for.
    artists_json: str
    labels_json: str
    genres_json: str
    styles_json: str
    formats_json: str
    master: str | None

    @property
    def artists(self) -> Sequence[Entity]:
        """Its artists."""
        return parse(self.artists_json)

    @property
    def labels(self) -> Sequence[Entity]:
        """Its labels."""
        return parse(self.labels_json)

    @property
    def genres(self) -> Sequence[str]:
        """Its genres."""
        return parse(self.genres_json)

    @property
    def styles(self) -> Sequence[str]:
        """Its styles."""
        return parse(self.styles_json)

    @property
    def artist(self) -> str | None:
        """The first artist by name."""
        return get_first_name(self.artists)

    @property
    def label(self) -> str | None:
        """The first label by name."""
        return get_first_name(self.labels)


# A field of an item: its distinct values, and of each item the place of its value among them.
Column = tuple[Sequence[Any], Sequence[int]]


class Items(Sequence[Item]):
    """The copies or wants of a user, by release and copy.

    They are held by field, each value once: figures count values and most orders compare them, which costs a tenth of
    what 10,000 objects do. ``artists``, ``labels``, ``genres``, ``styles`` and ``formats`` are fields too.
    """

    def __init__(self, columns: Iterable[Column] = (), texts: Iterable[str] = ()) -> None:
        """``columns``: of each field of ``Item``, or ``texts``: the same in JSON; neither if there are no items."""
        self.columns: dict[str, Column] = dict(zip(Item._fields, columns, strict=False))
        # They are read when they are asked for: a figure needs few of them.
        self.texts: dict[str, str] = dict(zip(Item._fields, texts, strict=False))

    @classmethod
    def from_rows(cls, rows: Iterable[Sequence[Any]]) -> Items:
        """Return the items of rows, which have the fields of ``Item``."""
        columns = []
        for values in zip(*sorted(rows, key=itemgetter(0, 1)), strict=True):
            places = {value: place for place, value in enumerate(dict.fromkeys(values))}
            columns.append((list(places), [places[value] for value in values]))
        return cls(columns)

    @classmethod
    def from_text(cls, text: str) -> Items | None:
        """Return the items of a text that ``to_text`` made; None if it has other fields."""
        texts = text.split("\n")
        return cls(texts=texts) if len(texts) == len(Item._fields) else None

    def to_text(self) -> str:
        """Return the columns as lines of JSON."""
        return "\n".join(dump(self.read_column(field)) for field in Item._fields)

    def __len__(self) -> int:
        return len(self.read_column("release")[1])

    @overload
    def __getitem__(self, index: int) -> Item: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Item]: ...
    def __getitem__(self, index: int | slice) -> Item | Sequence[Item]:
        if isinstance(index, slice):
            return [self[each] for each in range(*index.indices(len(self)))]
        columns = (self.read_column(field) for field in Item._fields)
        return Item(*(values[places[index]] for values, places in columns))

    def read_column(self, field: str) -> Column:
        """Return the distinct values of a field, lists parsed, and of each item the place of its value."""
        if field not in self.columns:
            if field in LISTS:
                texts, places = self.read_column(f"{field}_json")
                # All in one go: thousands of calls take several times as long.
                self.columns[field] = parse(f"[{','.join(texts)}]"), places
            else:
                values, places = parse(self.texts[field]) if field in self.texts else ((), ())
                self.columns[field] = values, places
        return self.columns[field]

    def list_distinct(self, field: str) -> Sequence[Any]:
        """Return the distinct values of a field."""
        return self.read_column(field)[0]

    def list_values(self, field: str) -> list[Any]:
        """Return the value of each item."""
        values, places = self.read_column(field)
        return [values[place] for place in places]

    def list_flags(self, field: str, has_value: Callable[[Any], bool]) -> list[bool]:
        """Return of each item whether the value of a field is as it must be."""
        values, places = self.read_column(field)
        flags = [has_value(value) for value in values]
        return [flags[place] for place in places]

    def count_by(self, *fields: str) -> Iterator[tuple[Any, ...]]:
        """Yield the combinations of values of some fields, each followed by the number of its items."""
        return self.count_among(None, fields)

    def count_releases(self, *fields: str) -> Iterator[tuple[Any, ...]]:
        """Yield the same with the number of releases; ``fields`` are the same in all copies of a release."""
        # Place of the release → its last copy.
        copies = {place: index for index, place in enumerate(self.read_column("release")[1])}
        return self.count_among(copies.values(), fields)

    def count_among(self, indexes: Iterable[int] | None, fields: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        """Yield the same of the items at some indexes, or of all."""
        columns = [self.read_column(field) for field in fields]
        if indexes is not None:
            indexes = list(indexes)
            columns = [(values, [places[each] for each in indexes]) for values, places in columns]
        counts = Counter(zip(*(places for _, places in columns), strict=True))
        # By column again, since Python is quicker with long lists than with many short ones.
        found = (
            map(values.__getitem__, places)
            for (values, _), places in zip(columns, zip(*counts, strict=True), strict=False)
        )
        return zip(*found, counts.values(), strict=True)


def get_first_name(entities: Sequence[Entity]) -> str | None:
    """Return the first name of artists or labels."""
    return entities[0][1] if entities else None


def parse(text: str) -> list[Any]:
    """Return the list in a JSON."""
    found: list[Any] = orjson.loads(text)
    return found


def read_copies(user: str) -> Items:
    """Return the copies that a user has."""
    return read_items(user, COPIES, KEPT_COPIES, KEEP_COPIES)


def read_wants(user: str) -> Items:
    """Return the wants of a user."""
    return read_items(user, WANTS, KEPT_WANTS, KEEP_WANTS)


def read_items(user: str, items: str, kept: str, keep: str) -> Items:
    """Return the kept items of a user, or those that the statement ``items`` returns, which are kept."""
    user_id = UUID(user)
    found = reading.rows(kept, seconds=SECONDS, user=user_id)
    version, text = found[0] if found else (None, None)
    if text and (known := Items.from_text(text)) is not None:
        return known
    joined = Items.from_rows(join_items(items, user_id))
    if version is not None:
        reading.rows(keep, seconds=SECONDS, user=user_id, version=version, text=joined.to_text())
    return joined


def join_items(statement: str, user_id: UUID) -> list[list[Any]]:
    """Return the rows of a statement; releases that were never asked for are read from the graph first."""
    found, unread = reading.rows(statement, seconds=SECONDS, user=user_id)[0]
    if unread:
        # The user's items are newer than the table, or not in the graph yet.
        refresh(unread)
        found, _ = reading.rows(statement, seconds=SECONDS, user=user_id)[0]
    return orjson.loads(found) if found else []


def note_change(user_id: UUID) -> None:
    """Forget the kept items of a user. Call it in the transaction that changes them."""
    with connection.cursor() as cursor:
        cursor.execute(NOTE_CHANGE, [user_id])


def refresh(releases: Iterable[int]) -> None:
    """Read again what the graph says of some releases.

    Raises:
        GraphAway, GraphTimeOut: Neo4j does not answer; some may be refreshed.
    """
    for batch in batches(sorted(set(releases))):
        facts = collecting.read_facts(batch)
        texts = [encode(facts[each]) if each in facts else None for each in batch]
        with connection.cursor() as cursor:
            cursor.execute(STORE, [batch, texts])


def encode(facts: Iterable[Any]) -> str:
    """Return facts as the end of an item in JSON, without its bracket, lists as JSON in a text."""
    return dump([dump(each) if isinstance(each, list) else each for each in facts])[1:-1]


def dump(value: Any) -> str:
    """Return a value as JSON."""
    return orjson.dumps(value).decode()


def refresh_all() -> None:
    """After a load: read again what the graph says of all releases that users have or want, and forget the others."""
    with connection.cursor() as cursor:
        cursor.execute(FORGET_RELEASES)
    refresh(CollectedRelease.objects.values_list("release_id", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(NOTE_CHANGE_OF_ALL)
