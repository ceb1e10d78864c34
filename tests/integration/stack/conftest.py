"""A stack apart from the one that the other tests use."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from apps.stack import servers

VARIABLES = ("DATABASE_URL", "NEO4J_URL", "CELERY_BROKER_URL", "CELERY_RESULT_BACKEND", "CACHE_URL")


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return the folder of a stack that does not exist yet; afterwards, nothing of it runs any more.

    It is not in pytest's own folder: each session of pytest closes that to other accounts, PostgreSQL's too.
    """
    with TemporaryDirectory(prefix="linernotes-") as parent:
        folder = Path(parent).resolve() / "a stack"
        monkeypatch.setenv("LINERNOTES_STACK_DIR", str(folder))
        for name in VARIABLES:
            monkeypatch.delenv(name, raising=False)
        yield folder
        servers.down()


@pytest.fixture
def without_neo4j(stack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Name a Neo4j that is not ours, which saves the ten seconds that ours takes."""
    monkeypatch.setenv("NEO4J_URL", "bolt://neo4j:secret@elsewhere:7687")
