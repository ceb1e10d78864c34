"""What is asked: a row of the report for each kind of question, with its addresses out of the loaded data.

Every endpoint that a GET reaches without a login has a row, and so has every one about a collection; a test compares
them with the API's schema.
"""

from __future__ import annotations

import itertools
import string
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from apps.graph.readers import credits as people
from bench.api.client import Personal
from bench.api.sample import Names, Sample

# Endpoints that are not measured, and why.
LEFT_OUT = {
    "/api/artist/{artist_id}/musicbrainz": "nothing of MusicBrainz is loaded",
    **dict.fromkeys(
        (
            "/api/musicbrainz/artist/{artist_id}",
            "/api/musicbrainz/artist/{artist_id}/relationships",
            "/api/musicbrainz/artist/{artist_id}/external-links",
        ),
        "a second address",
    ),
    "/api/master/{master_id}": "as a release, and shorter",
    **dict.fromkeys(
        [f"/api/{name}" for name in ("databases", "metrics", "queue-prefixes", "queues", "services", "status/stream")],
        "about the servers, not the data",
    ),
    "/api/rarity/{release_id}": "no release has a score",
    "/api/snapshot/{token}": "nobody has taken one",
}
YEAR = 1995


@dataclass(frozen=True, slots=True)
class Question:
    """A row: the endpoint as its schema has it, and its addresses."""

    name: str
    endpoint: str
    addresses: Callable[[Sample], Iterable[str]]


def query(path: str, **values: object) -> str:
    """Return an address."""
    return f"{path}?{urlencode(values, quote_via=quote)}"


def names(sample: Sample, kind: str) -> list[str]:
    """Return the names of all of one kind."""
    return [each if isinstance(each, str) else each[1] for each in sample.both(kind)]


def ids(sample: Sample, kind: str) -> list[str]:
    """Return the ids of all artists or labels."""
    return [each[0] for each in sample.both(kind)]


def beginnings(texts: Iterable[str]) -> list[str]:
    """Return the first letters of names, as somebody types them who gets offers while typing: three at the least."""
    found = (text[: 3 + number % 4] for number, text in enumerate(texts))
    return list(dict.fromkeys(text for text in found if len(text.strip()) == len(text) >= 3))


def words(texts: Iterable[str]) -> list[str]:
    """Return single words of names and titles, and pairs of them."""
    found = []
    for number, text in enumerate(texts):
        each = [word for word in text.split() if len(word.strip(string.punctuation)) >= 4]
        found += [" ".join(each[: 1 + number % 2])] if each else []
    return list(dict.fromkeys(found))


def pairs(texts: list[str]) -> list[tuple[str, str]]:
    """Return each with its next one, the last one with the first."""
    return list(itertools.pairwise([*texts, *texts[:1]]))


def explore(kind: str) -> Question:
    """Return the row of an entity by its name."""
    return Question(
        f"explore {kind}",
        "/api/explore",
        lambda sample: [query("/api/explore", name=name, type=kind) for name in names(sample, f"{kind}s")],
    )


def expand(kind: str, category: str, label: str = "", **values: object) -> Question:
    """Return the row of a page of children."""
    return Question(
        f"expand {kind} {category}{label}",
        "/api/expand",
        lambda sample: [
            query("/api/expand", node_id=name, type=kind, category=category, **values)
            for name in names(sample, f"{kind}s")
        ],
    )


def expand_maps(sample: Sample) -> list[str]:
    """Return pages of what a map of an artist shows at first."""
    return [
        query("/api/expand/batch", id=id_, type="artist", categories="releases,labels", limit=30, fields="years")
        for id_ in ids(sample, "artists")
    ]


def ask_links(sample: Sample) -> list[str]:
    """Return questions for the edges between twenty releases and as many artists and labels."""
    nodes = [
        ":".join(each)
        for kind, keys in (
            ("release", sample.typical.releases),
            ("artist", ids(sample, "artists")),
            ("label", ids(sample, "labels")),
        )
        for each in zip(itertools.repeat(kind), keys[:20], strict=False)
    ]
    return [query("/api/links", nodes=",".join(nodes[start:])) for start in range(0, len(nodes), 6)]


def ask_by_key(name: str, endpoint: str, kind: str, **values: object) -> Question:
    """Return the row of an endpoint with the id of an artist or a label in its path, or the name of something else."""
    before, _, rest = endpoint.partition("{")
    after = rest.partition("}")[2]
    keys = ids if kind in ("artists", "labels") else names

    def addresses(sample: Sample) -> list[str]:
        found = [f"{before}{quote(key, safe='')}{after}" for key in keys(sample, kind)]
        return [query(address, **values) for address in found] if values else found

    return Question(name, endpoint, addresses)


def ask_by_id(kind: str) -> Question:
    """Return the row of an entity by its id."""
    return ask_by_key(f"node {kind}", "/api/node/{node_id}", f"{kind}s", type=kind)


def ask_years(kind: str) -> Question:
    """Return the row of an entity's years."""
    return Question(
        f"trends {kind}",
        "/api/trends",
        lambda sample: [query("/api/trends", name=name, type=kind) for name in names(sample, f"{kind}s")],
    )


def ask_plain(name: str, endpoint: str) -> Question:
    """Return the row of an endpoint that takes nothing."""
    return Question(name, endpoint, lambda _: [endpoint])


def ask_search(label: str = "", **values: object) -> Question:
    """Return the row of searches for words of titles and names."""

    def addresses(sample: Sample) -> list[str]:
        texts = words([*sample.typical.titles, *names(sample, "artists")])
        return [query("/api/search", q=text, **values) for text in texts[: 2 * len(sample.typical.releases)]]

    return Question(f"search{label}", "/api/search", addresses)


def ask_paths(label: str = "", **values: object) -> Question:
    """Return the row of ways between artists."""
    return Question(
        f"path{label}",
        "/api/path",
        lambda sample: [
            query("/api/path", from_name=one, to_name=other, **values) for one, other in pairs(names(sample, "artists"))
        ],
    )


def pair_people(sample: Sample) -> list[str]:
    """Return pairs of people."""
    return [query("/api/credits/shared", person1=one, person2=other) for one, other in pairs(names(sample, "people"))]


def complete_names(sample: Sample) -> list[str]:
    """Return beginnings of names of artists and labels."""
    return [
        query("/api/autocomplete", q=text, type=kind)
        for kind in ("artist", "label")
        for text in beginnings(names(sample, f"{kind}s"))
    ]


QUESTIONS = (
    Question("autocomplete", "/api/autocomplete", complete_names),
    *(explore(kind) for kind in ("artist", "label", "genre", "style")),
    *(expand("artist", category) for category in ("releases", "labels", "aliases")),
    *(expand("genre", category) for category in ("releases", "artists", "labels", "styles")),
    expand("genre", "artists", " by year", before_year=YEAR),
    *(expand("label", category) for category in ("releases", "artists", "genres")),
    *(expand("style", category) for category in ("releases", "artists", "labels", "genres")),
    expand("artist", "releases", " sampled", order="sample"),
    expand("label", "artists", " with years", fields="years"),
    Question("expand together", "/api/expand/batch", expand_maps),
    Question("links", "/api/links", ask_links),
    *(ask_by_id(kind) for kind in ("artist", "release", "label", "genre", "style")),
    *(ask_years(kind) for kind in ("artist", "label", "genre", "style")),
    ask_plain("year range", "/api/explore/year-range"),
    Question(
        "genre emergence",
        "/api/explore/genre-emergence",
        lambda _: [query("/api/explore/genre-emergence", before_year=year) for year in range(1950, 2030, 10)],
    ),
    ask_search(),
    ask_search(" by names", rank="names"),
    Question(
        "search for a barcode",
        "/api/search",
        lambda sample: [query("/api/search", q=barcode, rank="names") for barcode in sample.typical.barcodes],
    ),
    ask_by_key("release", "/api/release/{release_id}", "releases"),
    ask_paths(),
    ask_paths(" without groups", exclude="MEMBER_OF"),
    ask_paths(" through credits", via="credits"),
    ask_paths(" with others", alternatives=2),
    ask_by_key("label DNA", "/api/label/{label_id}/dna", "labels"),
    ask_by_key("similar labels", "/api/label/{label_id}/similar", "labels"),
    Question(
        "compare labels",
        "/api/label/dna/compare",
        lambda sample: [query("/api/label/dna/compare", ids=",".join(pair)) for pair in pairs(ids(sample, "labels"))],
    ),
    ask_by_key("similar artists", "/api/recommend/similar/artist/{artist_id}", "artists"),
    ask_by_key("collaborators", "/api/collaborators/{artist_id}", "artists"),
    ask_by_key("network", "/api/network/artist/{artist_id}/collaborators", "artists"),
    ask_by_key("centrality", "/api/network/artist/{artist_id}/centrality", "artists"),
    ask_by_key("clusters", "/api/network/cluster/{artist_id}", "artists"),
    ask_by_key("relationships", "/api/artist/{artist_id}/relationships", "artists"),
    ask_by_key("external links", "/api/artist/{artist_id}/external-links", "artists"),
    ask_plain("enrichment", "/api/enrichment/status"),
    *(
        ask_plain(f"insights, {name}", f"/api/insights/{name}")
        for name in ("top-artists", "label-longevity", "this-month", "data-completeness", "status", "release-rarity")
    ),
    Question(
        "insights, genre-trends",
        "/api/insights/genre-trends",
        lambda sample: [query("/api/insights/genre-trends", genre=name) for name in names(sample, "genres")],
    ),
    ask_plain("rarest", "/api/rarity/leaderboard"),
    ask_plain("hidden gems", "/api/rarity/hidden-gems"),
    ask_by_key("rarest of an artist", "/api/rarity/artist/{artist_id}", "artists"),
    ask_by_key("rarest of a label", "/api/rarity/label/{label_id}", "labels"),
    ask_plain("genre tree", "/api/genre-tree"),
    ask_plain("graph statistics", "/api/graph/stats"),
    ask_by_key("person", "/api/credits/person/{name}", "people"),
    ask_by_key("person's years", "/api/credits/person/{name}/timeline", "people"),
    ask_by_key("person's profile", "/api/credits/person/{name}/profile", "people"),
    ask_by_key("person's connections", "/api/credits/connections/{name}", "people"),
    ask_by_key("credits of a release", "/api/credits/release/{release_id}", "releases"),
    Question(
        "leaders of a role",
        "/api/credits/role/{role}/top",
        lambda _: [f"/api/credits/role/{role}/top" for role in people.LEADERS],
    ),
    Question("shared credits", "/api/credits/shared", pair_people),
    Question(
        "autocomplete people",
        "/api/credits/autocomplete",
        lambda sample: [query("/api/credits/autocomplete", q=text) for text in beginnings(names(sample, "people"))],
    ),
    Question(
        "suggestions",
        "/api/nlq/suggestions",
        lambda sample: [
            query("/api/nlq/suggestions", focus=name, focus_type="artist") for name in names(sample, "artists")
        ],
    ),
    Question(
        "what a user has",
        "/api/user/status",
        lambda sample: [query("/api/user/status", ids=id_) for id_ in sample.typical.releases],
    ),
    ask_plain("status of questions", "/api/nlq/status"),
    ask_plain("health", "/health"),
)


def ask_owner(name: str, endpoint: str, *queries: str) -> Question:
    """Return the row of an endpoint about the collection of the user who asks, once for each query."""
    return Question(name, endpoint, lambda _: [Personal(f"{endpoint}{query}") for query in queries or ("",)])


def ask_owner_by_key(name: str, endpoint: str, kind: str, *, heaviest: bool = False, **values: object) -> Question:
    """Return the row of an endpoint about a collection and an entity; ``heaviest``: only that with most releases."""
    plain = ask_by_key(name, endpoint, kind, **values)

    def addresses(sample: Sample) -> list[str]:
        chosen = Sample(Names(), Names(labels=sample.heavy.labels[:1])) if heaviest else sample
        return [Personal(address) for address in plain.addresses(chosen)]

    return Question(name, endpoint, addresses)


def ask_explore(kind: str, list_keys: Callable[[Sample, str], list[str]]) -> Question:
    """Return the row of what is near an entity and new to the user."""
    before = f"/api/recommend/explore/{kind}/"
    return Question(
        f"explore from {kind}s",
        "/api/recommend/explore/{entity_type}/{entity_id}",
        lambda sample: [Personal(f"{before}{quote(key, safe='')}") for key in list_keys(sample, f"{kind}s")],
    )


GAPS = "/api/collection/gaps"
# Asked by a user with a large collection (``bench.api.owner``).
PERSONAL = (
    ask_owner("collection", "/api/user/collection", "", "?offset=5000"),
    ask_owner(
        "collection, chosen", "/api/user/collection", "?sort=artist&genre=Rock", "?sort=-year&q=the", "?sort=title"
    ),
    ask_owner("wantlist", "/api/user/wantlist", "", "?sort=label"),
    ask_owner("collection in figures", "/api/user/collection/stats"),
    ask_owner("timeline", "/api/user/collection/timeline", "", "?bucket=decade"),
    ask_owner("evolution", "/api/user/collection/evolution", "", "?metric=style", "?metric=label"),
    ask_owner("formats", "/api/collection/formats"),
    ask_owner("heat map", "/api/user/taste/heatmap"),
    ask_owner("fingerprint", "/api/user/taste/fingerprint"),
    ask_owner("blind spots", "/api/user/taste/blindspots"),
    ask_owner("card", "/api/user/taste/card"),
    ask_owner("recommendations", "/api/user/recommendations"),
    ask_owner("recommendations by signals", "/api/user/recommendations", "?strategy=multi"),
    ask_owner_by_key("gaps of an artist", f"{GAPS}/artist/{{entity_id}}", "artists"),
    ask_owner_by_key("gaps of a label", f"{GAPS}/label/{{entity_id}}", "labels"),
    ask_owner_by_key("gaps of the largest label", f"{GAPS}/label/{{entity_id}}", "labels", heaviest=True),
    ask_owner_by_key("its last page", f"{GAPS}/label/{{entity_id}}", "labels", heaviest=True, offset=30_000),
    ask_owner_by_key("its gaps of a format", f"{GAPS}/label/{{entity_id}}", "labels", heaviest=True, formats="CD"),
    ask_owner_by_key("its gaps by master", f"{GAPS}/label/{{entity_id}}", "labels", heaviest=True, by="master"),
    Question(
        "gaps of a master",
        f"{GAPS}/master/{{entity_id}}",
        lambda sample: [Personal(f"{GAPS}/master/{id_}") for id_ in sample.typical.masters],
    ),
    ask_explore("artist", ids),
    ask_explore("genre", names),
    ask_explore("label", ids),
    # All of a list, while it is read.
    *(
        ask_owner(f"{name} as {ending}", f"/api/user/{name}/export.{ending}")
        for name in ("collection", "wantlist")
        for ending in ("csv", "json")
    ),
    *(
        ask_owner_by_key(f"gaps of a {kind} as {ending}", f"{GAPS}/{kind}/{{entity_id}}/export.{ending}", f"{kind}s")
        for kind in ("artist", "label", "master")
        for ending in ("csv", "json")
    ),
    ask_owner("what the user has", "/api/user/status", "?ids=1,2,3"),
)
