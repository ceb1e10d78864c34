"""What holds for every path: methods, slashes, headers, other origins.

Contract: docs/contract/rest.md#routing, docs/contract/rest.md#headers.
"""

import pytest

pytestmark = pytest.mark.django_db

ORIGIN = "http://localhost:3000"
SECURITY = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "strict-origin-when-cross-origin",
    "permissions-policy": "geolocation=(), microphone=(), camera=()",
}


@pytest.mark.parametrize("path", ["/api/nope", "/api/", "/api/node/", "/nope"])
def test_an_unknown_path_is_said_in_json(site, path):
    assert site.error(path) == (404, {"detail": "Not Found"})


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_another_method_is_refused_with_the_right_one(site, method):
    response = site.ask(method, "/api/trends")

    assert (response.status_code, response.json()) == (405, {"detail": "Method Not Allowed"})
    assert response.headers["Allow"] == "GET"


@pytest.mark.parametrize("path", ["/api/trends", "/health"])
def test_a_question_for_headers_alone_is_refused_without_a_body(site, path):
    response = site.ask("HEAD", path)

    assert (response.status_code, response.headers["Allow"], response.content) == (405, "GET", b"")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_slash_too_many_is_taken_away(site, method):
    response = site.ask(method, "/api/trends/?name=a%20b&name=%2F")

    assert (response.status_code, response.content) == (307, b"")
    assert response.headers["Location"] == f"{site.url}/api/trends?name=a%20b&name=%2F"


def test_a_slash_too_many_behind_a_name_is_taken_away(site):
    response = site.get("/api/node/Funk%20%2F%20Soul/", type="genre")

    assert response.headers["Location"] == f"{site.url}/api/node/Funk%20/%20Soul?type=genre"


@pytest.mark.parametrize("name", ["%2F", "a%2f", "a%2Fb%2F"])
def test_a_slash_that_is_part_of_a_name_is_left_alone(site, name):
    status, body = site.error(f"/api/node/{name}", type="genre")

    assert status == 404
    assert "not found" in body["error"]


@pytest.mark.parametrize("path", ["/api/graph-of-nothing/", "/api/node/x//"])
def test_a_slash_behind_an_unknown_path_is_not_found(site, path):
    assert site.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/api/trends?name=x", "/api/nope", "/api/trends", "/api/trends/", "/health"])
def test_security_headers_are_in_every_answer(site, path):
    headers = site.get(path).headers

    assert {name: headers[name] for name in SECURITY} == SECURITY


def test_of_a_parameter_that_comes_twice_the_last_one_counts(site):
    assert site.json("/api/trends?name=a&name=b&unknown=1")["name"] == "b"


@pytest.mark.parametrize("path", ["/api/trends?name=x", "/api/trends/"])
def test_a_host_that_is_not_ours_is_refused(site, path):
    response = site.ask("GET", path, headers={"Host": "evil.example"})

    assert response.status_code == 400
    assert response.headers["X-Frame-Options"] == "DENY"


def test_more_parameters_than_anybody_sends_are_refused(site):
    assert site.get(f"/api/trends?{'a&' * 1100}").status_code == 400


def test_the_api_sets_no_cookie(site):
    assert "set-cookie" not in site.get("/api/trends?name=x").headers


def test_an_answer_that_the_client_has_already_is_not_sent_again(site):
    first = site.get("/api/trends?name=Jonas%20Ek")

    again = site.ask("GET", "/api/trends?name=Jonas%20Ek", headers={"If-None-Match": first.headers["ETag"]})

    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]


def test_an_allowed_origin_may_read(site):
    headers = site.ask("GET", "/api/trends?name=x", headers={"Origin": ORIGIN}).headers

    assert (headers["Access-Control-Allow-Origin"], headers["Vary"]) == (ORIGIN, "Origin")
    assert "Access-Control-Allow-Credentials" not in headers


@pytest.mark.parametrize("sent", [{}, {"Origin": "http://other.example"}, {"Origin": "null"}])
def test_another_origin_may_not_and_no_cache_gives_one_the_answer_of_the_other(site, sent):
    headers = site.ask("GET", "/api/trends?name=x", headers=sent).headers

    assert "access-control-allow-origin" not in headers
    assert headers["Vary"] == "Origin"


@pytest.mark.parametrize("path", ["/api/nothing", "/api/trends", "/api/trends/?name=x", "/health"])
def test_errors_and_redirects_depend_on_the_origin_too(site, path):
    assert site.get(path).headers["Vary"] == "Origin"


def test_an_answer_that_is_given_again_depends_on_the_origin_too(site):
    asked = [site.get("/api/trends?name=Jonas%20Ek") for _ in range(2)]
    known = site.ask("GET", "/api/trends?name=Jonas%20Ek", headers={"If-None-Match": asked[0].headers["ETag"]})

    assert [each.headers["Vary"] for each in (*asked, known)] == ["Origin"] * 3


def preflight(site, origin=ORIGIN, method="GET", headers="authorization, Content-Type"):
    asked = {"Origin": origin, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": headers}
    return site.ask("OPTIONS", "/api/trends", headers=asked)


def test_a_preflight_is_accepted(site):
    response = preflight(site)

    assert (response.status_code, response.text) == (200, "OK")
    assert response.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert response.headers["Access-Control-Max-Age"] == "600"


@pytest.mark.parametrize("wrong", [{"origin": "http://other.example"}, {"method": "PATCH"}, {"headers": "X-Else"}])
def test_a_preflight_that_asks_for_too_much_is_refused(site, wrong):
    assert preflight(site, **wrong).status_code == 400
