"""The periodic look at what is published: it loads a new version by itself and never raises for what a site does."""

from __future__ import annotations

import logging

from django.db.models.functions import Now

from apps.ingest import ledger
from apps.ingest.discogs.rules import RulesError
from apps.ingest.errors import IngestError, NothingToDoError
from apps.ingest.models import Run, SourceCheck
from apps.ingest.runs import published
from apps.ingest.runs.starting import IsEmpty, Options

logger = logging.getLogger(__name__)


def check(source: str, is_empty: IsEmpty) -> Run | None:
    """Enter a run of a source's newest version if that is not loaded, and return it; note what came of it.

    A site that cannot be read, or anything else that keeps a run from beginning, is an event and waits for the next
    check. Nothing is dispatched.
    """
    try:
        run = published.start(Options(source=source), is_empty=is_empty, by="schedule")
    except published.AlreadyLoadedError as error:
        note(source, str(error), newest=error.run.version)
        return None
    except NothingToDoError as error:
        note(source, str(error))
        return None
    except (IngestError, RulesError) as error:
        logger.warning("no run of %s could begin: %s", source, error)
        ledger.note(None, "check failed", f"{source}: {error}")
        note(source, f"No run could begin: {error}")
        return None
    note(source, f"{run} began", newest=run.version)
    return run


def note(source: str, outcome: str, *, newest: str | None = None) -> None:
    """Keep what came of a check; where it did not learn of a newest version, that of the one before stays."""
    SourceCheck.objects.update_or_create(
        source=source,
        defaults={"checked_at": Now(), "outcome": outcome, **({} if newest is None else {"newest": newest})},
    )
