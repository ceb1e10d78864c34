"""What records bring to the graph: references that are ones, each once, and texts that fit into an index."""

import orjson
import pytest

from apps.graph.rows import LINKS, NAME_CHARACTERS, GraphRows, batches
from apps.ingest.chunks import spool
from apps.ingest.discogs.extraction import Extracted

EMPTY_RELEASE = {
    "artists": [],
    "labels": [],
    "masters": [],
    "genres": [],
    "styles": [],
    "credits": [],
    "title": None,
    "year": None,
    "formats": None,
    "catalog_number": None,
}
ODD = [
    None,
    "text",
    [],
    ["text", None],
    {"#text": "text"},
    [{"#text": "x"}, {"@count": "2"}],
    [["x"]],
    [{"id": ["1", "2"]}],
    [{"id": None}],
]


def links(record_type, year=None, **record):
    return LINKS[record_type](record, year)


def credits_of(*entries):
    return links("releases", extraartists=list(entries))["credits"]


def make_extracted(data_id, record, **fields):
    given = {
        "hash": b"\1" * 32,
        "raw_hash": None,
        "data": b"",
        "year": None,
        "is_same": False,
        "is_new": True,
        "for_graph": True,
    }
    return Extracted(data_id=data_id, record=record, **{**given, **fields})


def blobs(record_type, *records):
    rows = GraphRows(record_type)
    for record in records:
        rows.add(record)
    return {
        stage: [orjson.loads(line) for line in spool.zstd.decompress(blob).splitlines()]
        for stage, blob in rows.blobs().items()
    }


@pytest.mark.parametrize("identity", ["0", "", "text", "01", "-1", "1.0", " 1", "٤", None, str(2**63)])
@pytest.mark.parametrize(
    ("record_type", "key"),
    [("artists", "members"), ("labels", "sublabels"), ("masters", "artists"), ("releases", "labels")],
)
def test_what_is_no_reference_makes_no_relationship(record_type, key, identity):
    assert links(record_type, **{key: [{"id": identity, "name": "n"}, {"name": "n"}, {"id": "5"}]})[key] == [5]


def test_a_reference_counts_once_however_often_it_stands_there():
    entries = [{"id": "50", "catno": "A"}, {"id": "51"}, {"id": "50", "catno": "B"}]

    assert links("releases", labels=entries)["labels"] == [50, 51]


def test_the_largest_reference_is_one():
    assert links("releases", master_id=str(2**63 - 1))["masters"] == [2**63 - 1]


@pytest.mark.parametrize("master", [None, "0", "text", {"@is_main_release": "maybe"}])
def test_a_release_without_a_master(master):
    assert links("releases", master_id=master)["masters"] == []


@pytest.mark.parametrize(
    ("parent", "found"),
    [
        ({"id": "71", "name": "Deich"}, [71]),
        ({"id": "71"}, [71]),
        ("Deich", []),
        (None, []),
        ([{"id": "71"}, {"id": "72"}], [71, 72]),
    ],
)
def test_a_parent_label_with_an_id_is_a_reference(parent, found):
    assert links("labels", parentLabel=parent)["parents"] == found


def test_artists_have_three_lists():
    record = {"aliases": [{"id": "13"}], "members": [{"id": "11"}, {"id": "12"}], "groups": [{"id": "10"}]}

    assert links("artists", **record) == {"name": None, "aliases": [13], "members": [11, 12], "groups": [10]}


def test_genres_and_styles_come_once():
    assert links("masters", genres=["Rock", "Rock", None], styles=["Dub", {"#text": "Ambient"}, {"@count": "2"}]) == {
        "title": None,
        "year": None,
        "artists": [],
        "genres": ["Rock"],
        "styles": ["Dub", "Ambient"],
    }


def test_a_release_has_its_properties():
    record = {
        "title": "Ebbe",
        "master_id": "4400",
        "formats": [{"name": "Vinyl"}, {"qty": "1"}, {"name": "Vinyl"}],
        "labels": [{"id": "50", "catno": "DR 07"}, {"id": "50", "catno": "DR 08"}],
    }

    found = links("releases", 1981, **record)

    assert {key: found[key] for key in ("title", "year", "masters", "formats", "catalog_number")} == {
        "title": "Ebbe",
        "year": 1981,
        "masters": [4400],
        "formats": ["Vinyl", "Vinyl"],
        "catalog_number": "DR 07",
    }


@pytest.mark.parametrize(
    "labels", [None, [], [{"id": "50", "catno": ""}], [{"id": "50"}], ["Deich"], [{"catno": None}, {"catno": "B"}]]
)
def test_a_release_without_a_catalogue_number(labels):
    assert links("releases", labels=labels)["catalog_number"] is None


def test_as_little_as_a_release_can_have():
    assert links("releases") == EMPTY_RELEASE


# Credits


def test_a_credit_has_name_role_category_and_artist():
    assert credits_of({"id": "11", "name": "Mira Holt", "role": "Producer"}) == [
        ("Mira Holt", "Producer", "production", "11")
    ]


@pytest.mark.parametrize("identity", ["0", "", None, "x"])
def test_a_credit_of_no_artist_keeps_its_name(identity):
    assert credits_of({"id": identity, "name": "Uwe Pult", "role": "Remix"}) == [
        ("Uwe Pult", "Remix", "engineering", None)
    ]


@pytest.mark.parametrize(
    "entry", [{"id": "1", "role": "Remix"}, {"id": "1", "name": "Uwe", "role": None}, {"id": "1", "name": "Uwe"}]
)
def test_a_credit_without_a_name_or_a_role_is_none(entry):
    assert credits_of(entry) == []


def test_a_credit_counts_once_by_name_role_and_artist():
    smith = {"name": "J. Smith", "role": "Guitar"}

    found = credits_of(
        {**smith, "id": "5"},
        {**smith, "id": "5", "tracks": "2"},
        {**smith, "id": "6"},
        {**smith, "role": "Drums", "id": "5"},
    )

    assert [(role, artist) for _, role, _, artist in found] == [("Guitar", "5"), ("Guitar", "6"), ("Drums", "5")]


def test_names_are_cut_for_the_index():
    long = "ß" * (NAME_CHARACTERS + 1)

    found = blobs("releases", make_extracted(1, {"extraartists": [{"name": long, "role": "Remix"}], "genres": [long]}))

    assert found["links"][0][0]["credits"][0][0] == long[:-1]
    assert found["nodes"] == [{"nodes": [], "genres": [long[:-1]], "styles": [], "people": [long[:-1]]}]


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("record_type", LINKS)
def test_odd_shapes_break_nothing(record_type, odd):
    record = dict.fromkeys(
        [
            "name",
            "title",
            "master_id",
            "parentLabel",
            "aliases",
            "members",
            "groups",
            "sublabels",
            "artists",
            "extraartists",
            "labels",
            "formats",
            "genres",
            "styles",
        ],
        odd,
    )

    found = blobs(record_type, make_extracted(1, record))

    assert found["links"][0][0]["id"] == 1


# Blobs


def test_nodes_of_artists_labels_and_masters_are_their_ids():
    assert blobs("artists", make_extracted(7, {"name": "Karl"}), make_extracted(8, {}))["nodes"][0]["nodes"] == [7, 8]
    assert blobs("masters", make_extracted(7, {"title": "Ebbe"}, year=1981))["nodes"][0]["nodes"] == [7]


def test_link_rows_carry_the_properties():
    (karl, nameless) = blobs("artists", make_extracted(7, {"name": "Karl"}), make_extracted(8, {}))["links"][0]
    (master,) = blobs("masters", make_extracted(7, {"title": "Ebbe"}, year=1981))["links"][0]

    assert (karl["name"], nameless["name"]) == ("Karl", None)
    assert (master["title"], master["year"]) == ("Ebbe", 1981)


def test_a_release_without_genre_style_and_credit_brings_no_nodes():
    assert blobs("releases", make_extracted(1, {"title": "Ebbe"})).keys() == {"links"}


def test_names_shared_by_records_come_once_and_sorted():
    records = [make_extracted(1, {"genres": ["Rock", "Jazz"]}), make_extracted(2, {"genres": ["Blues", "Rock"]})]

    assert blobs("releases", *records)["nodes"][0]["genres"] == ["Blues", "Jazz", "Rock"]


def test_a_link_row_says_what_the_table_had():
    (row,) = blobs("artists", make_extracted(7, {}, is_new=False))["links"][0]

    assert (row["is_new"], row["sha256"]) == (False, "01" * 32)


def test_a_record_that_the_graph_need_not_have_brings_nothing():
    assert blobs("artists", make_extracted(7, {"name": "Karl"}, for_graph=False)) == {}


def test_a_line_of_links_is_a_transaction(settings):
    settings.GRAPH_BATCH_ROWS = 2

    found = blobs("artists", *(make_extracted(each, {}) for each in range(1, 6)))

    assert [[row["id"] for row in line] for line in found["links"]] == [[1, 2], [3, 4], [5]]


@pytest.mark.parametrize(("rows", "cut"), [([], []), ([1], [[1]]), ([1, 2], [[1, 2]]), ([1, 2, 3], [[1, 2], [3]])])
def test_rows_are_cut_into_transactions(settings, rows, cut):
    settings.GRAPH_BATCH_ROWS = 2

    assert list(batches(iter(rows))) == cut
