"""The periodic check for a new version at a publisher's site. It enters a run and never raises for a site's errors."""

from __future__ import annotations

import logging

from django.db.models.functions import Now

from apps.http.errors import SiteError
from apps.ingest import ledger
from apps.ingest.discogs.rules import RulesError
from apps.ingest.errors import IngestError, NothingToDoError
from apps.ingest.models import Run, SourceCheck
from apps.ingest.runs import published
from apps.ingest.runs.starting import IsEmpty, Options

logger = logging.getLogger(__name__)


def check(source: str, is_empty: IsEmpty) -> Run | None:
    """Enter a run of a source's newest version if it is not loaded yet; return the run, or None.

    The outcome is stored in ``SourceCheck``. If the site cannot be read, or another reason keeps the run from
    beginning, that is an event, and the next check tries again. Nothing is dispatched.
    """
    try:
        run = published.start(Options(source=source), is_empty=is_empty, by="schedule")
    except published.AlreadyLoadedError as error:
        note(source, str(error), newest=error.run.version)
        return None
    except NothingToDoError as error:
        note(source, str(error))
        return None
    except (IngestError, SiteError, RulesError) as error:
        logger.warning("no run of %s could begin: %s", source, error)
        ledger.note(None, "check failed", f"{source}: {error}")
        note(source, f"No run could begin: {error}")
        return None
    note(source, f"{run} began", newest=run.version)
    return run


def note(source: str, outcome: str, *, newest: str | None = None) -> None:
    """Store the outcome of a check. Without ``newest``, the newest version known from the last check stays."""
    SourceCheck.objects.update_or_create(
        source=source,
        defaults={"checked_at": Now(), "outcome": outcome, **({} if newest is None else {"newest": newest})},
    )
