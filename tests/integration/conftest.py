"""A publisher's site on this host, for whatever downloads."""

import pytest

from tests.dumps import FIRST_MONTH
from tests.publisher import serving


@pytest.fixture(scope="module")
def site():
    with serving() as publisher:
        yield publisher


@pytest.fixture
def publisher(site, tmp_path, settings):
    """A site with one version, and an empty folder for its dumps."""
    site.forget()
    site.publish("20260601", FIRST_MONTH, tmp_path / "scratch")
    settings.DISCOGS_DUMP_URL = site.url
    settings.DISCOGS_ROOT = str(tmp_path / "dumps")
    return site
