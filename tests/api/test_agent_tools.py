"""What an agent may ask, compared with what the site answers."""

import pytest

from apps.nlq import tools

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("answer", "address"),
    [
        (lambda: tools.search("kelp", limit=1000), "/api/search?q=kelp&limit=100"),
        (lambda: tools.search("kelp", types=["label"], limit=0), "/api/search?q=kelp&types=label&limit=1"),
        (tools.get_graph_stats, "/api/graph/stats"),
        (tools.get_genre_tree, "/api/genre-tree"),
        (
            lambda: tools.find_path("Mira Holt", "Dub", to_type="style", max_depth=99),
            "/api/path?from_name=Mira%20Holt&to_name=Dub&to_type=style&max_depth=10",
        ),
    ],
)
def test_an_answer_is_that_of_the_site(site, answer, address):
    assert answer() == site.json(address)


@pytest.mark.parametrize(
    ("answer", "kind", "key"),
    [
        (lambda: tools.get_artist_details("The Harbour Lights"), "artist", "1"),
        (lambda: tools.get_artist_details("10"), "artist", "10"),
        (lambda: tools.get_label_details("Pier Dub"), "label", "50"),
        (lambda: tools.get_release_details("104"), "release", "104"),
        (lambda: tools.get_genre_details("Funk / Soul"), "genre", "Funk%20%2F%20Soul"),
        (lambda: tools.get_style_details("Dub"), "style", "Dub"),
    ],
)
def test_details_are_those_of_the_site_with_their_kind(site, answer, kind, key):
    assert answer() == {**site.json(f"/api/node/{key}?type={kind}"), "_entity_type": kind}


def test_lists_are_under_their_names(site):
    trends, collaborators = site.json("/api/trends?name=Jazz&type=genre"), site.json("/api/collaborators/40?limit=2")

    assert tools.get_trends("Jazz", "genre") == {"trends": trends["data"]}
    assert tools.get_collaborators("40", 2) == {"collaborators": collaborators["collaborators"]}
    assert trends["data"]
    assert collaborators["collaborators"]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (lambda: tools.get_artist_details("Nobody"), "artist 'Nobody' not found"),
        (lambda: tools.get_artist_details("999999"), "artist '999999' not found"),
        (lambda: tools.get_label_details("\u202e<b>"), "label '\u202e<b>' not found"),
        (lambda: tools.get_release_details("x" * 2000), f"release '{'x' * 2000}' not found"),
        (lambda: tools.get_genre_details("\0"), "genre '\0' not found"),
        (lambda: tools.get_style_details("Nothing"), "style 'Nothing' not found"),
        (lambda: tools.get_collaborators("999999"), "artist '999999' not found"),
        (lambda: tools.find_path("Mira Holt", "Nobody"), "Artist 'Nobody' not found"),
        (
            lambda: tools.find_path("Ada Quell", "Sea Shanties", to_type="style", max_depth=1),
            "No path found from 'Ada Quell' to 'Sea Shanties' within 1 steps",
        ),
    ],
)
def test_what_is_not_there_is_an_error(loaded, answer, error):
    assert answer() == {"error": error}
