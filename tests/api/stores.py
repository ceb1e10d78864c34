"""The catalogue in both stores."""

from collections.abc import Iterator
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
def loaded(graph: neo4j.Session, folder: Path) -> Iterator[None]:
    """Load the catalogue; afterwards the stores are as empty as before."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "SPOOL_URL", str(folder / "spool"))
        patch.setattr(settings, "QUALITY_ROOT", str(folder / "quality"))
        spool.filesystem.cache_clear()
        conftest.empty(graph)
        loading.month(**catalogue.dump())
        indexes.create()
        schema.create_indexes(graph)
        cache.clear()
        yield
        call_command("flush", interactive=False, verbosity=0)
        conftest.empty(graph)
        spool.filesystem.cache_clear()
