"""Tables of what users own and want at Discogs, of the link to it, and of its synchronisation.

PostgreSQL owns all of it. The graph has a copy, the relationships COLLECTED and WANTS (``apps.collections.outbox``).
"""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

# Discogs has texts of any length; these are cut.
LONGEST_TEXT = 500
LONGEST_NAME = 255


class Link(models.Model):
    """The link of a user to their Discogs account."""

    class Schedule(models.TextChoices):
        """How often the collection is synchronised without being asked."""

        OFF = "off", "off"
        DAILY = "daily", "daily"
        WEEKLY = "weekly", "weekly"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="links")
    provider = models.CharField(max_length=50, default="discogs")
    access_token = models.TextField(help_text="encrypted")
    access_secret = models.TextField(help_text="encrypted")
    provider_username = models.CharField(max_length=LONGEST_NAME, null=True)  # noqa: DJ001 - the contract's null
    provider_user_id = models.CharField(max_length=LONGEST_NAME, null=True)  # noqa: DJ001
    is_broken = models.BooleanField(default=False, help_text="Discogs refused it: the user must link again")
    schedule = models.CharField(
        max_length=10,
        choices=Schedule,
        default=Schedule.OFF,
        help_text="how often the collection is synchronised without being asked",
    )
    folders = models.JSONField(default=dict, help_text="names of the collection's folders, by their numbers")
    fields = models.JSONField(default=dict, help_text="names of the fields of notes, by their numbers")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "oauth_tokens"
        constraints = (models.UniqueConstraint(fields=("user", "provider"), name="one_link_per_provider"),)

    def __str__(self) -> str:
        return f"{self.provider} account of {self.user_id}"


class AppConfig(models.Model):
    """A value that an operator sets in the database, such as the key of our application at Discogs."""

    key = models.CharField(primary_key=True, max_length=LONGEST_NAME)
    value = models.TextField(help_text="encrypted")
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "app_config"
        verbose_name = "application key"

    def __str__(self) -> str:
        return self.key


class Item(models.Model):
    """A release that a user has or wants; the base class of both tables."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    release_id = models.BigIntegerField(db_index=True, help_text="Discogs id; a dump need not have it")
    title = models.CharField(max_length=LONGEST_TEXT, null=True)  # noqa: DJ001
    artist = models.CharField(max_length=LONGEST_TEXT, null=True, help_text="the first artist")  # noqa: DJ001
    year = models.IntegerField(null=True)
    rating = models.SmallIntegerField(null=True, help_text="0 to 5; 0 is none")
    notes = models.TextField(null=True)  # noqa: DJ001
    # A text: the API repeats what Discogs sent, with its offset.
    date_added = models.CharField(max_length=40, null=True, help_text="as Discogs sent it, ISO 8601")  # noqa: DJ001
    metadata = models.JSONField(default=dict, help_text="catalog_number, artists, labels, genres, styles, format")
    gone = models.BooleanField(default=False, help_text="dumps had this release once and the last one does not")
    synced_at = models.DateTimeField(db_default=Now(), help_text="start of the synchronisation that saw it last")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"release {self.release_id}: {self.title}"


class CollectionItem(Item):
    """A copy of a release that a user has."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="collection_items")
    instance_id = models.BigIntegerField(null=True, help_text="Discogs' id of the copy")
    folder_id = models.IntegerField(null=True)
    formats = models.JSONField(null=True, help_text="[{name, qty, descriptions}] as Discogs has them")
    label = models.CharField(max_length=LONGEST_NAME, null=True, help_text="the first label")  # noqa: DJ001
    condition = models.CharField(max_length=100, null=True, help_text="of the medium")  # noqa: DJ001

    class Meta(Item.Meta):
        abstract = False
        db_table = "user_collections"
        constraints = (
            models.UniqueConstraint(
                fields=("user", "release_id", "instance_id"), name="one_row_per_copy", nulls_distinct=False
            ),
        )


class WantlistItem(Item):
    """A release that a user wants."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="wantlist_items")
    format = models.CharField(max_length=LONGEST_NAME, null=True)  # noqa: DJ001

    class Meta(Item.Meta):
        abstract = False
        db_table = "user_wantlists"
        constraints = (models.UniqueConstraint(fields=("user", "release_id"), name="one_row_per_want"),)


class CollectedRelease(models.Model):
    """What the graph says of a release that some user has or wants, so that lists and figures need no traversal.

    Written with the relationships of users (``apps.collections.outbox``), and anew after each load.
    """

    release_id = models.BigIntegerField(primary_key=True)
    # No JSON for PostgreSQL, which would take it apart for each reader.
    facts = models.TextField(null=True, help_text="JSON, see apps.collections.library; null: no node")  # noqa: DJ001

    class Meta:
        db_table = "collected_releases"

    def __str__(self) -> str:
        return f"release {self.release_id}"


class Library(models.Model):
    """What a user has and wants, as ``apps.collections.library`` reads it: kept until it changes (decision 190)."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True)
    version = models.BigIntegerField(default=0, help_text="number of changes")
    # Texts, for the same reason as above.
    copies = models.TextField(null=True, help_text="JSON; null: not read since the last change")  # noqa: DJ001
    wants = models.TextField(null=True, help_text="likewise")  # noqa: DJ001

    class Meta:
        db_table = "user_libraries"
        verbose_name_plural = "libraries"

    def __str__(self) -> str:
        return f"library of {self.user_id}"


class DueEdge(models.Model):
    """The outbox: a release whose relationships with a user are to be written to the graph.

    It is written in the transaction that changes the user's items, and deleted when the graph has the change. It says
    only what is due; what is right is in the items, so rows may come twice and in any order.
    """

    # No foreign key: the last thing that is due to a user is the deletion of their node.
    user_id = models.UUIDField()
    release_id = models.BigIntegerField(null=True, help_text="null: only the user's node")

    class Meta:
        db_table = "collection_outbox"
        indexes = (models.Index(fields=("user_id", "id"), name="outbox_of_user"),)

    def __str__(self) -> str:
        return f"release {self.release_id} of user {self.user_id}"


class SyncStatus(models.TextChoices):
    """How a synchronisation stands."""

    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Sync(models.Model):
    """A synchronisation of a user's collection and wantlist with Discogs."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="syncs")
    sync_type = models.CharField(max_length=50, default="full", help_text="full, or quick: only what is new")
    status = models.CharField(max_length=50, choices=SyncStatus, default=SyncStatus.RUNNING)
    phase = models.CharField(
        max_length=20, default="collection", help_text="collection, wantlist, folders, fields, done"
    )
    page = models.IntegerField(default=0, help_text="last page of the phase that is stored")
    pages = models.IntegerField(null=True, help_text="pages of the phase, as Discogs says")
    expected = models.IntegerField(null=True, help_text="items of the phase, as Discogs says")
    stamp = models.DateTimeField(db_default=Now(), help_text="begin of this pass of the phase; its items bear it")
    restarts = models.IntegerField(default=0, help_text="passes of the phase that were given up: the list changed")
    items_synced = models.IntegerField(null=True)
    pages_fetched = models.IntegerField(default=0)
    added = models.IntegerField(default=0)
    changed = models.IntegerField(default=0)
    removed = models.IntegerField(default=0)
    tries = models.IntegerField(default=0, help_text="failed tries of the next page in a row")
    waits = models.IntegerField(default=0, help_text="answers in a row that Discogs is busy, for the next page")
    error_message = models.TextField(null=True)  # noqa: DJ001
    started_at = models.DateTimeField(db_default=Now())
    due_at = models.DateTimeField(db_default=Now(), help_text="when its next page may be tried")
    completed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "sync_history"
        indexes = (models.Index("user", models.F("started_at").desc(), name="syncs_of_user"),)
        constraints = (
            models.UniqueConstraint(
                fields=("user",), condition=models.Q(status="running"), name="one_running_sync_per_user"
            ),
        )

    def __str__(self) -> str:
        return f"sync {self.id}"


class Dismissal(models.Model):
    """A release that a user does not want to be recommended."""

    pk = models.CompositePrimaryKey("user", "release_id")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="dismissals")
    release_id = models.BigIntegerField()
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "dismissed_releases"

    def __str__(self) -> str:
        return f"release {self.release_id} is not recommended to {self.user_id}"
