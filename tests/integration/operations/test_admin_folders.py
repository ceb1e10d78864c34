"""The admin says which folders cannot be written, where somebody would look who wonders why nothing is loaded."""

import html

import pytest
from django.urls import reverse

from apps.accounts.models import User

pytestmark = pytest.mark.django_db
PAGES = ["admin:index", "admin:ingest_run_changelist", "admin:ingest_run_start"]


@pytest.fixture
def page(client):
    """Return a function that returns the text of a page, as staff see it."""
    client.force_login(User.objects.create_superuser("admin@example.com"))

    def text(name):
        response = client.get(reverse(name))
        assert response.status_code == 200
        return html.unescape(response.content.decode())

    return text


@pytest.mark.parametrize("name", PAGES)
def test_a_folder_that_cannot_be_written_is_named(page, settings, tmp_path, name):
    (tmp_path / "file").touch()
    settings.DISCOGS_ROOT = str(tmp_path / "file")

    assert f"Nothing can be loaded: DISCOGS_ROOT: {tmp_path / 'file'} is no folder" in page(name)


@pytest.mark.parametrize("name", PAGES)
def test_otherwise_nothing_is_said(page, name):
    assert "Nothing can be loaded" not in page(name)
