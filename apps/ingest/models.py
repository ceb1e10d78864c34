"""The ledger: which stage of which chunk is done. Every task and every command asks it, and believes nothing else.

``apps.ingest.ledger`` and the stages write the rows. No state of the ledger is cached or carried in messages.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Now


def feeds_records() -> bool:
    """Tell whether a run that begins now publishes every record to the feed."""
    return bool(settings.FEED_RECORDS)


class Source(models.TextChoices):
    """The sources of records."""

    DISCOGS = "discogs"
    MUSICBRAINZ = "musicbrainz", "MusicBrainz"


class RecordType(models.TextChoices):
    """The types of records. Both sources have artists, labels and releases; a release group corresponds to a master."""

    ARTISTS = "artists"
    LABELS = "labels"
    MASTERS = "masters"
    RELEASE_GROUPS = "release-groups"
    RELEASES = "releases"


class RunState(models.TextChoices):
    """The states of a run, in their order."""

    EXTRACTING = "extracting"
    LINKING = "linking"
    MAINTAINING = "maintaining"
    COMPLETED = "completed"
    COMPLETED_WITH_WARNINGS = "completed_with_warnings"
    FAILED = "failed"
    CANCELLED = "cancelled"


COMPLETE = (RunState.COMPLETED, RunState.COMPLETED_WITH_WARNINGS)
ENDED = (*COMPLETE, RunState.FAILED, RunState.CANCELLED)


class Run(models.Model):
    """The effort to load one version of one source, however many restarts it takes."""

    source = models.CharField(max_length=20, choices=Source)
    version = models.CharField(max_length=20, help_text="Discogs: YYYYMMDD; MusicBrainz: YYYYMMDD-HHMMSS")
    state = models.CharField(max_length=30, choices=RunState, default=RunState.EXTRACTING)
    folder = models.TextField(help_text="where its dump files are")
    types = ArrayField(models.CharField(max_length=20), help_text="record types it loads")
    stores = ArrayField(models.CharField(max_length=10), help_text="tables, graph or both")
    bulk = models.BooleanField(default=False, help_text="the graph is made by Neo4j's offline import")
    rewrite = models.BooleanField(default=False, help_text="write every record anew, equal or not")
    confirm_purge = models.BooleanField(default=False, help_text="delete what the dump no longer has, vetoed or not")
    waits = models.BooleanField(default=False, help_text="it begins when no run of Discogs is unfinished")
    rules_path = models.TextField(blank=True, help_text="rules file; empty: the built-in rules")
    rules_digest = models.CharField(
        max_length=64, blank=True, help_text="SHA-256, hex; with another one every record is parsed again"
    )
    steps_done = ArrayField(models.CharField(max_length=30), default=list, help_text="maintenance steps that are done")
    warnings = ArrayField(models.TextField(), default=list, help_text="what an operator should know of")
    error = models.TextField(blank=True, help_text="why it failed")
    started_at = models.DateTimeField(db_default=Now(), help_text="by the database's clock, never moved by a resume")
    heartbeat_at = models.DateTimeField(db_default=Now(), help_text="when the ledger last moved")
    completed_at = models.DateTimeField(null=True)
    nodes_written = models.BigIntegerField(default=0, help_text="by maintenance; a chunk counts its own")
    relationships_written = models.BigIntegerField(default=0)
    relationships_deleted = models.BigIntegerField(default=0)
    coverage = models.JSONField(default=dict, help_text="MusicBrainz: how much of it the graph shows")
    feeds_records = models.BooleanField(
        default=feeds_records, help_text="FEED_RECORDS when it began: the feed tells of every record"
    )
    fed_at = models.DateTimeField(null=True, help_text="when the feed had told all of it")
    announced_at = models.DateTimeField(null=True, help_text="when other apps had been told that it is complete")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("source",), condition=~models.Q(state__in=ENDED), name="one_unfinished_run_per_source"
            ),
        )

    def __str__(self) -> str:
        return f"run {self.pk}: {self.source} {self.version}"

    @property
    def is_ended(self) -> bool:
        """Whether the run has ended; only a new run can do what it left."""
        return self.state in ENDED

    @property
    def started_by(self) -> str:
        """Who or what started the run, as in ``Event.by``; "" once its events are deleted."""
        return find_starters([self]).get(self.pk, "")

    @property
    def has_graph(self) -> bool:
        """Whether the run loads Neo4j as well."""
        return "graph" in self.stores


class FileState(models.TextChoices):
    """The states of a dump file."""

    LOADING = "loading"
    COMPLETED = "completed"
    FAILED = "failed"


class DumpFile(models.Model):
    """One dump file of a run: all records of one type. Without a path it is a table that is read back (decision 11)."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="files")
    type = models.CharField(max_length=20, choices=RecordType)
    path = models.TextField()
    checksum = models.CharField(max_length=64, blank=True, help_text="published SHA-256, hex; empty: not published")
    bytes = models.BigIntegerField(help_text="size of the file; 0: not known before it is downloaded")
    bytes_read = models.BigIntegerField(default=0, help_text="how much of it is split, for the progress bar")
    first_load = models.BooleanField(help_text="the table was empty when the file began")
    split_at = models.DateTimeField(null=True, help_text="when every chunk of it was in the ledger")
    completed_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=20, choices=FileState, default=FileState.LOADING)
    malformed = models.IntegerField(default=0, help_text="records dropped as unreadable or without a usable id")
    may_repeat = models.BooleanField(default=False, help_text="an id may stand in two of its chunks")
    removed = models.BigIntegerField(default=0, help_text="rows that the purge deleted")
    purge_veto = models.TextField(blank=True, help_text="why nothing that it lacks may be deleted")
    error = models.TextField(blank=True)
    fed_at = models.DateTimeField(null=True, help_text="when the feed had told that it is complete")
    url = models.TextField(blank=True, help_text="where it is downloaded from; empty: it was here already")
    bytes_fetched = models.BigIntegerField(default=0, help_text="how much of it is here, for the progress bar")
    fetched_at = models.DateTimeField(null=True, help_text="when the whole of it was here")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("run", "type"), name="one_file_per_run_and_type"),)

    def __str__(self) -> str:
        return f"{self.type} of {self.run}"

    @property
    def is_here(self) -> bool:
        """Whether the file can be split: it is downloaded, or needs no download."""
        return not self.url or self.fetched_at is not None

    @property
    def fetched_share(self) -> float:
        """The downloaded part of the file, 0 … 1."""
        return 1.0 if self.is_here else min(self.bytes_fetched / max(self.bytes, 1), 1.0)

    @property
    def split_share(self) -> float:
        """The part of the file's bytes that is split, 0 … 1."""
        return 1.0 if self.split_at else min(self.bytes_read / max(self.bytes, 1), 1.0)


class Chunk(models.Model):
    """Whole records of a dump file, the unit of work of every stage.

    The ranges of a file's chunks follow one another from 1 without a gap, and the last is open upwards. So each id
    belongs to the range of one chunk, which finds the removed records in it. An id outside of its chunk's range is a
    stray. Files of MusicBrainz are not sorted by id: their chunks have empty ranges; ``SeenEntity`` holds their ids.
    """

    file = models.ForeignKey(DumpFile, on_delete=models.CASCADE, related_name="chunks")
    seq = models.IntegerField(help_text="0, 1, … in the order of the file")
    low_id = models.BigIntegerField(help_text="first id of its range")
    high_id = models.BigIntegerField(help_text="last id of its range, below low_id if the range is empty")
    sha256 = models.BinaryField(help_text="of its bytes, to know the file again")
    stray_ids = ArrayField(models.BigIntegerField(), default=list, help_text="its records outside of its range")
    shared_ids = ArrayField(
        models.BigIntegerField(), default=list, help_text="its sound records whose id an earlier chunk may have as well"
    )
    new_ids = ArrayField(
        models.BigIntegerField(), default=list, help_text="what an update brought that no graph may have had before"
    )
    xml_blob = models.TextField()
    batch = models.TextField(blank=True, help_text="stem of the names of its batch's blobs; empty: nothing to write")
    extracted_at = models.DateTimeField(null=True)
    tabled_at = models.DateTimeField(null=True)
    graphed_at = models.DateTimeField(null=True)
    linked_at = models.DateTimeField(null=True)
    paid_at = models.DateTimeField(null=True, help_text="when a later run paid its debt to the graph")
    records = models.IntegerField(default=0, help_text="records that begin in it")
    new = models.IntegerField(default=0)
    changed = models.IntegerField(default=0)
    unchanged = models.IntegerField(default=0)
    removed = models.IntegerField(default=0, help_text="ids of its range that the dump no longer has")
    skipped = models.IntegerField(default=0, help_text="left out by a rule")
    dropped = models.IntegerField(default=0, help_text="malformed or without a usable id")
    dead = models.IntegerField(default=0, help_text="refused by a store")
    for_graph = models.IntegerField(default=0, help_text="records that its batch brings to the graph")
    nodes_written = models.IntegerField(default=0)
    relationships_written = models.IntegerField(default=0)
    relationships_deleted = models.IntegerField(default=0)
    attempts = models.SmallIntegerField(default=0, help_text="times its present stage has begun")
    failed_stage = models.CharField(
        max_length=10, blank=True, help_text="the stage that gave up: a dead letter says why"
    )
    extract_seconds = models.FloatField(null=True, help_text="how long the stage took when it was done")
    table_seconds = models.FloatField(null=True)
    graph_seconds = models.FloatField(null=True)
    link_seconds = models.FloatField(null=True)
    fed_at = models.DateTimeField(null=True, help_text="when the feed had told its records")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("file", "seq"), name="one_chunk_per_file_and_seq"),)
        indexes = (
            # For extraction, which asks for the debts of earlier files.
            models.Index(
                fields=("file",),
                condition=models.Q(paid_at__isnull=True, linked_at__isnull=True, for_graph__gt=0),
                name="chunk_debts",
            ),
            # For extraction, which asks which of its ids a later chunk has.
            GinIndex(fields=("shared_ids",), condition=~models.Q(shared_ids=[]), name="chunk_shared_ids"),
        )

    def __str__(self) -> str:
        return f"chunk {self.seq} of {self.file}"


class DeadLetter(models.Model):
    """A dead letter: a record that a store refused, a stage that gave up, or a message that died in the broker."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, null=True, related_name="dead_letters")
    chunk = models.ForeignKey(Chunk, on_delete=models.CASCADE, null=True, related_name="dead_letters")
    file = models.ForeignKey(DumpFile, on_delete=models.CASCADE, null=True, related_name="dead_letters")
    queue = models.CharField(max_length=50)
    stage = models.CharField(max_length=30, help_text="extract, table, graph, link or another task's name")
    record_id = models.CharField(max_length=40, blank=True, help_text="empty: the whole stage")
    message_id = models.CharField(max_length=64, blank=True, help_text="of a message that died in the broker")
    error = models.TextField()
    excerpt = models.TextField(blank=True)
    first_seen = models.DateTimeField(db_default=Now())
    last_seen = models.DateTimeField(db_default=Now())
    replayed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("run", "stage", "chunk", "file", "record_id", "message_id"),
                name="one_dead_letter_per_stage_and_record",
                nulls_distinct=False,
            ),
        )

    def __str__(self) -> str:
        return f"{self.stage} of {self.chunk or self.file or self.run or self.queue}"


class RemovedEntity(models.Model):
    """An id that a table has and the dump lacks: a candidate for the purge, and after it the record of a deletion."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE)
    chunk = models.ForeignKey(Chunk, on_delete=models.CASCADE)
    record_type = models.CharField(max_length=20, choices=RecordType)
    data_id = models.BigIntegerField(null=True, help_text="of Discogs")
    mbid = models.UUIDField(null=True, help_text="of MusicBrainz")
    purged_at = models.DateTimeField(null=True, help_text="when its row was deleted")
    unlinked_at = models.DateTimeField(null=True, help_text="when its node was deleted")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("chunk", "data_id"), name="one_removal_per_chunk_and_id"),)
        indexes = (
            # For the graph, which asks for purged records that still have a node.
            models.Index(
                fields=("record_type",),
                condition=models.Q(purged_at__isnull=False, unlinked_at__isnull=True),
                name="removed_but_not_unlinked",
            ),
        )
        verbose_name_plural = "removed entities"

    def __str__(self) -> str:
        return f"{self.record_type} {self.data_id or self.mbid}"


class SeenEntity(models.Model):
    """A MusicBrainz entity in a file, and the last chunk that has it. Rows are deleted when the file is complete."""

    pk = models.CompositePrimaryKey("file_id", "mbid")
    file = models.ForeignKey(DumpFile, on_delete=models.CASCADE, db_index=False)
    mbid = models.UUIDField()
    chunk_id = models.BigIntegerField()

    class Meta:
        verbose_name_plural = "seen entities"

    def __str__(self) -> str:
        return str(self.mbid)


class DanglingReference(models.Model):
    """A reference to a record that no dump has yet. The run that brings the record makes the relationship."""

    record_type = models.CharField(max_length=20, choices=RecordType, help_text="type of the record that asserts it")
    record_id = models.BigIntegerField()
    relationship = models.CharField(max_length=20, help_text="BY, ON, …")
    direction = models.CharField(max_length=3, help_text="out: the record would be the edge's start; in: its end")
    target_type = models.CharField(max_length=20, choices=RecordType)
    target_id = models.BigIntegerField()

    class Meta:
        constraints = (
            # Its index also finds the dangling references of a record that changes.
            models.UniqueConstraint(
                fields=("record_type", "record_id", "relationship", "direction", "target_type", "target_id"),
                name="one_dangling_reference_per_assertion",
            ),
        )
        # Finds the references to records that a run has brought.
        indexes = (models.Index(fields=("target_type", "target_id"), name="dangling_reference_target"),)

    def __str__(self) -> str:
        return f"{self.record_type} {self.record_id} {self.relationship} {self.target_type} {self.target_id}"


class Debt(models.Model):
    """A range of Discogs ids that the graph may lack although their chunks were linked.

    Either the graph was emptied to be rebuilt, or a comparison found that it differs from the tables (decision 110).
    """

    record_type = models.CharField(max_length=20, choices=RecordType)
    low_id = models.BigIntegerField(help_text="first id")
    high_id = models.BigIntegerField(help_text="last id")

    def __str__(self) -> str:
        return f"{self.record_type} {self.low_id} to {self.high_id}"


class QualityFinding(models.Model):
    """A note about a record, made by a rule, a filter or the parser."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="findings")
    file = models.ForeignKey(DumpFile, on_delete=models.CASCADE, related_name="findings")
    chunk = models.ForeignKey(Chunk, on_delete=models.CASCADE, null=True)
    record_id = models.CharField(max_length=40)
    rule = models.CharField(max_length=100)
    severity = models.CharField(max_length=10)
    field = models.CharField(max_length=200, blank=True)
    value = models.TextField(blank=True)
    reason = models.TextField(blank=True)
    excerpt = models.BinaryField(blank=True, help_text="the bytes of a record that was dropped")

    class Meta:
        indexes = (models.Index(fields=("file", "rule"), name="findings_of_a_rule"),)

    def __str__(self) -> str:
        return f"{self.rule}: {self.record_id}"


class Event(models.Model):
    """Something that happened, mostly to a run, for operators."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, null=True, related_name="events")
    at = models.DateTimeField(db_default=Now())
    kind = models.CharField(max_length=40)
    message = models.TextField()
    by = models.CharField(
        max_length=254, blank=True, help_text="an email, a command line, schedule or watchdog; empty: it happened"
    )

    def __str__(self) -> str:
        return self.message


def find_starters(runs: Iterable[Run]) -> dict[int, str]:
    """Return run key → who or what started it, as in ``Event.by``, of those whose events are kept."""
    # The first event of a run is the last one here, and so it counts.
    started = Event.objects.filter(run__in=list(runs), kind="started").exclude(by="").order_by("-pk")
    return {run: by for run, by in started.values_list("run", "by") if run is not None}


class SourceCheck(models.Model):
    """The outcome of the last check for new versions: one row for each source, so that it survives a restart."""

    source = models.CharField(max_length=20, choices=Source, unique=True)
    checked_at = models.DateTimeField(help_text="by the database's clock")
    newest = models.CharField(max_length=20, blank=True, help_text="newest complete version; empty: there was none")
    outcome = models.TextField(help_text="what came of it, or why it failed")

    def __str__(self) -> str:
        return f"{self.source}: {self.outcome}"
