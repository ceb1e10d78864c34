"""Each kind of call that the performance runner makes (docs/contract/rest.md) is answered."""

import pytest

from tests.api.site import another_client

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]

ARTIST, OTHER, LABEL, OTHER_LABEL = "The Harbour Lights", "Mira Holt", "Pier Dub", "Kelp Editions"
# Similar artists need three releases.
PROLIFIC = "Ada Quell"
PERSON, OTHER_PERSON = "Lena Öst", "Mira Holt"
# Path, and its parameters; a name in braces is an id that autocomplete finds.
CALLS = [
    ("/api/explore/year-range", {}),
    ("/api/explore/genre-emergence", {"before_year": 2025}),
    ("/api/genre-tree", {}),
    ("/api/graph/stats", {}),
    ("/api/insights/top-artists", {}),
    ("/api/insights/label-longevity", {}),
    ("/api/insights/this-month", {}),
    ("/api/insights/data-completeness", {}),
    ("/api/insights/status", {}),
    ("/api/insights/genre-trends", {"genre": "Rock"}),
    ("/api/autocomplete", {"q": ARTIST, "type": "artist", "limit": 10}),
    ("/api/autocomplete", {"q": LABEL, "type": "label", "limit": 10}),
    ("/api/explore", {"name": ARTIST, "type": "artist"}),
    ("/api/explore", {"name": LABEL, "type": "label"}),
    ("/api/trends", {"name": ARTIST, "type": "artist"}),
    ("/api/trends", {"name": LABEL, "type": "label"}),
    ("/api/search", {"q": ARTIST}),
    ("/api/path", {"from_name": ARTIST, "from_type": "artist", "to_name": OTHER, "to_type": "artist"}),
    ("/api/label/{label}/dna", {}),
    ("/api/label/{label}/similar", {"limit": 5}),
    ("/api/label/dna/compare", {"ids": "{label},{other_label}"}),
    (f"/api/credits/person/{PERSON}", {}),
    (f"/api/credits/person/{PERSON}/timeline", {}),
    (f"/api/credits/person/{PERSON}/profile", {}),
    (f"/api/credits/connections/{PERSON}", {"depth": 1, "limit": 30}),
    ("/api/credits/autocomplete", {"q": PERSON, "limit": 10}),
    ("/api/credits/role/mastering/top", {"limit": 20}),
    ("/api/credits/shared", {"person1": PERSON, "person2": OTHER_PERSON}),
    ("/api/enrichment/status", {}),
    ("/api/artist/{artist}/musicbrainz", {}),
    ("/api/artist/{artist}/relationships", {}),
    ("/api/artist/{artist}/external-links", {}),
    ("/api/recommend/similar/artist/{prolific}", {"limit": 5}),
    ("/api/collaborators/{artist}", {"limit": 20}),
    ("/api/network/artist/{artist}/collaborators", {"depth": 1, "limit": 50}),
    ("/api/network/artist/{artist}/collaborators", {"depth": 2, "limit": 50}),
    ("/api/network/artist/{artist}/centrality", {}),
    ("/api/network/cluster/{artist}", {"limit": 50}),
    ("/api/node/{artist}", {"type": "artist"}),
    ("/api/node/{label}", {"type": "label"}),
    ("/api/expand", {"node_id": "{artist}", "type": "artist", "category": "releases", "limit": 20}),
    ("/api/expand", {"node_id": "{label}", "type": "label", "category": "releases", "limit": 20}),
    ("/api/nlq/suggestions", {"pane": "explore"}),
]


def find_id(site, name, kind):
    return site.json("/api/autocomplete", q=name, type=kind, limit=1)["results"][0]["id"]


@pytest.fixture(scope="module")
def ids(site, everything):
    return {
        "artist": find_id(site, ARTIST, "artist"),
        "prolific": find_id(site, PROLIFIC, "artist"),
        "label": find_id(site, LABEL, "label"),
        "other_label": find_id(site, OTHER_LABEL, "label"),
    }


def test_every_get_is_answered_without_an_error(site, ids):
    client = another_client()
    failed = []
    for path, parameters in CALLS:
        values = {name: str(value).format(**ids) for name, value in parameters.items()}
        answer = site.get(path.format(**ids), client=client, **values)
        if answer.status_code != 200 or not isinstance(answer.json(), dict | list):
            failed.append((answer.url.raw_path, answer.status_code, answer.text[:200]))

    assert failed == []


def test_a_question_is_answered_by_that_ask_is_off(site):
    answer = site.ask("POST", "/api/nlq/query", json={"query": "Who is on Pier Dub?"})

    assert answer.status_code == 503
    assert answer.json()["error"]
