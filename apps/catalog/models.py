"""The record tables of Discogs, in the schema ``public``: every record as JSON, with the hashes that show a change.

``apps.catalog.loader`` writes the rows by COPY, never through these classes. Only readers use the classes.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Left, Now

# Raise this number when a change of the code gives a row or a node another meaning: the next run then writes every
# record again.
REVISION = 1


class Record(models.Model):
    """A record of a dump; the base class of the four tables."""

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
    """A master: the common record of all releases of one work."""

    class Meta:
        db_table = "masters"


class Release(Record):
    """A release: one published edition."""

    class Meta:
        db_table = "releases"


TABLES: dict[str, type[Record]] = {"artists": Artist, "labels": Label, "masters": Master, "releases": Release}


class Tally(models.Model):
    """The number of releases that have both of two things: a parent (genre, style or label) and a child.

    Counted from the releases when a run ends (``apps.graph.tallies``, decision 91). Counting them for each request
    would take seconds for a large genre. The key has no index in the database: its writer compares whole tables.
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
        # For pages of a parent's children, the most frequent first. Names are cut, as some are too long for an index.
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
    """The number of releases that two artists share. An artist's row with itself counts its releases with others.

    Counted from the releases when a run ends (``apps.graph.collaborations``, decision 91). A walk over the releases of
    an artist and of all its collaborators would take minutes if a placeholder such as Various is among them.
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
    """The name of an artist or label that is among those with the most releases.

    Written when a run ends (``apps.graph.leading_names``). Type-ahead orders names by their number of releases, and
    counting the releases of all names that begin with three letters would take seconds.
    """

    pk = models.CompositePrimaryKey("kind", "id")
    kind = models.CharField(max_length=6, help_text="artist or label")
    id = models.BigIntegerField()
    name = models.TextField(help_text="in lower case, its first 200 characters", db_collation="C")
    releases = models.IntegerField()

    class Meta:
        db_table = "leading_name"
        # For the names that begin with a text.
        indexes = (models.Index("kind", "name", "releases", "id", name="leading_name_beginning"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.id}: {self.name}"


class Profile(models.Model):
    """The profile of a leading artist of a genre: how many of its releases have which genre, style, label and partner.

    Counted from the releases when a run ends (``apps.graph.profiles``, decision 91). Similar artists are looked for
    among the leading artists of the same genres, who have too many releases to be walked for a request.
    """

    artist = models.BigIntegerField(primary_key=True, help_text="id of an artist that has a node")
    names = models.JSONField(help_text="genre, style, label, collaborator → name, empty if it has none → releases")

    class Meta:
        db_table = "profile"

    def __str__(self) -> str:
        return str(self.artist)


class LargeDiscography(models.Model):
    """The releases of an artist or label that has very many, by year: what a collector lacks of it is a page of them.

    Counted from the releases when a run ends (``apps.graph.large_discographies``, decision 171). Sorting all of them
    for each request would take seconds.
    """

    pk = models.CompositePrimaryKey("kind", "entity", "year")
    kind = models.CharField(max_length=6, help_text="artist or label")
    entity = models.BigIntegerField(help_text="its id")
    year = models.IntegerField(help_text="of these releases; the largest number stands for none")
    count = models.IntegerField(help_text="of these releases")
    # Texts, which PostgreSQL need not take apart.
    ids = models.TextField(help_text="JSON: the releases, by title and id")
    masters = models.TextField(help_text="JSON: the master of each, or null")
    places = models.TextField(help_text="JSON: which of the formats each has")
    formats = models.TextField(help_text="JSON: the sets of formats that these releases have")

    class Meta:
        db_table = "large_discography"

    def __str__(self) -> str:
        return f"{self.kind} {self.entity}, {self.year}"
