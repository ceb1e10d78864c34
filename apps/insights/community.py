"""How many people of Discogs have and want a release, asked of Discogs by our application's own key (decision 182).

Only releases in somebody's collection or wantlist are asked for, one request after the other at the pace of
``apps.collections.discogs.bucket``. Without a key nothing is asked.
"""

from __future__ import annotations

import logging
import time
from typing import Any

from django.db import connection
from django.db.models import F
from django.db.models.functions import Now
from redis.exceptions import RedisError

from apps.api.responses import NotAvailable
from apps.collections.discogs import bucket
from apps.collections.discogs.application import load
from apps.collections.discogs.client import BusyError, Discogs
from apps.http.errors import SiteError
from apps.ingest import ledger
from apps.insights import keeping
from apps.insights.models import CommunityCount, Computation, ComputationStatus

logger = logging.getLogger(__name__)

NAME = "community_enrichment"
BUCKET = "community"
# Requests of a run.
MOST = 1500
# Largest count that a column takes.
LARGEST = 2**31 - 1
# Seconds that a request to the internal route may take.
PATIENCE_SECONDS = 20
# Seconds to wait while Redis is away.
AWAY_SECONDS = 10.0
# Ids in order, so that a run goes on behind its last one, and one that Discogs does not know is asked for once a run.
DUE = """
SELECT release_id
FROM (
    SELECT release_id FROM user_collections
    UNION
    SELECT release_id FROM user_wantlists
) AS owned
WHERE release_id > %s AND NOT EXISTS (
    SELECT FROM insights.community_counts AS known
    WHERE known.release_id = owned.release_id AND fetched_at > now() - interval '7 days'
)
ORDER BY release_id
"""


def list_due(after: int, limit: int | None = None) -> list[int]:
    """Return the ids, above one, of releases whose counts are missing or a week old, ascending."""
    with connection.cursor() as cursor:
        cursor.execute(f"{DUE} LIMIT %s", [after, limit])
        return [release_id for (release_id,) in cursor.fetchall()]


def find_client() -> Discogs | None:
    """Return Discogs as our application; None if the site has no key."""
    try:
        return Discogs.as_application(load())
    except NotAvailable:
        return None


def take_step(number: int | None = None) -> tuple[int, float] | None:
    """Do the next request of a run, or begin one; return the run's number and the seconds until its next request.

    None when nothing is left to do: the run is over, another process is at it, or there is no key.
    """
    with ledger.hold_lock(f"insight {NAME}", 0) as is_ours:
        client = find_client() if is_ours else None
        if client is None:
            return None
        run = find_run(number)
        due = list_due(run.position, 1) if run and run.step < MOST else []
        if run is None or not due:
            end(run)
            return None
        return run.pk, ask(client, run, due[0])


def find_run(number: int | None) -> Computation | None:
    """Return the run of this number if it is not over; without a number the running one, or a new one."""
    running = Computation.objects.filter(insight_type=NAME, status=ComputationStatus.RUNNING)
    if number is not None:
        return running.filter(pk=number).first()
    return running.first() or Computation.objects.create(insight_type=NAME, rows_affected=0)


def ask(client: Discogs, run: Computation, release_id: int) -> float:
    """Ask for the counts of a release if it is our turn; return the seconds until the next request."""
    try:
        if wait := bucket.take(BUCKET):
            return wait
        counts = client.get_json(f"/releases/{release_id}").get("community")
        store(release_id, counts if isinstance(counts, dict) else {})
        found = 1
    except RedisError:
        return AWAY_SECONDS
    except BusyError as busy:
        bucket.hold(BUCKET, busy.seconds)
        return busy.seconds
    except SiteError as error:
        logger.warning("no counts of release %s: %s", release_id, error)
        found = 0
    Computation.objects.filter(pk=run.pk).update(
        position=release_id, step=F("step") + 1, rows_affected=F("rows_affected") + found
    )
    return 0


def store(release_id: int, counts: dict[str, Any]) -> None:
    """Store the counts of a release; what is no number counts as 0."""
    have, want = (read_count(counts.get(key)) for key in ("have", "want"))
    CommunityCount.objects.update_or_create(
        release_id=release_id, defaults={"have_count": have, "want_count": want, "fetched_at": Now()}
    )


def read_count(value: Any) -> int:
    """Return a count as a column takes it."""
    return min(max(value, 0), LARGEST) if isinstance(value, int) else 0


def end(run: Computation | None) -> None:
    """End a run."""
    if run is not None:
        Computation.objects.filter(pk=run.pk).update(
            status=ComputationStatus.COMPLETED,
            completed_at=Now(),
            duration_ms=int((time.time() - run.started_at.timestamp()) * 1000),
        )
        keeping.invalidate(NAME)


def fetch_now() -> dict[str, Any]:
    """Fetch due counts for some seconds; return how many were fetched, failed and are left.

    The task goes on with the rest, so a request need not take half an hour.
    """
    due = list_due(0)
    batch, remaining = min(len(due), MOST), max(len(due) - MOST, 0)
    if due and find_client() is None:
        return {"enriched": 0, "skipped": batch, "errors": 0, "remaining": remaining, "error": "no_credentials"}
    until, number = time.monotonic() + PATIENCE_SECONDS, None
    while due and (step := take_step(number)) is not None:
        number, seconds = step
        if time.monotonic() + seconds > until:
            break
        time.sleep(seconds)
    run = None if number is None else Computation.objects.get(pk=number)
    enriched, asked = (run.rows_affected or 0, run.step) if run else (0, 0)
    return {"enriched": enriched, "skipped": batch - asked, "errors": asked - enriched, "remaining": remaining}
