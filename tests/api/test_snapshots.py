"""Snapshots (docs/contract/rest.md#snapshots): opened by their token."""

import pytest
from django_redis import get_redis_connection

pytestmark = pytest.mark.django_db

SNAPSHOT = (
    b'{"nodes": [{"id": "1", "type": "artist"}, {"id": "", "type": ""}], "center": {"id": "Funk / Soul",'
    b' "type": "genre"}, "created_at": "2026-06-01T12:00:00+00:00"}'
)


@pytest.fixture
def kept(site):
    """Keep something under a token."""
    redis = get_redis_connection("default")
    tokens = []

    def keep(token, stored, seconds=60):
        tokens.append(token)
        redis.set(f"snapshot:{token}", stored, ex=seconds)

    yield keep
    redis.delete(*(f"snapshot:{token}" for token in tokens))


def test_a_snapshot_is_opened_by_its_token(site, kept):
    kept("Zk3_a-9Qw1Xy7LmN", SNAPSHOT)

    assert site.json("/api/snapshot/Zk3_a-9Qw1Xy7LmN") == {
        "nodes": [{"id": "1", "type": "artist"}, {"id": "", "type": ""}],
        "center": {"id": "Funk / Soul", "type": "genre"},
        "created_at": "2026-06-01T12:00:00+00:00",
    }


@pytest.mark.parametrize("token", ["none", "*", "a" * 3000, "%00", "☃", "snapshot:none"])
def test_an_unknown_token_opens_nothing(site, token):
    status, body = site.error(f"/api/snapshot/{token}")

    assert status == 404
    assert "snapshot" in body["error"]


@pytest.mark.parametrize("stored", [b"", b"{", b"null", b"7", b"[]", b'{"nodes": []}', b"\xff"])
def test_what_is_no_snapshot_is_none(site, kept, stored):
    kept("broken", stored)

    assert site.get("/api/snapshot/broken").status_code == 404


def test_the_thirty_first_look_at_one_token_in_a_minute_is_refused(site, kept):
    kept("popular", SNAPSHOT)
    looks = [site.get("/api/snapshot/popular", client="192.0.2.30").status_code for _ in range(31)]
    unknown = [site.get("/api/snapshot/unknown", client="192.0.2.30").status_code for _ in range(31)]

    assert looks == [200] * 30 + [429]
    assert unknown == [404] * 30 + [429]


def test_a_count_of_snapshots_is_none(site, kept):
    kept("usercount:5", b"3")

    assert site.get("/api/snapshot/usercount:5").status_code == 404


def test_a_slash_is_no_part_of_a_token(site):
    assert site.error("/api/snapshot/a%2Fb") == (404, {"detail": "Not Found"})
    assert site.error("/api/snapshot") == (404, {"detail": "Not Found"})
