"""Collections over HTTP: who may ask, limits, errors, and that nobody gets what another user has."""

import pytest
from django.core.management import CommandError, call_command

from apps.accounts.authentication import COLLECTION_READ, LIBRARY_READ
from apps.accounts.models import AppToken
from apps.accounts.tokens import hash_token
from apps.collections import outbox
from apps.collections.models import CollectionItem, DueEdge, Link, WantlistItem
from tests.users import authorize, bearer, forget_users, make_user

pytestmark = pytest.mark.django_db

# Every personal address, and whether it opens to the scope of a collection.
ADDRESSES = {
    "/api/user/collection": True,
    "/api/user/collection/stats": True,
    "/api/user/collection/timeline": True,
    "/api/user/collection/timeline?bucket=decade": True,
    "/api/user/collection/evolution?metric=style": False,
    "/api/user/wantlist": False,
    "/api/user/recommendations": False,
    "/api/user/recommendations?strategy=multi": False,
    "/api/user/taste/heatmap": False,
    "/api/user/taste/fingerprint": False,
    "/api/user/taste/blindspots": False,
    "/api/user/taste/card": False,
    "/api/collection/formats": False,
    "/api/user/collection/export.csv": False,
    "/api/user/collection/export.json": False,
    "/api/user/wantlist/export.csv": False,
    "/api/user/wantlist/export.json": False,
    "/api/collection/gaps/label/50": False,
    "/api/collection/gaps/artist/1": False,
    "/api/collection/gaps/master/500": False,
    "/api/collection/gaps/label/50/export.csv": False,
    "/api/collection/gaps/label/50/export.json?by=master": False,
    "/api/recommend/explore/genre/Rock": False,
}
# These are not opened by any app.
CLOSED = {"/api/user/collection/evolution?metric=style", "/api/recommend/explore/genre/Rock"}


@pytest.fixture(scope="module")
def people(site, django_db_blocker):
    """A collector who lacks three releases and wants one of them, and a beginner who has nothing."""
    with django_db_blocker.unblock():
        collector, beginner = make_user(), make_user()
        call_command("seed_collection", collector.email)
        CollectionItem.objects.filter(release_id__in=(103, 104, 108)).delete()
        WantlistItem.objects.create(user=collector, release_id=104)
        outbox.owe(collector.pk, (103, 104, 108))
        outbox.settle(collector.pk)
        newcomers = {name: make_user() for name in ("returning", "importing", "refused", "linked")}
        Link.objects.create(user=newcomers["linked"], access_token="x", access_secret="x")
        yield {"collector": collector, "beginner": beginner, **newcomers}
        forget_users()


@pytest.fixture(scope="module")
def headers(people, django_db_blocker):
    with django_db_blocker.unblock():
        found = {name: bearer(user) for name, user in people.items()}
        apps = {scope: make_app(people["collector"], scope) for scope in (COLLECTION_READ, LIBRARY_READ)}
        chief = make_user(is_superuser=True)
        return found | apps | {"admin": bearer(people["collector"], kind="admin"), "chief": bearer(chief, kind="admin")}


def ask(site, path, headers, method="GET", **options):
    return site.ask(method, path, headers=headers, **options)


def make_app(user, *scopes):
    token = f"dscg_{user.pk}{'.'.join(scopes)}"
    AppToken.objects.create(user=user, name="app", hash=hash_token(token), scopes=list(scopes))
    return authorize(token)


@pytest.mark.parametrize("path", ADDRESSES)
def test_a_login_is_needed(site, path):
    response = site.get(path)

    assert response.status_code == 401
    assert "Authentication required" in response.json()["detail"]


@pytest.mark.parametrize("path", ADDRESSES)
def test_each_user_gets_their_own_answer_in_turn(site, people, headers, path):
    first = ask(site, path, headers["collector"])
    other = ask(site, path, headers["beginner"])
    again = ask(site, path, headers["collector"])

    assert first.status_code == 200, first.text
    assert first.content == again.content
    assert other.content != first.content
    assert str(people["collector"].pk) not in other.text
    assert "no-store" in first.headers["Cache-Control"]


def test_the_seed_is_listed(site, people, headers):
    found = ask(site, "/api/user/collection?limit=200", headers["collector"]).json()

    assert found["user_id"] == str(people["collector"].pk)
    assert found["total"] == len(found["releases"]) > 20
    assert found["releases"][0]["date_added"] == "2026-01-15T12:00:00-08:00"
    dates = [each["date_added"] for each in found["releases"]]
    assert dates == sorted(dates, reverse=True)


def test_filters_and_order_are_the_servers(site, headers):
    by_title = ask(site, "/api/user/collection?sort=title&genre=Jazz&limit=3", headers["collector"]).json()
    titles = [each["title"] for each in by_title["releases"]]

    assert titles == sorted(titles)
    assert all("Jazz" in each["genres"] for each in by_title["releases"])
    assert ask(site, "/api/user/collection?sort=price", headers["collector"]).status_code == 422


@pytest.mark.parametrize(
    ("path", "kind", "name"),
    [
        ("/api/user/collection?limit=0", "greater_than_equal", "limit"),
        ("/api/user/wantlist?limit=201", "less_than_equal", "limit"),
        ("/api/user/collection/timeline?bucket=x", "string_pattern_mismatch", "bucket"),
        ("/api/user/collection/evolution?metric=x", "string_pattern_mismatch", "metric"),
        ("/api/user/recommendations?strategy=x", "string_pattern_mismatch", "strategy"),
        ("/api/user/taste/blindspots?limit=21", "less_than_equal", "limit"),
        ("/api/collection/gaps/label/50?exclude_wantlist=", "bool_parsing", "exclude_wantlist"),
        ("/api/recommend/explore/artist/1?hops=0", "greater_than_equal", "hops"),
    ],
)
def test_what_cannot_be_taken_is_named(site, headers, path, kind, name):
    response = ask(site, path, headers["beginner"])

    assert response.status_code == 422
    assert [(each["type"], each["loc"]) for each in response.json()["detail"]] == [(kind, ["query", name])]


def test_errors_have_the_key_of_the_contract(site, headers):
    few = ask(site, "/api/user/taste/heatmap", headers["beginner"])
    assert (few.status_code, list(few.json())) == (422, ["detail"])
    assert "at least" in few.json()["detail"]
    unknown = ask(site, "/api/collection/gaps/master/zzz", headers["beginner"])
    assert (unknown.status_code, list(unknown.json())) == (404, ["error"])
    assert ask(site, "/api/collection/gaps/genre/1", headers["beginner"]).json() == {"detail": "Not Found"}
    kind = ask(site, "/api/recommend/explore/Artist/1", headers["beginner"])
    assert kind.status_code == 400
    assert "Invalid entity_type" in kind.json()["error"]


def test_formats_are_repeated_and_echoed(site, headers):
    path = "/api/collection/gaps/label/50?formats=Vinyl&formats=CD"

    found = ask(site, path, headers["beginner"]).json()

    assert found["filters"] == {"formats": ["Vinyl", "CD"]}
    assert found["summary"] == {"total": 5, "owned": 0, "missing": 5}
    assert (found["results"], found["pagination"]["total"]) == ([], 0)
    entry = ask(site, "/api/collection/gaps/label/50", headers["collector"]).json()["results"][0]
    assert list(entry) == ["id", "title", "year", "formats", "artist", "genres", "on_wantlist"]


def test_an_entity_that_nobody_knows_has_no_discoveries(site, headers):
    assert ask(site, "/api/recommend/explore/artist/9999", headers["collector"]).json() == {
        "from": {"id": "9999", "name": "9999", "type": "artist"},
        "discoveries": [],
    }


def test_an_app_reads_what_its_scope_says(site, headers):
    for path, is_collection in ADDRESSES.items():
        assert ask(site, path, headers[COLLECTION_READ]).status_code == (200 if is_collection else 401), path
        expected = 401 if path in CLOSED else 403 if is_collection else 200
        assert ask(site, path, headers[LIBRARY_READ]).status_code == expected, path


def test_an_admin_token_opens_nothing_personal(site, headers):
    response = ask(site, "/api/user/wantlist", headers["admin"])

    assert response.status_code == 403
    assert "Admin tokens cannot be used" in response.json()["detail"]


def test_a_collection_has_two_limits_for_each_token(site, headers):
    response = ask(site, "/api/user/collection", headers["beginner"])

    assert response.headers["X-RateLimit-Limit"] == "60"


def test_statuses_are_those_of_the_caller_and_nothing_for_others(site, headers):
    mine = ask(site, "/api/user/status?ids=100,9999", headers["collector"]).json()["status"]
    nothing = {"in_collection": False, "in_wantlist": False}

    assert mine == {"100": {"in_collection": True, "in_wantlist": False}, "9999": nothing}
    assert ask(site, "/api/user/status?ids=100", headers["beginner"]).json()["status"] == {"100": nothing}
    assert ask(site, "/api/user/status?ids=100", authorize("x.y.z")).json()["status"] == {"100": nothing}


def test_a_card_is_a_picture(site, headers):
    response = ask(site, "/api/user/taste/card", headers["collector"])

    assert response.headers["Content-Type"] == "image/svg+xml"
    assert response.headers["Cache-Control"] == "no-store"
    assert len(response.text) < 20_000
    png = ask(site, "/api/user/taste/card?format=png", headers["collector"])
    assert png.headers["Content-Type"] == "image/png"
    assert png.headers["Cache-Control"] == "no-store"
    assert ask(site, "/api/user/taste/card?format=gif", headers["collector"]).status_code == 422


def test_a_collection_is_a_file(site, headers):
    response = ask(site, "/api/user/collection/export.csv", headers["collector"])

    assert response.headers["Content-Disposition"] == 'attachment; filename="collection.csv"'
    assert response.text.startswith("Catalog#,Artist,Title,")
    assert ask(site, "/api/user/wantlist/export.json", headers["beginner"]).json() == []


def test_what_is_missing_is_a_file(site, headers):
    path = "/api/collection/gaps/label/50"
    listed = ask(site, path, headers["collector"]).json()["results"]

    found = ask(site, f"{path}/export.json", headers["collector"]).json()
    lines = ask(site, f"{path}/export.csv?exclude_wantlist=true", headers["collector"]).text.splitlines()

    assert [each["id"] for each in found] == [each["id"] for each in listed]
    assert lines[0] == "id,title,year,formats,artist,label,genres,on_wantlist"
    assert len(lines) == 1 + sum(not each["on_wantlist"] for each in found)
    assert ask(site, "/api/collection/gaps/label/zzz/export.csv", headers["collector"]).status_code == 404


IMPORT = "/api/user/collection/import"


def send_file(site, headers, text, **more):
    return ask(site, IMPORT, {**headers, "Content-Type": "text/csv"}, "POST", content=text, **more)


def test_an_export_is_imported_and_a_second_time_changes_nothing(site, people, headers):
    file = ask(site, "/api/user/collection/export.csv", headers["collector"]).text
    mine = headers["returning"]

    first = send_file(site, mine, file.encode())
    again = ask(site, IMPORT, mine, "POST", files={"file": ("collection.csv", file.encode("utf-8-sig"))})

    rows = len(file.splitlines()) - 1
    nothing = {"refused": 0, "errors": []}
    assert first.json() == {"added": rows, "changed": 0, "unchanged": 0, **nothing}
    assert again.json() == {"added": 0, "changed": 0, "unchanged": rows, **nothing}
    assert ask(site, "/api/user/collection/export.csv", mine).text == file
    assert ask(site, "/api/user/collection?limit=1", mine).json()["total"] == rows
    assert DueEdge.objects.filter(user_id=people["returning"].pk).count() == rows


def test_a_file_of_discogs_is_imported(site, people, headers):
    file = (
        "Catalog#,Artist,Title,Label,Format,Rating,Released,release_id,CollectionFolder,Date Added,"
        "Collection Media Condition,Collection Sleeve Condition,Collection Notes\n"
        'C 1,"A, B",One,L,"2xLP, Album",5,1999-02-01,100,Uncategorized,2021-01-02 03:04:05,Mint (M),,"two\nlines"\n'
        "C 1,A,One,L,LP,,,100,Cellar,,,,\n"
        "C 2,A,Two,L,LP,9,,101,,,,,\n"
        ",,,,,,,,,,,,\n"
        "'=1+1,\u202e<b>,\0,L,LP,,0,987654321987,,,,,\n"
    )

    found = send_file(site, headers["importing"], file.encode()).json()

    assert {key: found[key] for key in ("added", "changed", "unchanged", "refused")} == {
        "added": 3, "changed": 0, "unchanged": 0, "refused": 2,
    }  # fmt: skip
    assert [each["line"] for each in found["errors"]] == [5, 6]
    first, second, last = CollectionItem.objects.filter(user=people["importing"]).order_by("release_id", "-instance_id")
    assert (first.year, first.rating, first.folder_id, first.condition) == (1999, 5, 1, "Mint (M)")
    assert (second.instance_id, second.folder_id, second.metadata["folder"]) == (-2, None, "Cellar")
    assert (last.title, last.metadata["catalog_number"], last.year) == (None, "=1+1", None)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "no column release_id"),
        (b"Artist,Title\nA,B\n", "no column release_id"),
        (b"release_id\n\xff\n", "not in UTF-8"),
        (b'release_id\n"1', "no CSV"),
        (b"release_id\n1\n" + b"x" * 200_000, "no CSV"),
    ],
)
def test_what_is_no_export_is_refused_whole(site, people, headers, content, problem):
    response = send_file(site, headers["refused"], content)

    assert response.status_code == 400
    assert problem in response.json()["error"]
    assert not CollectionItem.objects.filter(user=people["refused"]).exists()


def test_a_linked_account_is_not_imported_into(site, headers):
    assert send_file(site, headers["linked"], b"release_id\n1\n").status_code == 409
    assert site.ask("POST", IMPORT, content=b"release_id\n1\n").status_code == 401
    assert ask(site, IMPORT, headers["refused"], "POST", files={"other": b"x"}).status_code == 400


def test_figures_are_for_administrators(site, headers):
    for path in ("/api/admin/users/stats", "/api/admin/users/sync-activity"):
        assert ask(site, path, headers["collector"]).status_code == 403
        assert site.get(path).status_code == 401
        assert ask(site, path, headers["chief"]).status_code == 200


def test_a_release_is_dismissed_and_recalled(site, headers):
    path = "/api/user/recommendations/dismissed/100"

    assert ask(site, path, headers["collector"], "PUT", json={"dismissed": True}).json() == {"dismissed": True}
    assert ask(site, path, headers["collector"], "PUT", json={"dismissed": False}).json() == {"dismissed": False}
    wrong = "/api/user/recommendations/dismissed/x"
    assert ask(site, wrong, headers["collector"], "PUT", json={"dismissed": True}).status_code == 422
    assert ask(site, path, headers["collector"], "PUT", json={}).status_code == 422


@pytest.mark.parametrize("text", ["\0", "x" * 2000, "<b>", "\u202e", "😀", "*"])
def test_no_text_is_an_error_of_the_server(site, headers, text):
    for name in ("q", "genre", "format"):
        response = site.ask("GET", "/api/user/collection", params={name: text}, headers=headers["collector"])
        assert response.status_code in (200, 422), response.text
    for parameters in ({"formats": text}, {"offset": "9" * 30}):
        response = site.ask("GET", "/api/collection/gaps/label/50", params=parameters, headers=headers["collector"])
        assert response.status_code in (200, 422), response.text


def test_a_seed_needs_a_user(people):
    with pytest.raises(CommandError, match="no user"):
        call_command("seed_collection", "nobody@example.com")
