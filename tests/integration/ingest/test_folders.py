"""The folders that loading writes: what keeps a process from it is said."""

import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest

from apps.ingest import folders

NOBODY = 65534


@pytest.fixture
def roots(settings, tmp_path):
    """Return a folder in which every folder of the settings lies, none of them made yet."""
    for name in folders.NAMES:
        setattr(settings, name, str(tmp_path / name))
    return tmp_path


def test_folders_that_can_be_made_are_no_problem(roots):
    assert folders.problems() == {}
    assert list(roots.iterdir()) == []


@pytest.mark.parametrize("name", folders.NAMES)
def test_each_is_looked_at(roots, name):
    (roots / name).write_text("no folder")

    assert folders.problems() == {name: f"{roots / name} is no folder"}


def test_what_is_below_a_file_cannot_be_made(roots, settings):
    (roots / "file").touch()
    settings.DISCOGS_ROOT = str(roots / "file" / "dumps" / "discogs")

    assert folders.problems() == {"DISCOGS_ROOT": f"{roots / 'file'} is no folder"}


def test_a_spool_elsewhere_is_not_looked_at(roots, settings):
    settings.SPOOL_URL = "memory://spool"

    assert folders.problems() == {}


@pytest.fixture
def closed():
    """Return a folder in which nobody can write; not in pytest's own, which is closed to other users altogether."""
    parent = Path(tempfile.mkdtemp(prefix="linernotes-"))
    parent.chmod(0o755)
    folder = parent / "closed"
    folder.mkdir(mode=0o500)
    yield folder
    shutil.rmtree(parent)


@contextmanager
def another_user():
    """Be an ordinary user meanwhile: root may write everything."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(user)


def test_a_folder_of_another_user_is_named_with_both_users(closed):
    with another_user():
        found, user = folders.problem(closed / "new"), os.geteuid()

    owner = closed.stat().st_uid
    assert found.startswith(f"{closed} belongs to user {owner} and cannot be written by user {user} of this process: ")
