"""The catalogue in both stores and a site over it, once for all tests here: none of them changes anything."""

import pytest


@pytest.fixture(scope="package")
def loaded(django_db_setup, django_db_blocker, _graph_with_constraints, tmp_path_factory):
    # Models can be imported only when the servers run.
    from tests.api import stores  # noqa: PLC0415

    with django_db_blocker.unblock(), stores.load_stores(_graph_with_constraints, tmp_path_factory.mktemp("catalogue")):
        yield


@pytest.fixture(scope="package")
def site(loaded, tmp_path_factory):
    from tests.api.site import INTERNAL_SECRET, run_site  # noqa: PLC0415

    log = tmp_path_factory.mktemp("site") / "site.log"
    with run_site(log, INSIGHTS_INTERNAL_SECRET=INTERNAL_SECRET) as found:
        yield found


@pytest.fixture(scope="module")
def everything(site, django_db_blocker):
    """What is computed and what MusicBrainz says, committed: the site is another process."""
    from tests import loading  # noqa: PLC0415
    from tests.api import computed, editions  # noqa: PLC0415

    with django_db_blocker.unblock(), computed.rows():
        loading.edition(**editions.dump())
        yield
        loading.forget_editions()
