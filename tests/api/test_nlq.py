"""Questions in plain words (docs/contract/rest.md#ask), as long as nothing here answers them."""

import json

import pytest

pytestmark = pytest.mark.django_db

SUGGESTIONS, STATUS, QUERY = "/api/nlq/suggestions", "/api/nlq/status", "/api/nlq/query"
PANES = ["explore", "trends", "insights", "genres", "credits"]
TYPES = ["artist", "label", "genre", "style"]


def ask(site, body, **options):
    """Return status and body of the answer to a question."""
    response = site.ask("POST", QUERY, json=body, **options)
    return response.status_code, response.json()


def list_refusals(site, content, kind="application/json"):
    """Return the entries about a body that cannot be taken."""
    headers = {"Content-Type": kind} if kind else {}
    response = site.ask("POST", QUERY, content=content, headers=headers)
    assert response.status_code == 422, response.text
    return response.json()["detail"]


def list_suggestions(site, **parameters):
    found = site.json(SUGGESTIONS, **parameters)["suggestions"]
    assert 4 <= len(found) == len(set(found)) <= 6
    assert all(0 < len(text) <= 256 for text in found)
    return found


# Suggestions


def test_each_pane_has_suggestions_of_its_own(site):
    found = {pane: tuple(list_suggestions(site, pane=pane)) for pane in PANES}

    assert len(set(found.values())) == len(PANES)


@pytest.mark.parametrize(
    "parameters", [{}, {"pane": "nope"}, {"pane": ""}, {"focus": "x"}, {"focus": " ", "focus_type": "artist"}]
)
def test_without_a_focus_and_a_known_pane_they_are_those_of_explore(site, parameters):
    assert list_suggestions(site, **parameters) == list_suggestions(site, pane="explore")


@pytest.mark.parametrize("kind", TYPES)
def test_suggestions_speak_of_what_somebody_looks_at(site, kind):
    found = list_suggestions(site, pane="credits", focus="  Mira {0} & <b>Holt</b> ", focus_type=kind)

    assert all("Mira {0} & <b>Holt</b>" in text for text in found)


def test_each_type_has_suggestions_of_its_own_and_any_other_those_of_artists(site):
    found = {kind: tuple(list_suggestions(site, focus="x", focus_type=kind)) for kind in TYPES}

    assert len(set(found.values())) == len(TYPES)
    assert tuple(list_suggestions(site, focus="x", focus_type="release")) == found["artist"]


def test_a_long_focus_is_cut(site):
    found = list_suggestions(site, focus="x" * 5000, focus_type="label")

    assert all("x" * 120 in text and "x" * 121 not in text for text in found)


def test_a_colon_in_one_text_is_not_the_end_of_another(site):
    first = list_suggestions(site, pane="explore:A", focus="B", focus_type="label")

    assert list_suggestions(site, pane="explore", focus="A:B", focus_type="label") != first


# Status


def test_as_long_as_nothing_answers_the_status_says_so(site):
    assert site.json(STATUS) == {"enabled": False}


# Questions


@pytest.mark.parametrize(
    "body",
    [
        {"query": "Who has worked with Mira Holt?"},
        {"query": "x" * 500, "context": None},
        {"query": "x", "context": {}},
        {"query": "x", "context": {"entity_id": "Mira Holt", "entity_type": "artist"}, "more": 1},
        {"query": "x", "context": {"entity_id": None, "entity_type": None}},
    ],
)
def test_a_question_is_taken_and_not_answered(site, body):
    status, answer = ask(site, body)

    assert status == 503
    assert set(answer) == {"error"}


@pytest.mark.parametrize("query", ["", " ", "\n\t "])
def test_a_blank_question_is_refused(site, query):
    status, answer = ask(site, {"query": query})

    assert status == 400
    assert set(answer) == {"error"}


def test_a_long_question_is_refused(site):
    status, answer = ask(site, {"query": "x" * 501})

    assert status == 400
    assert "maximum length" in answer["error"]


def test_an_error_is_no_stream_even_where_one_is_wanted(site):
    response = site.ask("POST", QUERY, json={"query": "x"}, headers={"Accept": "text/event-stream"})

    assert (response.status_code, response.headers["Content-Type"]) == (503, "application/json")


def test_a_token_that_is_none_makes_no_difference(site):
    assert ask(site, {"query": "x"}, headers={"Authorization": "Bearer nope"})[0] == 503


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({}, [("missing", "body", "query")]),
        ({"query": None}, [("string_type", "body", "query")]),
        ({"query": 5}, [("string_type", "body", "query")]),
        ({"query": ["x"], "context": "Mira"}, [("string_type", "body", "query"), ("dict_type", "body", "context")]),
        ({"query": "", "context": []}, [("dict_type", "body", "context")]),
    ],
)
def test_what_a_question_does_not_take(site, body, wrong):
    status, answer = ask(site, body)

    assert status == 422
    assert [(each["type"], *each["loc"]) for each in answer["detail"]] == wrong


def test_of_a_field_that_is_missing_the_whole_body_is_told(site):
    (entry,) = list_refusals(site, b'{"context": {"entity_id": "x"}}')

    assert (entry["type"], entry["input"]) == ("missing", {"context": {"entity_id": "x"}})


@pytest.mark.parametrize("kind", ["application/json", None])
def test_a_body_is_needed(site, kind):
    (entry,) = list_refusals(site, b"", kind)

    assert (entry["type"], entry["loc"], entry["input"]) == ("missing", ["body"], None)


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b"{", 1),
        (b'{"query": }', 10),
        (b"nope", 0),
        (b'{"query": "\xff"}', None),
        (b'{"query": "\\ud800"}', None),
        (b"[" * 100_000, None),
        (b'{"query": NaN}', None),
    ],
)
def test_what_is_no_json(site, content, place):
    (entry,) = list_refusals(site, content)

    assert (entry["type"], entry["input"]) == ("json_invalid", {})
    assert entry["loc"][0] == "body"
    assert place is None or entry["loc"] == ["body", place]
    assert entry["ctx"]["error"]


@pytest.mark.parametrize("value", [[], "text", 5, None, True, 2**70])
def test_what_is_no_object(site, value):
    (entry,) = list_refusals(site, json.dumps(value).encode())

    assert (entry["type"], entry["loc"]) == ("model_attributes_type", ["body"])
    assert entry["input"] == value


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", None])
def test_a_text_that_is_not_said_to_be_json_is_a_text(site, kind):
    (entry,) = list_refusals(site, b'{"query": "x"}', kind)

    assert (entry["type"], entry["loc"], entry["input"]) == ("model_attributes_type", ["body"], '{"query": "x"}')


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "Application/JSON", "application/ld+json"])
def test_json_may_be_said_in_other_ways(site, kind):
    assert site.ask("POST", QUERY, content=b'{"query": "x"}', headers={"Content-Type": kind}).status_code == 503


def test_ten_questions_a_minute(site):
    client = "192.0.2.20"
    refusals = [site.ask("POST", QUERY, client=client, json={}).status_code for _ in range(3)]
    statuses = [ask(site, {"query": query}, client=client)[0] for query in [""] * 5 + ["x"] * 5]

    status, answer = ask(site, {"query": "x"}, client=client)

    assert (refusals, statuses) == ([422] * 3, [400] * 5 + [503] * 5)
    assert (status, answer) == (429, {"error": "Rate limit exceeded: 10 per 1 minute"})


def test_suggestions_are_limited_and_the_status_is_not(site):
    assert site.get(SUGGESTIONS).headers["X-RateLimit-Limit"] == "100"
    assert "X-RateLimit-Limit" not in site.get(STATUS).headers


@pytest.mark.parametrize(("path", "method"), [(QUERY, "GET"), (STATUS, "POST"), (SUGGESTIONS, "POST")])
def test_another_method(site, path, method):
    assert site.ask(method, path).status_code == 405
