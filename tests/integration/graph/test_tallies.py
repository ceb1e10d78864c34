"""Tallies: what they count, that a month changes what it must, and that readers do without."""

from collections import Counter

import pytest
from django.db import InterfaceError, connection
from django.test.utils import CaptureQueriesContext

from apps.catalog.models import Tally
from apps.graph import tallies
from apps.graph.readers import expanding, genres, labels, years
from tests import loading
from tests.api import catalogue
from tests.api.catalogue import ARTISTS, RELEASES
from tests.integration.graph.reading import edges, nodes
from tests.records import artist, label, release

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("graph", "spooled")]


def count_expected():
    """Count the pairs of the catalogue in another way."""
    found = Counter()
    for each in RELEASES:
        for genre in each.genres:
            found.update(("genre artist", genre, str(id_)) for id_ in each.artists)
            found.update(("genre label", genre, str(id_)) for id_ in each.labels)
            found.update(("label genre", str(id_), genre) for id_ in each.labels)
            found.update(("genre style", genre, style) for style in each.styles)
            found.update(("style genre", style, genre) for style in each.styles)
        for style in each.styles:
            found.update(("style artist", style, str(id_)) for id_ in each.artists)
            found.update(("style label", style, str(id_)) for id_ in each.labels)
        if each.year:
            found.update(("genre year", genre, str(each.year)) for genre in each.genres)
            found.update(("style year", style, str(each.year)) for style in each.styles)
    return dict(found)


def read_stored():
    return {(row.kind, row.parent, row.child): row.releases for row in Tally.objects.all()}


def test_releases_have_their_years():
    loading.month(**catalogue.dump())

    for row in Tally.objects.filter(kind="genre artist"):
        both = [each for each in RELEASES if row.parent in each.genres and int(row.child) in each.artists]
        assert row.years == sorted(each.year for each in both if each.year)
    assert Tally.objects.get(kind="style label", parent="Dub", child="50").years == [1981, 1981, 1983]
    assert Tally.objects.get(kind="genre style", parent="Electronic", child="Ambient").years == [1981, 1999, 2001]


def test_everything_is_counted_by_release():
    loading.month(**catalogue.dump())

    assert read_stored() == count_expected()


def test_what_has_no_node_and_what_comes_twice_do_not_count():
    ebb = release(1, artists=[1, 1, 999], labels=[50, 998, 50], genres=["Rock", "Rock"], styles=["Dub", "Dub"])
    loading.month(artists=[artist(1)], labels=[label(50)], releases=[ebb])

    assert set(read_stored()) == {
        ("genre artist", "Rock", "1"),
        ("genre label", "Rock", "50"),
        ("genre style", "Rock", "Dub"),
        ("label genre", "50", "Rock"),
        ("style artist", "Dub", "1"),
        ("style genre", "Dub", "Rock"),
        ("style label", "Dub", "50"),
    }
    assert set(read_stored().values()) == {1}


def test_names_and_ids_of_any_length_are_counted_as_the_graph_has_them(graph):
    long, longer = "s" * 2000, "s" * 3000
    large = 2**63 - 1
    loading.month(
        artists=[artist(large)],
        labels=[label(large)],
        releases=[
            release(1, artists=[large, 5], labels=[large, 5], genres=["Rock"], styles=[longer, "Dub"]),
            release(2, artists=[large], genres=["Rock"], styles=[f"{longer}t"]),
        ],
    )

    assert read_stored()["genre artist", "Rock", str(large)] == 2
    assert read_stored()["genre label", "Rock", str(large)] == 1
    assert read_stored()["genre style", "Rock", long] == 2
    assert tallies.read_page("genre style", "Rock", offset=0, limit=5) == [(long, 2), ("Dub", 1)]
    assert tallies.read_page("style artist", long, offset=0, limit=5) == [(str(large), 2)]
    assert tallies.read_parents("style genre", [long, "Dub"]) is not None
    assert nodes(graph, "Style")[long]["release_count"] == 2
    assert nodes(graph, "Label")[str(large)]["release_count"] == 1


def test_lists_of_an_odd_shape_are_counted_by_their_texts(graph):
    odd = "<release id='1' genres='x' labels='y'><genres b='1'>text<genre a='1'>Rock</genre><other/></genres></release>"
    both = "<release id='2' styles='z'><genres><genre>Rock</genre><genre>Rock</genre></genres></release>"
    styled = "<styles><style c='1'>Dub</style></styles>"
    strange = f"<master id='3' genres='x'><genres><genre>Jazz</genre></genres>{styled}</master>"
    loading.month(releases=[odd, both], masters=[strange])

    assert {name: node["release_count"] for name, node in nodes(graph, "Genre").items()} == {
        "Jazz": 0,
        "Rock": 2,
        "text": 1,
    }
    assert edges(graph, "PART_OF", "weight") == {("Dub", "Jazz", 1)}


def test_a_month_changes_what_differs_and_leaves_the_rest():
    people, labels = [artist(1), artist(2)], [label(50)]
    same = release(1, artists=[1], labels=[50], genres=["Rock"])
    loading.month(
        artists=people, labels=labels, releases=[same, release(2, artists=[1, 2], labels=[50], genres=["Rock"])]
    )
    before = versions()
    loading.month(
        artists=people, labels=labels, releases=[same, release(2, artists=[1], labels=[50], genres=["Pop", "Rock"])]
    )

    assert {key: count for key, count in read_stored().items() if key[0] == "genre artist"} == {
        ("genre artist", "Pop", "1"): 1,
        ("genre artist", "Rock", "1"): 2,
    }
    untouched = ("genre label", "Rock", "50")
    assert versions()[untouched] == before[untouched]


def versions():
    """Return which transaction wrote each row."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT kind, parent, child, xmin::text FROM tally")
        return {(kind, parent, child): version for kind, parent, child, version in cursor}


@pytest.mark.parametrize("without", ["rows", "PostgreSQL"])
@pytest.mark.parametrize(
    ("kind", "name"), [("genre", "Rock"), ("genre", "Funk / Soul"), ("style", "Dub"), ("style", "no")]
)
def test_an_expansion_is_the_same_without(monkeypatch, kind, name, without):
    monkeypatch.setattr(expanding, "MOST_SORTED", 0)
    categories = [category for kind_, category in expanding.STATEMENTS if kind_ == kind]

    def expand(category, **page):
        return expanding.read_page(kind, name, category, **{"offset": 0, "limit": 50, **page})

    def ask_all():
        pages = [{}, {"limit": 1}, {"offset": 1, "limit": 2}, {"offset": 100}]
        pages += [{**page, "before_year": year} for page in pages for year in (1900, 1981, 1999, 2030)]
        return [expand(category, **page) for category in categories for page in pages]

    loading.month(**catalogue.dump())
    counted = ask_all()
    if without == "rows":
        Tally.objects.all().delete()
    else:
        monkeypatch.setattr(connection, "cursor", unreachable)

    assert ask_all() == counted


ASKED = {
    "tree": genres.get_tree,
    "similar": lambda: labels.find_similar("50", 10),
    "years of a genre": lambda: years.count_trends("genre", "Rock"),
    "years of a style": lambda: years.count_trends("style", "Dub"),
    "years of nothing": lambda: years.count_trends("style", "nope"),
}


@pytest.mark.parametrize("ask", ASKED.values(), ids=ASKED)
def test_other_answers_are_the_same_without(ask):
    loading.month(**catalogue.dump())
    counted = ask()
    Tally.objects.all().delete()

    assert counted == ask()


def unreachable():
    raise InterfaceError("connection already closed")


def test_an_artist_that_is_gone_from_the_graph_is_left_out(graph):
    loading.month(**catalogue.dump())
    graph.run("MATCH (artist:Artist {id: '3'}) DETACH DELETE artist").consume()

    names = [
        child["name"] for child in expanding.read_page("genre", "Electronic", "artists", offset=0, limit=50).children
    ]

    assert ARTISTS[3] not in names
    assert names


def test_sums_over_styles_of_other_labels():
    loading.month(**catalogue.dump())

    sums = tallies.read_largest_sums("style label", ["Dub", "Ambient"], but="50", least=3, limit=5)

    assert sums == [("51", 5)]


def test_leading_artists_are_read_in_the_order_of_the_index():
    loading.month(artists=[artist(number) for number in range(1, 11)])
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO tally (kind, parent, child, releases, years)
            SELECT 'genre artist', genre, number::text, number, '{}'
            FROM generate_series(1, 4000) AS number, unnest(ARRAY['Rock', 'Jazz']) AS genre
            """
        )
        cursor.execute("ANALYZE tally")

    with CaptureQueriesContext(connection) as queries:
        found = tallies.read_leading_sums(["Rock", "Jazz"], but="9", most=3, least=1, limit=2)

    assert [(child, total) for child, total, _ in found] == [("10", 20), ("8", 16)]
    asked = queries[-1]["sql"]
    with connection.cursor() as cursor:
        cursor.execute(asked.replace("SELECT child, sum", "EXPLAIN SELECT child, sum").replace("%", "%%"))
        while cursor.nextset():
            pass
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Index Scan using idx_tally_pages" in plan
    assert "Bitmap" not in plan
