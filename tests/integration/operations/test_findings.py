"""The findings of loaded versions, as the API tells them to administrators."""

import json
from types import SimpleNamespace

import pytest
from rest_framework.exceptions import NotFound, ParseError

from apps.ingest.chunks import flagged
from apps.nlq.providers import ModelError
from apps.operations.answers import findings, prompts
from tests import model_site
from tests.loading import add_chunks, load, start
from tests.model_site import Say
from tests.records import artist, release

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("spooled")]
NAMELESS = "<artist><id>{}</id><profile>Björk</profile></artist>"
STILL_NAMELESS = NAMELESS.format(5).replace("Björk", "Björk G")
RETIRED = artist(7, more="<profile>DO NOT USE</profile>")
FIRST, SECOND = "20260101", "20260201"
PAGE = {"page": 1, "page_size": 50}


@pytest.fixture
def loaded(spooled):
    """Two versions: in the second one nameless artist has a name, and a release has a genre that is none."""
    versions = {
        FIRST: {"artists": [NAMELESS.format(5), NAMELESS.format(6), RETIRED]},
        SECOND: {"artists": [STILL_NAMELESS, artist(6), RETIRED], "releases": [release(5, "", genres=["Polka"])]},
    }
    for version, records in versions.items():
        run = start(*records, stores=["tables"], version=version)
        for record_type, given in records.items():
            add_chunks(run, record_type, given)
        load(run)
    return SimpleNamespace(run=run)


def test_versions_have_their_types(loaded):
    assert findings.list_versions() == {
        "versions": [
            {"version": FIRST, "source": "discogs", "entity_types": ["artists"]},
            {"version": SECOND, "source": "discogs", "entity_types": ["artists", "releases"]},
        ]
    }


def test_a_summary_counts_by_severity_type_and_rule(loaded):
    found = findings.summarise(SECOND)

    assert found["pipeline_status"] == dict.fromkeys(
        ("extraction_phase", "linking_phase", "maintenance_phase"), "completed"
    )
    assert found["skipped"]["artists"]["count"] == 1
    assert len(found["skipped"]["artists"]["reasons"]) == 1
    assert found["total"] == sum(found["by_severity"].values()) == sum(each["count"] for each in found["by_rule"])
    assert found["by_entity"]["artists"] == {"total": 1, "errors": 1, "warnings": 0}
    assert ("empty-artist-name", "artists", "error", 1) in {tuple(each.values()) for each in found["by_rule"]}


def test_findings_come_in_pages_by_type_severity_and_rule(loaded):
    everything = findings.list_violations(SECOND, PAGE)
    total = everything["pagination"]["total_items"]
    pages = [findings.list_violations(SECOND, {"page": number, "page_size": 1}) for number in range(1, total + 2)]

    assert [row for page in pages for row in page["violations"]] == everything["violations"]
    assert pages[-1]["violations"] == []
    assert pages[-1]["pagination"]["total_pages"] == total
    assert [row["entity_type"] for row in everything["violations"]] == ["artists"] + ["releases"] * (total - 1)
    chosen = findings.list_violations(SECOND, {**PAGE, "rule": "empty-artist-name", "severity": "error"})
    assert [row["record_id"] for row in chosen["violations"]] == ["5"]
    assert findings.list_violations(SECOND, {**PAGE, "entity_type": "labels"})["violations"] == []
    assert findings.list_violations(SECOND, {"page": 2**62, "page_size": 200})["violations"] == []


def test_skipped_records_have_their_reasons(loaded):
    (found,) = findings.list_skipped(FIRST, PAGE)["skipped"]

    assert (found["record_id"], found["entity_type"], found["xml_file"]) == ("7", "artists", "7.xml")
    assert found["reason"]


def test_a_record_is_shown_as_it_was_and_as_it_was_parsed(loaded):
    found = findings.get_record(SECOND, "5", None)

    assert found["entity_type"] == "artists"
    assert found["raw_xml"] == STILL_NAMELESS
    assert found["parsed_json"]["profile"] == "Björk G"
    assert not found["truncated"]
    assert findings.get_record(SECOND, "5", "releases")["entity_type"] == "releases"


def test_a_large_record_is_cut(loaded, monkeypatch):
    monkeypatch.setattr(findings, "LARGEST_FRAGMENT", 10)

    found = findings.get_record(SECOND, "5", None)

    assert found["truncated"]
    assert found["raw_xml"].startswith("<artist><i\n")
    assert found["parsed_json"].keys() == {"_truncated", "_message", "_preview"}
    assert findings.classify_findings(SECOND)["stats"]["indeterminate"]


def test_a_record_that_is_not_there_any_more_is_null(loaded):
    folder = flagged.folder(loaded.run.files.get(type="artists"))
    for name in ("5.xml", "5.json"):
        (folder / name).unlink()

    found = findings.get_record(SECOND, "5", None)

    assert (found["raw_xml"], found["parsed_json"]) == (None, None)
    assert found["violations"][0]["xml_file"] is None


def test_findings_are_the_sources_unless_the_parser_lost_the_value(loaded):
    found = findings.classify_findings(SECOND)

    assert found["parsing_errors"] == []
    assert found["stats"]["total_analyzed"] == len(found["source_issues"]) + len(found["indeterminate"])
    assert found["by_entity"]["artists"] == {"source_issues": 1}
    folder = flagged.folder(loaded.run.files.get(type="artists"))
    (folder / "5.xml").write_text("<artist><id>5</id><name> Ada </name></artist>")
    (lost,) = findings.classify_findings(SECOND)["parsing_errors"]
    assert (lost["field"], lost["xml_value"], lost["json_value"]) == ("name", "Ada", None)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({"a": {"name": " x "}}, "x"),
        ({"a": {"name": "x"}, "name": "y"}, "y"),
        ([{"b": 1}, {"name": 0}], "0"),
        ({"name": None, "a": [{"name": "z"}]}, "z"),
        ({"name": " "}, None),
        ({"name": ["a", "b"]}, "a, b"),
        ({}, None),
    ],
)
def test_a_value_is_looked_for_at_the_top_first(value, found):
    assert findings.find_in_json(value, "name") == found


def test_versions_are_compared_rule_by_rule(loaded):
    found = findings.compare(FIRST, SECOND)
    rules = {each["rule"]: each for each in found["details"]}

    assert (rules["empty-artist-name"]["count_a"], rules["empty-artist-name"]["count_b"]) == (2, 1)
    assert rules["empty-artist-name"]["direction"] == "improved"
    assert found["summary"]["new_rules"] == found["summary"]["worsened"] == len(rules) - 1
    assert found["skipped"] == {"version_a": {"artists": 1}, "version_b": {"artists": 1}}


def test_a_context_has_records_that_broke_the_rule(loaded):
    rules = [{"rule": "empty-artist-name", "entity_type": "artists"}, {"rule": "none", "entity_type": "artists"}]

    first, second = findings.list_contexts(FIRST, rules)["contexts"]

    assert (first["severity"], first["total_violations"]) == ("error", 2)
    assert [each["record_id"] for each in first["sample_records"]] == ["5", "6"]
    assert first["sample_records"][0]["raw_xml"] == NAMELESS.format(5)
    assert (second["severity"], second["total_violations"], second["sample_records"]) == ("unknown", 0, [])


def test_a_model_writes_a_prompt_about_a_rule(loaded, settings):
    rules = [{"rule": "empty-artist-name", "entity_type": "artists"}]
    with model_site.serving() as model:
        settings.NLQ_URL, settings.NLQ_API_KEY = model.url, model_site.KEY
        model.play(Say("Look at names."), Say(" "))

        assert prompts.write_prompt(FIRST, rules) == "Look at names."
        with pytest.raises(ModelError):
            prompts.write_prompt(FIRST, rules)

    asked = json.loads(model.asked[0]["messages"][0]["content"])
    assert [(each["rule"], each["total_violations"]) for each in asked] == [("empty-artist-name", 2)]
    assert asked[0]["sample_records"][0]["raw_xml"] == NAMELESS.format(5)


@pytest.mark.parametrize("name", ["..", ".", "a/b", "a b", ""])
def test_a_name_that_could_lead_out_of_the_folder_is_refused(name):
    with pytest.raises(ParseError):
        findings.summarise(name)


def test_an_unknown_version_or_record_is_not_found(loaded):
    with pytest.raises(NotFound):
        findings.summarise("209901")
    with pytest.raises(NotFound):
        findings.get_record(SECOND, "99", None)
    with pytest.raises(NotFound):
        findings.get_record(SECOND, "5", "labels")
