"""The files that show flagged records: what is in them, how they are named, and that loading never hangs on them."""

import json

import pytest

from apps.ingest.chunks import flagged
from apps.ingest.models import DumpFile, FileState
from tests.loading import add_chunk, add_chunks, extract, load, start
from tests.records import artist, label, release

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("spooled")]
NAMELESS = "<artist><id>{}</id><profile>Björk</profile></artist>"
RETIRED = artist(7, more="<profile>DO NOT USE</profile>")
MALFORMED = "<artist><id>9</id><name></artist>"


def month_of_tables(records, **fields):
    run = start(*records, stores=["tables"], **fields)
    for record_type, given in records.items():
        add_chunks(run, record_type, given)
    load(run)
    return run


def folder(run, record_type="artists"):
    return flagged.folder(run.files.get(type=record_type))


def names(path):
    return sorted(each.name for each in path.iterdir())


def lines(path):
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def test_a_flagged_record_is_shown_as_it_stood_in_the_dump_and_as_json():
    run = month_of_tables({"artists": [NAMELESS.format(5), artist(6)]})

    assert names(folder(run)) == ["5.json", "5.xml", "report.txt", "skipped.jsonl", "violations.jsonl"]
    assert (folder(run) / "5.xml").read_text() == NAMELESS.format(5)
    assert json.loads((folder(run) / "5.json").read_bytes())["profile"] == "Björk"
    (line,) = lines(folder(run) / "violations.jsonl")
    assert line == {
        "record_id": "5",
        "rule": "empty-artist-name",
        "severity": "error",
        "field": "name",
        "field_value": "",
        "xml_file": "5.xml",
        "json_file": "5.json",
        "timestamp": run.started_at.isoformat(),
    }


def test_a_record_with_three_findings_has_one_file_of_each_kind_and_three_lines():
    run = month_of_tables({"releases": [release(5, "", genres=["Polka", "Ska"])]})

    path = folder(run, "releases")
    assert names(path) == ["5.json", "5.xml", "report.txt", "skipped.jsonl", "violations.jsonl"]
    found = [(line["rule"], line["field_value"], line["xml_file"]) for line in lines(path / "violations.jsonl")]
    assert sorted(found) == [
        ("genre-not-recognized", "Polka", "5.xml"),
        ("genre-not-recognized", "Ska", "5.xml"),
        ("missing-title", "", "5.xml"),
    ]


def test_a_skipped_record_is_listed_with_its_reason():
    run = month_of_tables({"artists": [RETIRED, artist(8)]})

    (line,) = lines(folder(run) / "skipped.jsonl")
    assert (line["record_id"], line["reason"], line["xml_file"]) == ("7", "retired entry", "7.xml")
    assert lines(folder(run) / "violations.jsonl") == []
    assert "7: retired entry" in (folder(run) / "report.txt").read_text()


def test_a_record_that_cannot_be_read_has_no_json():
    run = month_of_tables({"artists": [MALFORMED, artist(10)]})

    (line,) = lines(folder(run) / "violations.jsonl")
    assert (line["rule"], line["xml_file"], line["json_file"]) == ("malformed", "9.xml", None)
    assert (folder(run) / "9.xml").read_text() == MALFORMED


def test_each_type_has_files_of_its_own():
    run = month_of_tables({"artists": [NAMELESS.format(5)], "labels": [label(1, "")]})

    assert "empty-artist-name" in (folder(run) / "report.txt").read_text()
    assert "empty-label-name" in (folder(run, "labels") / "report.txt").read_text()
    assert "empty-label-name" not in (folder(run) / "report.txt").read_text()


def test_beyond_the_limit_findings_are_only_counted(settings):
    settings.QUALITY_FRAGMENTS = 2
    run = start("artists", stores=["tables"])
    for each in range(4):
        extract(add_chunk(run, "artists", NAMELESS.format(each + 1), low_id=each + 1, high_id=each + 1))
    load(run)

    assert [name for name in names(folder(run)) if name.endswith(".xml")] == ["1.xml", "2.xml"]
    found = lines(folder(run) / "violations.jsonl")
    assert [(line["record_id"], line["xml_file"]) for line in found] == [
        ("1", "1.xml"), ("2", "2.xml"), ("3", None), ("4", None),
    ]  # fmt: skip


def test_a_second_load_of_the_same_records_lists_them_too():
    for _ in range(2):
        run = month_of_tables({"artists": [NAMELESS.format(5), artist(6)]}, rules_digest="aa")

    assert run.findings.get().chunk is None
    (line,) = lines(folder(run) / "violations.jsonl")
    assert (line["record_id"], line["xml_file"]) == ("5", None)


@pytest.mark.parametrize(
    ("record_id", "name"),
    [
        ("123", "123"), ("../../etc/passwd", "____etc_passwd"), ("a/b\\c", "a_b_c"), ("..", "_"), ("", "_"),
        ("x\0y\n", "x_y_"), ("é", "_"), ("..." , "_."), ("-_.", "-_."), ("9" * 100, "9" * 40),
    ],
)  # fmt: skip
def test_names_of_files_are_safe(record_id, name):
    assert flagged.safe_name(record_id) == name


def test_a_hostile_id_stays_in_its_folder(tmp_path):
    hostile = release(1).replace('id="1"', 'id="../../../outside"', 1)
    run = month_of_tables({"releases": [hostile, release(2)]})

    assert not list(tmp_path.rglob("outside*"))
    assert {path.parent for path in tmp_path.rglob("*outside*")} <= {folder(run, "releases")}
    assert lines(folder(run, "releases") / "violations.jsonl")[0]["rule"] == "no-id"


def test_a_folder_that_cannot_be_written_is_an_event_and_the_load_goes_on(settings, tmp_path):
    (tmp_path / "file").write_text("in the way")
    settings.QUALITY_ROOT = str(tmp_path / "file")

    run = month_of_tables({"artists": [NAMELESS.format(5)]})

    assert DumpFile.objects.get(run=run).state == FileState.COMPLETED
    assert run.findings.count() == 1
    assert "QUALITY_ROOT" in run.events.get(kind="not written").message
