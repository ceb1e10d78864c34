"""How a run of MusicBrainz begins."""

from pathlib import Path

import pytest

from apps.ingest.errors import DumpError, RunError, WaitError
from apps.ingest.models import Run, RunState, Source
from apps.ingest.runs import starting

pytestmark = pytest.mark.django_db

VERSION = "20260805-001001"


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    folder = tmp_path / VERSION
    folder.mkdir()
    for entity in ("artist", "label", "release-group", "release"):
        (folder / f"{entity}.jsonl").write_text('{"id": "x"}\n')
    return tmp_path


def begin(folder: Path, *, now: bool = True, stores: tuple[str, ...] = ("tables", "graph")) -> Run:
    options = starting.Options(source=Source.MUSICBRAINZ, now=now, stores=stores)
    return starting.start(options, folder=folder, is_empty=lambda *_: True)


def test_it_begins_beside_a_run_of_discogs_and_waits_for_its_end(dump: Path) -> None:
    discogs = Run.objects.create(source=Source.DISCOGS, version="20260801", types=["labels"], stores=["tables"])
    run = begin(dump, now=False)

    with pytest.raises(WaitError, match="waits for run"):
        starting.wait_for_other_source(run)
    starting.cancel(discogs)

    starting.wait_for_other_source(run)
    assert run.version == VERSION
    assert sorted(run.files.values_list("type", flat=True)) == ["artists", "labels", "release-groups", "releases"]


def test_it_need_not_wait_if_it_is_told_so(dump: Path) -> None:
    Run.objects.create(source=Source.DISCOGS, version="20260801", types=["labels"], stores=["tables"])

    starting.wait_for_other_source(begin(dump))


def test_a_second_one_is_told_the_first(dump: Path) -> None:
    first = begin(dump)

    with pytest.raises(RunError, match=rf"Run {first.pk} is unfinished.*extract musicbrainz --resume"):
        begin(dump)


def test_an_older_one_is_refused(dump: Path) -> None:
    Run.objects.create(
        source=Source.MUSICBRAINZ,
        version="20260812-001001",
        types=["artists"],
        stores=["tables"],
        state=RunState.COMPLETED,
    )

    with pytest.raises(RunError, match="older than 20260812-001001"):
        begin(dump)


def test_the_graph_alone_is_refused(dump: Path) -> None:
    with pytest.raises(RunError, match="--stores tables,graph"):
        begin(dump, stores=("graph",))


def test_a_folder_that_lacks_an_entity_is_no_dump(dump: Path) -> None:
    (dump / VERSION / "release.jsonl").unlink()

    with pytest.raises(DumpError, match="no complete dump"):
        begin(dump)
