"""The periodic look at what is published: it loads a new version by itself and never raises for what a site does."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.db.models.functions import Now

from apps.ingest import ledger, published
from apps.ingest.errors import IngestError, NothingToDoError
from apps.ingest.models import Run, Source, SourceCheck
from apps.ingest.rules import RulesError

logger = logging.getLogger(__name__)


def check(is_empty: Callable[[str], bool]) -> Run | None:
    """Enter a run of the newest version if that is not loaded, and return it; note what came of it.

    A site that cannot be read, or anything else that keeps a run from beginning, is an event and waits for the next
    check. Nothing is dispatched.
    """
    try:
        run = published.start(is_empty=is_empty)
    except published.AlreadyLoadedError as error:
        note(str(error), newest=error.run.version)
        return None
    except NothingToDoError as error:
        note(str(error))
        return None
    except (IngestError, RulesError) as error:
        logger.warning("no run could begin: %s", error)
        ledger.note(None, "check failed", str(error))
        note(f"No run could begin: {error}")
        return None
    note(f"{run} began", newest=run.version)
    return run


def note(outcome: str, *, newest: str | None = None) -> None:
    """Keep what came of a check; where it did not learn of a newest version, that of the one before stays."""
    SourceCheck.objects.update_or_create(
        source=Source.DISCOGS,
        defaults={"checked_at": Now(), "outcome": outcome, **({} if newest is None else {"newest": newest})},
    )
