"""A collection is synchronised though the worker is killed twice, Redis is flushed, and Discogs fails."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance import syncing
from tests.acceptance.brokers import ValkeyBroker
from tests.acceptance.conftest import Build, open_installation
from tests.discogs_site import serving


@pytest.fixture
def trial(build: Build, tmp_path: Path, valkey: ValkeyBroker) -> Iterator[syncing.Trial]:
    with serving() as site:
        variables = {**syncing.SETTINGS, "DISCOGS_API_URL": site.url}
        with open_installation(build, tmp_path / "here", valkey, with_worker=False, **variables) as installation:
            installation.worker.options = syncing.WORKER
            installation.worker.environment = installation.environment()
            installation.worker.start()
            yield syncing.Trial(installation, site, print)


def test_a_collection_comes_whole_though_everything_fails(trial: syncing.Trial) -> None:
    trial.fill(620, 130)
    # In the middle of a request, and while its page is stored.
    trial.plan(40, seed=3, share=0.25, acts={2: trial.kill_after(0), 5: trial.flush, 8: trial.kill_after(0.1)})

    found = trial.sync()

    assert trial.kills == 2
    assert (found["status"], found["added"], found["changed"], found["removed"]) == ("completed", 750, 0, 0)
    trial.require_equal()
