"""A catalogue in both stores."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import neo4j
import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command

from apps.catalog import indexes
from apps.graph import schema
from apps.ingest.chunks import spool
from tests import conftest, loading
from tests.api import catalogue


@contextmanager
def load_stores(
    graph: neo4j.Session,
    folder: Path,
    dump: Mapping[str, Sequence[str]] | None = None,
    edition: Mapping[str, Sequence[str]] | None = None,
) -> Iterator[None]:
    """Load a dump of Discogs, by default the catalogue, and one of MusicBrainz; afterwards the stores are empty."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "SPOOL_URL", str(folder / "spool"))
        patch.setattr(settings, "QUALITY_ROOT", str(folder / "quality"))
        spool.filesystem.cache_clear()
        conftest.empty(graph)
        loading.month(**(dump or catalogue.dump()))
        indexes.create()
        schema.create_indexes(graph)
        if edition:
            loading.edition(**edition)
        cache.clear()
        yield
        if edition:
            loading.forget_editions()
        call_command("flush", interactive=False, verbosity=0)
        conftest.empty(graph)
        spool.filesystem.cache_clear()
