"""The record tables of Discogs, in the schema ``public``: every record as JSON, with what tells a change.

Rows come from ``apps.catalog.loader``, by COPY and never through these classes; readers use them.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Left, Now

# Raised whenever the meaning of what a row or a node holds changes: the next run then writes every record anew.
REVISION = 1


class Record(models.Model):
    """One record of a dump."""

    data_id = models.BigIntegerField(primary_key=True, help_text="Discogs id")
    hash = models.BinaryField(help_text="SHA-256 of the canonical record")
    raw_hash = models.BinaryField(null=True, help_text="SHA-256 of rules, revision and bytes; null: extract every time")
    rev = models.SmallIntegerField(help_text="revision of the code that wrote it")
    chunk_id = models.BigIntegerField(help_text="which chunk wrote it; a lower one never overwrites it")
    data = models.JSONField()
    updated_at = models.DateTimeField(db_default=Now(), help_text="when the content last changed")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.data_id}"


class Artist(Record):
    """A person or a group."""

    class Meta:
        db_table = "artists"


class Label(Record):
    """A label, a company or a series."""

    class Meta:
        db_table = "labels"


class Master(Record):
    """What the releases of one recording have in common."""

    class Meta:
        db_table = "masters"


class Release(Record):
    """One published edition."""

    class Meta:
        db_table = "releases"


TABLES: dict[str, type[Record]] = {"artists": Artist, "labels": Label, "masters": Master, "releases": Release}


class Tally(models.Model):
    """How many releases have both of two things: a genre, a style or a label, and what is counted by it.

    Derived from the releases when a run ends (``apps.graph.tallies``). Grouping them for a question would take seconds
    for a large genre. The database has no index for the key: its writer compares whole tables.
    """

    pk = models.CompositePrimaryKey("kind", "parent", "child")
    kind = models.CharField(max_length=12, help_text="of parent and child, such as genre artist")
    parent = models.TextField(help_text="name of a genre or style, id of a label", db_collation="C")
    child = models.TextField(help_text="name of a genre or style, id of an artist or label, a year", db_collation="C")
    releases = models.IntegerField()
    years = ArrayField(
        models.SmallIntegerField(),
        db_default=[],
        help_text="of those that have one, ascending; of genres and styles with artists, labels and each other",
    )

    class Meta:
        db_table = "tally"
        # Pages of what a genre has, the most frequent first. Whole names may be too long for an index.
        indexes = (
            models.Index(
                "kind",
                Left("parent", 200),
                models.F("releases").desc(),
                Left("child", 200),
                name="idx_tally_pages",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind}: {self.parent}, {self.child}"


class Collaboration(models.Model):
    """How many releases two artists share. The row of an artist with itself counts those on which it is not alone.

    Derived from the releases when a run ends (``apps.graph.collaborations``). Walking the releases of an artist and of
    all its collaborators for a question would take minutes where a placeholder such as Various is among them.
    """

    pk = models.CompositePrimaryKey("artist", "other")
    artist = models.BigIntegerField(help_text="id of an artist that has a node")
    other = models.BigIntegerField(help_text="likewise; each pair has a row in both directions")
    releases = models.IntegerField()
    years = ArrayField(models.SmallIntegerField(), help_text="of those that have one, ascending")

    class Meta:
        db_table = "collaboration"

    def __str__(self) -> str:
        return f"{self.artist}, {self.other}"


class LeadingName(models.Model):
    """An artist or label that is among those with the most releases, by its name.

    Derived from the releases when a run ends (``apps.graph.leading_names``). Type-ahead orders names by releases, and
    counting those of all that begin with three letters would take seconds.
    """

    pk = models.CompositePrimaryKey("kind", "id")
    kind = models.CharField(max_length=6, help_text="artist or label")
    id = models.BigIntegerField()
    name = models.TextField(help_text="in lower case, its first 200 characters", db_collation="C")
    releases = models.IntegerField()

    class Meta:
        db_table = "leading_name"
        # Those that begin with a text.
        indexes = (models.Index("kind", "name", "releases", "id", name="leading_name_beginning"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.id}: {self.name}"


class Profile(models.Model):
    """By which names the releases of an artist are known that leads a genre: what it is compared by.

    Derived from the releases when a run ends (``apps.graph.profiles``). Artists like another one are looked for among
    those with most releases of its genres, who have too many to be walked while somebody waits.
    """

    artist = models.BigIntegerField(primary_key=True, help_text="id of an artist that has a node")
    names = models.JSONField(help_text="genre, style, label, collaborator → name, empty if it has none → releases")

    class Meta:
        db_table = "profile"

    def __str__(self) -> str:
        return str(self.artist)
