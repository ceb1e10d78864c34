"""Genre tree and size of the graph, on the catalogue made by hand.

Contract: docs/contract/rest.md#genre-tree, docs/contract/rest.md#graph-statistics.
"""

from collections import Counter

import pytest

from tests.api.catalogue import ARTISTS, FOLK, FUNK, LABELS, MASTERS, RELEASES

pytestmark = pytest.mark.django_db


def test_all_genres_with_the_styles_of_their_releases(site):
    together = Counter((genre, style) for each in RELEASES for genre in each.genres for style in each.styles)

    tree = site.json("/api/genre-tree")["genres"]

    assert [(genre["name"], genre["release_count"]) for genre in tree] == [
        ("Jazz", 10),
        ("Electronic", 6),
        ("Rock", 4),
        ("Blues", 3),
        (FOLK, 2),
        (FUNK, 2),
    ]
    assert {
        (genre["name"], style["name"]): style["release_count"] for genre in tree for style in genre["styles"]
    } == together
    for genre in tree:
        counts = [(-style["release_count"], style["name"]) for style in genre["styles"]]
        assert counts == sorted(counts)


def test_the_size_of_the_graph(site):
    counts = {
        "artists": len(ARTISTS),
        "labels": len(LABELS),
        "releases": len(RELEASES),
        "masters": len(MASTERS),
        "genres": len({genre for each in RELEASES for genre in each.genres}),
        "styles": len({style for each in RELEASES for style in each.styles}),
    }

    assert site.json("/api/graph/stats") == {"total_entities": sum(counts.values()), "counts": counts}
