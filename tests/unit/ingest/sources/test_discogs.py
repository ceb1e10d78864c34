"""Finding a dump in a folder, its checksums, and where its records begin."""

import pytest

from apps.ingest.errors import DumpError
from apps.ingest.sources.discogs import TYPES, find, grammar


def add(folder, version, *types, suffix=".xml.gz"):
    for record_type in types or TYPES:
        (folder / f"discogs_{version}_{record_type}{suffix}").touch()


def test_the_newest_version_with_all_files_is_found(tmp_path):
    add(tmp_path, "20260501")
    add(tmp_path, "20260601")
    add(tmp_path, "20260701", "artists", "labels", "masters")

    assert find(tmp_path).version == "20260601"


def test_only_the_types_that_are_asked_for_must_be_there(tmp_path):
    add(tmp_path, "20260601")
    add(tmp_path, "20260701", "artists", "labels")

    found = find(tmp_path, types=("artists",))

    assert (found.version, list(found.files)) == ("20260701", ["artists"])


def test_files_come_in_the_order_of_loading(tmp_path):
    add(tmp_path, "20260601")

    assert list(find(tmp_path, types=("releases", "artists", "labels", "masters")).files) == list(TYPES)


def test_an_older_version_can_be_asked_for(tmp_path):
    add(tmp_path, "20260501")
    add(tmp_path, "20260601")

    assert find(tmp_path, "20260501").files["labels"] == tmp_path / "discogs_20260501_labels.xml.gz"


def test_files_may_be_unpacked(tmp_path):
    add(tmp_path, "20260601", suffix=".xml")

    assert find(tmp_path).files["labels"].name == "discogs_20260601_labels.xml"


@pytest.mark.parametrize(
    "name", ["discogs_20260601_labels.xml.gz.tmp", "discogs_2026_labels.xml.gz", "my_discogs_20260601_labels.xml.gz"]
)
def test_other_files_do_not_count(tmp_path, name):
    add(tmp_path, "20260601", "artists", "masters", "releases")
    (tmp_path / name).touch()

    with pytest.raises(DumpError, match="no complete dump"):
        find(tmp_path)


def test_what_is_missing_of_a_version_is_said(tmp_path):
    add(tmp_path, "20260601", "artists", "labels")

    with pytest.raises(DumpError, match="no complete version 20260601: masters, releases missing"):
        find(tmp_path, "20260601")


@pytest.mark.parametrize("name", ["nowhere", "file"])
def test_a_folder_must_be_one(tmp_path, name):
    (tmp_path / "file").touch()

    with pytest.raises(DumpError, match="is not a folder"):
        find(tmp_path / name)


def test_a_missing_list_of_checksums_is_none(tmp_path):
    add(tmp_path, "20260601")

    assert find(tmp_path).checksums == {}


@pytest.mark.parametrize(
    ("record_type", "raw", "data_id"),
    [
        ("artists", b"<artist><id>12</id>", 12),
        ("artists", b"<artist ><id> 12\n</id>", 12),
        ("artists", b"<artist><images/><id>12</id>", 12),
        ("artists", b"<artist>\n<images> <image uri='' type='x'/><image /></images>\n<id>12</id>", 12),
        ("artists", b"<artist><id>999999999999999999</id>", 10**18 - 1),
        ("labels", b"<label>\n<id>7</id>", 7),
        ("labels", b"<label><images><image/></images><id>7</id>", 7),
        ("masters", b'<master id="5">', 5),
        ("masters", b"<master status='x' id='5'>", 5),
        ("releases", b'<release\n status="Accepted"\n id = " 88 " >', 88),
        ("releases", b'<release main_id="9" id="88">', 88),
        ("releases", b"""<release status='id="9"' id="88"/>""", 88),
    ],
)
def test_ids_that_are_plain_in_the_bytes(record_type, raw, data_id):
    assert grammar(record_type).plain_id(raw) == data_id


@pytest.mark.parametrize(
    ("record_type", "raw"),
    [
        ("artists", b"<artist><name>x</name></artist>"),
        ("artists", b"<artist><name>x</name><members><id>9</id></members></artist>"),
        ("artists", b"<artist><profile><![CDATA[<id>9</id>]]></profile><id>3</id></artist>"),
        ("artists", b"<artist><!-- <id>9</id> --><id>3</id></artist>"),
        ("artists", b"<artist><id>3</di></artist>"),
        ("artists", b"<artist><id>03</id></artist>"),
        ("artists", b"<artist><id>1000000000000000000</id></artist>"),
        ("artists", "<artist><id>٣</id></artist>".encode()),
        ("labels", b"<label><name>x</name><sublabels><label id='9'>x</label></sublabels></label>"),
        ("releases", b'<release status="Accepted"><label id="9"/>'),
        ("releases", b'<release id="x9">'),
        ("releases", b"""<release id="9'>"""),
        ("releases", b'<release id="3 status="Accepted">'),
        ("releases", b'<release status="Accepted id="9">'),
        ("releases", b"<release status='id=\"9\"'>"),
        ("releases", b"<release id=9>"),
    ],
)
def test_ids_that_only_a_parser_can_find(record_type, raw):
    """The id of something else in the record is not its own."""
    assert grammar(record_type).start.match(raw)
    assert grammar(record_type).plain_id(raw) is None
