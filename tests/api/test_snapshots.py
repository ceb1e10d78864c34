"""Snapshots (docs/contract/rest.md#snapshots): opened by their token."""

from typing import Any

import pytest
from django_redis import get_redis_connection

from tests.users import bearer, forget_users, make_user

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


# Without a test that asks for the database there is none, should this module run alone.
@pytest.mark.django_db
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
    assert site.error("/api/snapshot") == (405, {"detail": "Method Not Allowed"})


@pytest.fixture
def user(site, django_db_blocker):
    """A user; afterwards there is none, nor a snapshot."""
    with django_db_blocker.unblock():
        yield make_user()
        forget_users()


@pytest.fixture
def save(site, user):
    headers = bearer(user)

    def save(nodes, center=None, **more):
        body = {"nodes": nodes, "center": center or {"id": "1", "type": "artist"}, **more}
        return site.ask("POST", "/api/snapshot", json=body, headers=headers)

    return save


def test_a_saved_snapshot_is_opened_by_anyone_also_after_redis_lost_it(site, save):
    nodes = [{"id": "1", "type": "artist", "name": "dropped"}, {"id": "", "type": ""}]
    answer = save(nodes, {"id": "Funk / Soul", "type": "genre"}, dropped=True)

    assert answer.status_code == 201
    token = answer.json()["token"]
    assert answer.json()["url"] == f"/snapshot/{token}"
    assert len(token) == 16
    expected = {
        "nodes": [{"id": "1", "type": "artist"}, {"id": "", "type": ""}],
        "center": {"id": "Funk / Soul", "type": "genre"},
    }
    opened = site.json(f"/api/snapshot/{token}")
    assert {name: opened[name] for name in expected} == expected
    redis = get_redis_connection("default")
    assert 27 * 86400 < redis.ttl(f"snapshot:{token}") <= 28 * 86400
    redis.delete(f"snapshot:{token}")
    assert site.json(f"/api/snapshot/{token}") == opened
    assert redis.exists(f"snapshot:{token}")


def test_an_expired_snapshot_is_gone(site, save, user):
    token = save([{"id": "1", "type": "artist"}]).json()["token"]
    user.snapshots.update(expires_at="2026-01-01T00:00:00Z")
    get_redis_connection("default").delete(f"snapshot:{token}")

    assert site.get(f"/api/snapshot/{token}").status_code == 404
    save([{"id": "1", "type": "artist"}])
    assert user.snapshots.count() == 1


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({}, [("missing", "nodes"), ("missing", "center")]),
        ({"nodes": [], "center": {"id": "", "type": ""}}, [("value_error", "nodes")]),
        ({"nodes": 7, "center": 7}, [("list_type", "nodes"), ("model_attributes_type", "center")]),
        (
            {"nodes": [{"id": "x" * 129, "type": "a"}, {"id": 1, "type": "a" * 33}, 7], "center": {"id": "1"}},
            [
                ("string_too_long", "nodes", 0, "id"),
                ("string_type", "nodes", 1, "id"),
                ("string_too_long", "nodes", 1, "type"),
                ("model_attributes_type", "nodes", 2),
                ("missing", "center", "type"),
            ],
        ),
        (
            {"nodes": [{"id": "\0", "type": "a"}], "center": {"id": "1", "type": "a"}},
            [("value_error", "nodes", 0, "id")],
        ),
    ],
)
def test_what_is_no_map_is_not_saved(site, user, body, wrong):
    response = site.ask("POST", "/api/snapshot", json=body, headers=bearer(user))

    assert response.status_code == 422
    assert [(each["type"], *each["loc"]) for each in response.json()["detail"]] == [
        (kind, "body", *place) for kind, *place in wrong
    ]
    assert not user.snapshots.exists()


def test_a_snapshot_has_a_hundred_nodes_at_most(save):
    node = {"id": "x" * 128, "type": "t" * 32}

    assert save([node] * 100).status_code == 201
    refused = save([node] * 101)
    assert refused.status_code == 422
    assert "Too many nodes" in refused.json()["error"]


def test_a_snapshot_with_too_many_bytes_is_refused(save):
    assert save([{"id": "😀" * 128, "type": "😀" * 32}] * 100).status_code == 413


def test_a_user_has_fifty_snapshots_at_most(save, user):
    from apps.explore.models import Snapshot  # noqa: PLC0415 - models can be imported only when the servers run

    Snapshot.objects.bulk_create(
        Snapshot(token=str(number), user=user, data={}, expires_at="2100-01-01T00:00:00Z") for number in range(49)
    )

    assert save([{"id": "1", "type": "artist"}]).status_code == 201
    refused = save([{"id": "1", "type": "artist"}])
    assert refused.status_code == 429
    assert "50 snapshots" in refused.json()["error"]
    assert user.snapshots.count() == 50


def test_nobody_saves_without_a_login(site):
    response = site.ask("POST", "/api/snapshot", json={})

    assert response.status_code == 401
    assert response.json() == {"detail": "Not authenticated"}


PICTURE: dict[str, Any] = {
    "schema": 2,
    "title": "Lost & found",
    "layout": "free",
    "width": 1040.5,
    "height": 700.0,
    "before_year": None,
    "compare_years": [1975, 1985],
    "ring_years": [1970, 2024],
    "hidden": ["label"],
    "links": [[0, 1]],
    "nodes": [
        {"id": "1", "type": "artist", "name": "Mine", "category": "artists", "x": 10.5, "y": 20.0, "first": 1975},
        {"id": "2", "type": "label", "quiet": True},
    ],
    "center": {"id": "Rock", "type": "genre", "name": "Rock"},
    "categories": [
        {"name": "artists", "title": "Artists", "total": 3, "totals": [2, 3], "size": 30, "x": 1.0, "y": 2.0}
    ],
}


def test_a_picture_is_kept_whole_and_answered_where_it_is_asked_for(site, user):
    answer = site.ask("POST", "/api/snapshot", json=PICTURE, headers=bearer(user))
    assert answer.status_code == 201, answer.text
    path = f"/api/snapshot/{answer.json()['token']}"

    plain, picture = site.json(path), site.json(path, schema=2)

    assert list(plain) == ["nodes", "center", "created_at"]
    assert plain["nodes"] == [{"id": "1", "type": "artist"}, {"id": "2", "type": "label"}]
    assert plain["center"] == {"id": "Rock", "type": "genre"}
    given = {name: value for name, value in PICTURE.items() if value is not None}
    given["nodes"] = [PICTURE["nodes"][0], {**PICTURE["nodes"][1], "name": picture["nodes"][1]["name"]}]
    assert {name: picture[name] for name in given} == given
    # A picture of version 1 has names too.
    assert picture["nodes"][1]["name"]


@pytest.mark.parametrize(
    "schema", [1, 3, "2", True, None, [2], {}, 2.0], ids=["1", "3", "text", "true", "null", "list", "object", "float"]
)
def test_any_other_version_drops_what_it_does_not_know(site, user, schema):
    odd = {"links": 7, "categories": "x", "title": 5, "width": "NaN", "nodes": [{"id": "1", "type": "artist", "x": []}]}
    answer = site.ask("POST", "/api/snapshot", json={**PICTURE, **odd, "schema": schema}, headers=bearer(user))

    assert answer.status_code == 201
    assert set(user.snapshots.get().data) == {"nodes", "center", "created_at"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "x" * 121),
        ("title", "\0"),
        ("title", 5),
        ("layout", "spiral"),
        ("width", "1040"),
        ("width", True),
        ("width", 1e300),
        ("width", 10**30),
        ("height", -1),
        ("before_year", 0),
        ("before_year", "1985"),
        ("compare_years", [1985, 1975]),
        ("compare_years", [1985]),
        ("compare_years", [[], {}]),
        ("compare_years", 1985),
        ("ring_years", [0, 1]),
        ("hidden", ["x" * 33]),
        ("hidden", "label"),
        ("hidden", [{}]),
        ("hidden", ["a"] * 9),
        ("links", [[0]]),
        ("links", [["a", "b"]]),
        ("links", [[0, -1]]),
        ("links", {"0": 1}),
        ("links", [[0, 1]] * 5001),
        ("categories", [{"name": "a"}]),
        ("categories", [7]),
        ("categories", {}),
        ("categories", PICTURE["categories"] * 9),
        ("categories", [{**PICTURE["categories"][0], "totals": ["x"]}]),
        ("nodes", [{"id": "1", "type": "artist", "name": {}}]),
        ("nodes", [{"id": "1", "type": "artist", "x": 1e9}]),
        ("nodes", [{"id": "1", "type": "artist", "first": 2**63}]),
        ("center", {"id": "1", "type": "artist", "name": "x" * 501}),
    ],
)
def test_what_is_no_picture_is_refused(site, user, field, value):
    answer = site.ask("POST", "/api/snapshot", json={**PICTURE, field: value}, headers=bearer(user))

    assert answer.status_code == 422, answer.text
    assert answer.json()["detail"][0]["loc"][:2] == ["body", field]
    assert not user.snapshots.exists()


def test_a_link_to_a_node_that_is_not_there_is_dropped(site, user):
    answer = site.ask("POST", "/api/snapshot", json={**PICTURE, "links": [[0, 1], [0, 99]]}, headers=bearer(user))

    assert answer.status_code == 201
    assert user.snapshots.get().data["links"] == [[0, 1]]


def test_a_picture_with_too_many_bytes_is_refused(site, user):
    node = {"id": "x", "type": "artist", "name": "😀" * 500}
    body = {**PICTURE, "nodes": [node] * 100}

    assert site.ask("POST", "/api/snapshot", json=body, headers=bearer(user)).status_code == 413
