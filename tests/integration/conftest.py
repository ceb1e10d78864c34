"""Publishers' sites on this host, for whatever downloads."""

import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.dumps import FIRST_MONTH, MUSICBRAINZ_FIRST, pack_musicbrainz
from tests.publisher import run_publisher

MUSICBRAINZ_VERSIONS = ("20260801-001001", "20260805-001001")


@pytest.fixture(scope="module")
def site():
    with run_publisher() as publisher:
        yield publisher


@pytest.fixture
def publisher(site, tmp_path, settings):
    """A site with one version, and an empty folder for its dumps."""
    site.forget()
    site.publish("20260601", FIRST_MONTH, tmp_path / "scratch")
    settings.DISCOGS_DUMP_URL = site.url
    settings.DISCOGS_ROOT = str(tmp_path / "dumps")
    return site


class Quiet(SimpleHTTPRequestHandler):
    """A site of files and of pages that list them."""

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def musicbrainz_site(tmp_path, settings):
    """The folder of a site that is laid out like that of MusicBrainz, with two versions."""
    folder = tmp_path / "site"
    for version in MUSICBRAINZ_VERSIONS:
        pack_musicbrainz(MUSICBRAINZ_FIRST, version, folder)
    (folder / "LATEST").write_text(f"{MUSICBRAINZ_VERSIONS[-1]}\n")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.MUSICBRAINZ_DUMP_URL = f"http://127.0.0.1:{server.server_port}/"
    settings.MUSICBRAINZ_ROOT = str(tmp_path / "musicbrainz")
    settings.FETCH_INTERVAL_SECONDS = 0
    yield folder
    server.shutdown()
    server.server_close()
