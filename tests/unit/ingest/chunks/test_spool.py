"""The spool, in a folder and in a store of another kind."""

import errno

import pytest

from apps.ingest.chunks import spool
from apps.ingest.errors import SpoolError


@pytest.fixture(params=["file", "memory"])
def url(request, tmp_path, settings):
    settings.SPOOL_URL = str(tmp_path / "spool") if request.param == "file" else f"memory://{tmp_path.name}"
    yield settings.SPOOL_URL
    spool.filesystem.cache_clear()


def names():
    files, root = spool.filesystem(spool.settings.SPOOL_URL)
    return sorted(path.removeprefix(root).lstrip("/") for path in files.find(root))


def test_a_blob_comes_back_as_it_was(url):
    spool.write("1/artists/000000.xml.zst", spool.compress(b"<artist/>" * 1000))

    assert spool.read("1/artists/000000.xml.zst") == b"<artist/>" * 1000
    assert spool.exists("1/artists/000000.xml.zst")
    assert names() == ["1/artists/000000.xml.zst"]


def test_writing_again_replaces_the_blob(url):
    spool.write("1/a", spool.compress(b"old"))
    spool.write("1/a", spool.compress(b"new"))

    assert spool.read("1/a") == b"new"
    assert names() == ["1/a"]


def test_a_blob_is_read_piece_by_piece(url):
    spool.write("1/a", spool.compress(b"one\ntwo\n"))

    with spool.open_blob("1/a") as blob:
        assert list(blob) == [b"one\n", b"two\n"]


def test_a_blob_made_piece_by_piece(url):
    compressor = spool.compressor()
    spool.write("1/a", compressor.compress(b"one") + compressor.compress(b"two") + compressor.flush())

    assert spool.read("1/a") == b"onetwo"


def test_a_lost_blob_is_an_error_that_names_it(url):
    with pytest.raises(SpoolError, match="has lost 1/a"):
        spool.read("1/a")
    assert not spool.exists("1/a")


def test_deleting_takes_folders_and_minds_nothing_that_is_gone(url):
    for name in ("1/artists/a", "1/artists/b", "2/artists/a"):
        spool.write(name, spool.compress(b""))

    spool.delete("1/artists/a")
    spool.delete("1/artists/a", "1", "3")

    assert names() == ["2/artists/a"]


def test_a_full_disk_is_said_and_leaves_nothing_behind(url, monkeypatch):
    files, _ = spool.filesystem(url)
    spool.write("1/a", spool.compress(b"old"))

    def full(path, content):
        type(files).pipe_file(files, path, content[:1])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files, "pipe_file", full)

    with pytest.raises(SpoolError, match="No space left in the spool"):
        spool.write("1/a", spool.compress(b"new"))
    assert spool.read("1/a") == b"old"
    assert names() == ["1/a"]


def test_room_is_asked_for_before(url):
    spool.require_space(1)
    if not url.startswith("memory"):
        with pytest.raises(SpoolError, match=r"free and needs 1,000,000,000,000 MB"):
            spool.require_space(10**18)
