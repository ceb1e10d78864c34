"""Artists around an artist: every answer worked out from the tables of ``tests.api.catalogue``.

Contract: docs/contract/rest.md#similar-artists, docs/contract/rest.md#network.
"""

import math
from collections import Counter

import pytest

from tests.api.catalogue import ADA, ARTISTS, BO, CLEO, ELA, GUS, HARBOUR, LABELS, MIRA, OTHER_CLEO, RELEASES

pytestmark = pytest.mark.django_db

COLLABORATORS = "/api/collaborators/{}"
NETWORK = "/api/network/artist/{}/collaborators"
CENTRALITY = "/api/network/artist/{}/centrality"
CLUSTER = "/api/network/cluster/{}"
SIMILAR = "/api/recommend/similar/artist/{}"
PATHS = [COLLABORATORS, NETWORK, CENTRALITY, CLUSTER, SIMILAR]
EVERYBODY = sorted(ARTISTS)


def make_named(id_):
    return {"artist_id": str(id_), "artist_name": ARTISTS[id_] or f"Artist {id_}"}


def list_releases_by(id_):
    return [each for each in RELEASES if id_ in each.artists]


def find_shared(id_):
    """Return the releases that each other artist shares with one."""
    others = {other for each in list_releases_by(id_) for other in each.artists if other != id_}
    return {other: [each for each in list_releases_by(id_) if other in each.artists] for other in others}


# Collaborators


def test_collaborators_with_their_years(site):
    """Artist 40 shares 200 to 202 with 41, 202 with 42; 203, with 42 and 44, has no year; 210 with 46, 212 with 47."""
    assert site.json(COLLABORATORS.format(ADA)) == {
        **make_named(ADA),
        "collaborators": [
            {
                **make_named(BO),
                "release_count": 3,
                "first_year": 1990,
                "last_year": 1991,
                "yearly_counts": [{"year": 1990, "count": 1}, {"year": 1991, "count": 2}],
            },
            *(
                {
                    **make_named(other),
                    "release_count": 1,
                    "first_year": year,
                    "last_year": year,
                    "yearly_counts": [{"year": year, "count": 1}],
                }
                for other, year in [(CLEO, 1991), (ELA, 2001), (GUS, 2002)]
            ),
        ],
        "total": 4,
    }


@pytest.mark.parametrize("id_", EVERYBODY)
def test_collaborators_of_everybody(site, id_):
    dated = {other: [each for each in releases if each.year] for other, releases in find_shared(id_).items()}
    counts = {str(other): len(releases) for other, releases in dated.items() if releases}

    body = site.json(COLLABORATORS.format(id_))

    assert {each["artist_id"]: each["release_count"] for each in body["collaborators"]} == counts
    assert [each["artist_id"] for each in body["collaborators"]] == sorted(counts, key=lambda key: (-counts[key], key))
    assert body["total"] == len(counts)


def test_a_limit_cuts_collaborators_and_not_their_number(site):
    body = site.json(COLLABORATORS.format(ADA), limit=2)

    assert [each["artist_id"] for each in body["collaborators"]] == [str(BO), str(CLEO)]
    assert body["total"] == 4


# Network


def find_around(id_, depth):
    """Return who is within a distance, as the answer has it."""
    near = find_shared(id_)
    found = [{**make_named(other), "distance": 1, "collaboration_count": len(each)} for other, each in near.items()]
    if depth > 1:
        between = Counter(far for other in near for far in find_shared(other) if far != id_ and far not in near)
        found += [{**make_named(far), "distance": 2, "collaboration_count": count} for far, count in between.items()]
    return sorted(found, key=lambda each: (each["distance"], -each["collaboration_count"], each["artist_id"]))


def test_a_network_by_hand(site):
    """42 is with 40 on two releases, with 41, 43 and 44 on one; 45 and 20 are with 43, 46 and 47 with 40."""
    body = site.json(NETWORK.format(CLEO))

    assert [(each["artist_id"], each["distance"], each["collaboration_count"]) for each in body["collaborators"]] == [
        ("40", 1, 2),
        ("41", 1, 1),
        ("43", 1, 1),
        ("44", 1, 1),
        ("20", 2, 1),
        ("45", 2, 1),
        ("46", 2, 1),
        ("47", 2, 1),
    ]


@pytest.mark.parametrize("depth", [1, 2, 3])
@pytest.mark.parametrize("id_", EVERYBODY)
def test_the_network_of_everybody(site, id_, depth):
    expected = find_around(id_, depth)

    assert site.json(NETWORK.format(id_), depth=depth) == {
        **make_named(id_),
        "depth": depth,
        "collaborators": expected,
        "total": len(expected),
    }


def test_two_steps_and_fifty_artists_unless_others_are_wanted(site):
    assert site.json(NETWORK.format(OTHER_CLEO))["depth"] == 2
    body = site.json(NETWORK.format(OTHER_CLEO), limit=1)
    assert len(body["collaborators"]) == 1
    assert body["total"] == len(find_around(OTHER_CLEO, 2))


# Centrality


def test_centrality_of_a_member_with_an_alias(site):
    """Artist 2: three releases, one group, its alias 4, a person that it is. It shares 102 with 3 and 108 with 194."""
    assert site.json(CENTRALITY.format(MIRA)) == {
        **make_named(MIRA),
        "centrality": {
            "degree": 6,
            "collaborator_count": 2,
            "collaboration_releases": 2,
            "group_count": 1,
            "alias_count": 0,
        },
    }


def test_masters_and_members_count_for_the_degree(site):
    """Artist 1: two releases, a master, two members."""
    assert site.json(CENTRALITY.format(HARBOUR))["centrality"]["degree"] == 5


def test_an_alias_points_at_its_primary(site):
    assert site.json(CENTRALITY.format(4))["centrality"]["alias_count"] == 1


@pytest.mark.parametrize("id_", EVERYBODY)
def test_centrality_of_everybody(site, id_):
    figures = site.json(CENTRALITY.format(id_))["centrality"]

    assert figures["collaborator_count"] == len(find_shared(id_))
    assert figures["collaboration_releases"] == len([each for each in list_releases_by(id_) if len(each.artists) > 1])


# Clusters


def primary_genre(id_):
    counts = Counter(genre for each in list_releases_by(id_) for genre in each.genres)
    return min(counts, key=lambda genre: (-counts[genre], genre), default="Unknown")


def test_clusters_by_hand(site):
    """41, 42 and 44 have mostly Jazz, 46 has two of Blues and one of Jazz, 47 has no genre."""
    assert site.json(CLUSTER.format(ADA)) == {
        **make_named(ADA),
        "clusters": [
            {
                "cluster_label": "Jazz",
                "members": [
                    {**make_named(BO), "shared_releases": 3},
                    {**make_named(CLEO), "shared_releases": 2},
                    {**make_named(OTHER_CLEO), "shared_releases": 1},
                ],
                "size": 3,
            },
            {"cluster_label": "Blues", "members": [{**make_named(ELA), "shared_releases": 1}], "size": 1},
            {"cluster_label": "Unknown", "members": [{**make_named(GUS), "shared_releases": 1}], "size": 1},
        ],
        "total_clusters": 3,
        "total_members": 5,
    }


@pytest.mark.parametrize("limit", [1, 2, 200])
@pytest.mark.parametrize("id_", EVERYBODY)
def test_clusters_of_everybody(site, id_, limit):
    counts = {other: len(releases) for other, releases in find_shared(id_).items()}
    members = sorted(counts, key=lambda other: (-counts[other], str(other)))[:limit]
    sizes = Counter(map(primary_genre, members))

    body = site.json(CLUSTER.format(id_), limit=limit)

    assert {each["cluster_label"]: each["size"] for each in body["clusters"]} == sizes
    assert [each["size"] for each in body["clusters"]] == sorted(sizes.values(), reverse=True)
    assert (body["total_clusters"], body["total_members"]) == (len(sizes), len(members))
    for cluster in body["clusters"]:
        assert [each["artist_id"] for each in cluster["members"]] == [
            str(other) for other in members if primary_genre(other) == cluster["cluster_label"]
        ]


# Similar artists


def vectors(id_):
    """Return the shares of names among an artist's releases; all without a name are one name."""
    names = {
        "genre": lambda each: set(each.genres),
        "style": lambda each: set(each.styles),
        "label": lambda each: {LABELS[label] for label in each.labels},
        "collaborator": lambda each: {ARTISTS[other] for other in each.artists if other != id_},
    }
    found = {kind: Counter(name for each in list_releases_by(id_) for name in of(each)) for kind, of in names.items()}
    return {kind: {name: count / counts.total() for name, count in counts.items()} for kind, counts in found.items()}


def compute_likeness(one, other):
    lengths = math.hypot(*one.values()) * math.hypot(*other.values())
    return sum(share * other.get(name, 0) for name, share in one.items()) / lengths if lengths else 0.0


def find_similar(id_):
    """Return the artists that are like one, as the contract says it, without regard for time."""
    own = vectors(id_)
    counts = Counter(genre for each in list_releases_by(id_) for genre in each.genres)
    genres = sorted(counts, key=lambda genre: (-counts[genre], genre))[:5]
    sums = Counter(other for genre in genres for each in RELEASES if genre in each.genres for other in each.artists)
    candidates = sorted(
        (other for other in sums if sums[other] >= 3 and other != id_ and ARTISTS[other]),
        key=lambda other: (-sums[other], str(other)),
    )
    found = []
    for other in candidates:
        theirs = vectors(other)
        breakdown = {kind: compute_likeness(own[kind], theirs[kind]) for kind in own}
        weights = {"genre": 0.35, "style": 0.25, "label": 0.25, "collaborator": 0.15}
        found.append(
            {
                **make_named(other),
                "similarity": round(sum(weights[kind] * breakdown[kind] for kind in weights), 4),
                "breakdown": {kind: round(each, 4) for kind, each in breakdown.items()},
                "release_count": sums[other],
                "shared_genres": sorted(own["genre"].keys() & theirs["genre"].keys()),
                "shared_labels": sorted((own["label"].keys() & theirs["label"].keys()) - {""}),
            }
        )
    return sorted((each for each in found if each["similarity"] > 0), key=lambda each: -each["similarity"])


@pytest.mark.parametrize("id_", [id_ for id_ in EVERYBODY if len(list_releases_by(id_)) >= 3])
def test_artists_that_release_the_like(site, id_):
    assert site.json(SIMILAR.format(id_), limit=50) == {**make_named(id_), "similar": find_similar(id_)}


def test_one_similar_artist_by_hand(site):
    """Artist 46 to 41: Blues 2, Jazz 1 and Jazz 4; Bop 1 and Bop 4, Fusion 1; no name 1, Quell 2 and Quell 4.

    Of collaborators 46 has 40 once, 41 has 40 three times, 42 and 43 once.
    """
    found = {each["artist_id"]: each for each in site.json(SIMILAR.format(ELA))["similar"]}

    assert found[str(BO)] == {
        **make_named(BO),
        "similarity": 0.7583,
        "breakdown": {"genre": 0.4472, "style": 0.9701, "label": 0.8944, "collaborator": 0.9045},
        "release_count": 4,
        "shared_genres": ["Jazz"],
        "shared_labels": ["Quell"],
    }


def test_a_limit_cuts_what_is_kept(site):
    everyone = site.json(SIMILAR.format(ADA))["similar"]

    assert len(everyone) > 2
    assert site.json(SIMILAR.format(ADA), limit=2)["similar"] == everyone[:2]


@pytest.mark.parametrize("id_", [HARBOUR, GUS, 30])
def test_fewer_than_three_releases_say_nothing(site, id_):
    status, body = site.error(SIMILAR.format(id_))

    assert status == 422
    assert "fewer than 3" in body["error"]


# All of them


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "id_",
    [
        "zzz",
        "0",
        "07",
        "-1",
        "99999999",
        "9" * 19,
        "9" * 400,
        "1.0",
        "%201",
        "4%27%20OR%201=1%20--",
        "%7D)%20DETACH%20DELETE%20n",
        "%D9%A4%D9%A0",
        "%00",
        "%FF",
    ],
)
def test_an_artist_that_is_not_there(site, path, id_):
    status, body = site.error(path.format(id_))

    assert status == 404
    assert "not found" in body["error"]


@pytest.mark.parametrize(
    ("path", "name", "most"),
    [
        (COLLABORATORS, "limit", 100),
        (NETWORK, "limit", 200),
        (NETWORK, "depth", 3),
        (CLUSTER, "limit", 200),
        (SIMILAR, "limit", 50),
    ],
)
def test_bounds(site, path, name, most):
    path = path.format(ADA)

    assert site.get(path, **{name: most}).status_code == 200
    assert site.invalid(path, **{name: most + 1}) == [("less_than_equal", "query", name)]
    assert site.invalid(path, **{name: 0}) == [("greater_than_equal", "query", name)]
    assert site.invalid(path, **{name: "1; DROP TABLE collaboration"}) == [("int_parsing", "query", name)]


@pytest.mark.parametrize("path", PATHS)
def test_one_artist_is_asked_for_thirty_times_a_minute(site, path):
    client = f"192.0.2.{40 + PATHS.index(path)}"
    first = site.get(path.format(ADA), client=client)

    assert (first.headers["X-RateLimit-Limit"], first.headers["X-RateLimit-Remaining"]) == ("30", "29")
    assert site.get(path.format(BO), client=client).headers["X-RateLimit-Remaining"] == "29"


@pytest.mark.parametrize("path", ["/api/collaborators/", "/api/network/cluster/", "/api/recommend/similar/artist/"])
def test_an_id_is_needed(site, path):
    assert site.error(path) == (404, {"detail": "Not Found"})


def test_people_without_collaborators(site):
    assert site.json(COLLABORATORS.format(31)) == {**make_named(31), "collaborators": [], "total": 0}
    assert site.json(CLUSTER.format(31)) == {**make_named(31), "clusters": [], "total_clusters": 0, "total_members": 0}
