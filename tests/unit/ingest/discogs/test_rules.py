"""Extraction rules: what is skipped, what is removed, what is only noted, and which files are refused."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, canonicalize, fromstring, tostring

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from apps.ingest.chunks.outcome import Finding
from apps.ingest.discogs import rules
from apps.ingest.discogs.rules import Outcome, Rules, RulesError
from apps.ingest.discogs.years import leading_number, year

THIS_YEAR = 2026

LoadContent = Callable[[object], Rules]
RELEASED = {"type": "range", "below": 1860, "above": "current_year+1"}


@pytest.fixture
def load(tmp_path: Path) -> LoadContent:
    """Return a function that loads rules from what a rules file says."""

    def load_content(content: object) -> Rules:
        file = tmp_path / "rules.yaml"
        file.write_text(yaml.safe_dump(content), encoding="utf-8")
        return rules.load(file, THIS_YEAR)

    return load_content


@pytest.fixture(scope="module")
def builtin() -> Rules:
    return rules.load(None, THIS_YEAR)


@pytest.fixture(scope="module")
def watching(tmp_path_factory: pytest.TempPathFactory) -> Rules:
    """The built-in file without its skips and filters."""
    file = tmp_path_factory.mktemp("rules") / "rules.yaml"
    file.write_text(yaml.safe_dump({"rules": builtin_content()["rules"]}), encoding="utf-8")
    return rules.load(file, THIS_YEAR)


def builtin_content() -> Any:
    return yaml.safe_load(rules.BUILTIN_RULES.read_bytes())


def only_skip(*entries: dict[str, str]) -> dict[str, Any]:
    return {"skip_records": {"labels": list(entries)}}


def only_filter(field: str, **action: object) -> dict[str, Any]:
    return {"filters": {"releases": [{"field": field, "reason": "not wanted", **action}]}}


def only_rule(field: str, **condition: object) -> dict[str, Any]:
    rule = {"name": "watched", "severity": "warning", "description": "odd", "field": field, "condition": condition}
    return {"rules": {"releases": [rule]}}


def release(inner: str) -> Element:
    return fromstring(f'<release id="1">{inner}</release>')


def list_flagged(loaded: Rules, inner: str) -> list[str | None]:
    return [finding.value for finding in loaded.apply("releases", release(inner)).findings]


def is_removed(loaded: Rules, inner: str) -> tuple[str, Outcome]:
    record = release(inner)
    outcome = loaded.apply("releases", record)
    return "".join(tostring(child, encoding="unicode") for child in record), outcome


# Skipping


def test_a_skip_ignores_case_and_keeps_the_value(load: LoadContent) -> None:
    loaded = load(only_skip({"field": "profile", "contains": "Do Not Use", "reason": "retired"}))

    outcome = loaded.apply("labels", fromstring("<label><profile>[b]dO nOt uSE[/b]</profile></label>"))

    assert outcome == Outcome((Finding("skip", "info", "profile", "[b]dO nOt uSE[/b]", "retired"),), skipped=True)


def test_the_first_matching_skip_wins(load: LoadContent) -> None:
    names = ["nobody", "Deich", "Deich Records"]
    loaded = load(only_skip(*({"field": "name", "contains": name, "reason": name} for name in names)))

    outcome = loaded.apply("labels", fromstring("<label><name>Deich Records</name></label>"))

    assert [finding.reason for finding in outcome.findings] == ["Deich"]


def test_a_skip_looks_at_every_value_of_a_list(load: LoadContent) -> None:
    loaded = load(only_skip({"field": "urls.url", "contains": "spam", "reason": "spam"}))
    label = fromstring("<label><urls><url>https://deich.example</url><url>https://spam.example</url></urls></label>")

    assert loaded.apply("labels", label).findings[0].value == "https://spam.example"


def test_a_skipped_record_is_neither_filtered_nor_validated(load: LoadContent) -> None:
    content = only_filter("year", nullify_when=RELEASED) | only_rule("title", type="required")
    content["skip_records"] = {"releases": [{"field": "notes", "contains": "x", "reason": "x"}]}

    left, outcome = is_removed(load(content), "<notes>x</notes><year>1700</year>")

    assert "1700" in left
    assert [finding.rule for finding in outcome.findings] == ["skip"]


def test_a_record_without_the_field_is_not_skipped(builtin: Rules) -> None:
    assert not builtin.apply("labels", fromstring("<label><name>Deich</name><profile/></label>")).skipped


@pytest.mark.parametrize("record_type", ["artists", "labels"])
def test_retired_artists_and_labels_are_skipped(builtin: Rules, record_type: str) -> None:
    record = fromstring("<x><id>212</id><name>Old</name><profile>[b]DO NOT USE.[/b]</profile></x>")

    assert builtin.apply(record_type, record).skipped


# Filters: remove_matching


@pytest.mark.parametrize(
    ("before", "after", "values"),
    [
        pytest.param(
            "<genres><genre>12</genre><genre>Rock</genre><genre>7</genre></genres>",
            "<genres><genre>Rock</genre></genres>",
            ["12", "7"],
            id="on a list",
        ),
        pytest.param("<genres><genre>12</genre></genres>", "<genres />", ["12"], id="a list that becomes empty"),
        pytest.param("<genres><genre>Rock</genre></genres>", "<genres><genre>Rock</genre></genres>", [], id="no match"),
        pytest.param("<genres><genre /></genres>", "<genres><genre /></genres>", [], id="an empty entry"),
        pytest.param("<genres />", "<genres />", [], id="an empty container"),
        pytest.param("", "", [], id="no container"),
        pytest.param(
            '<genres><genre id="3">12</genre></genres>',
            '<genres><genre id="3">12</genre></genres>',
            [],
            id="an entry that is more than a string",
        ),
        pytest.param(
            "<genres><genre>1</genre></genres><genres />",
            "<genres><genre>1</genre></genres><genres />",
            [],
            id="not through a list",
        ),
    ],
)
def test_matching_strings_are_removed(load: LoadContent, before: str, after: str, values: list[str]) -> None:
    left, outcome = is_removed(load(only_filter("genres.genre", remove_matching=r"^\d+$")), before)

    assert left == after
    assert outcome == Outcome(tuple(Finding("filter", "info", "genres.genre", value, "not wanted") for value in values))


def test_a_matching_lone_string_takes_its_element_along(load: LoadContent) -> None:
    left, _ = is_removed(
        load(only_filter("country", remove_matching="^Nowhere")), "<country>Nowhere</country><title>A</title>"
    )

    assert left == "<title>A</title>"


# Filters: nullify_when


def is_nullified(loaded: Rules, value: str) -> bool:
    left, _ = is_removed(loaded, f"<released>{value}</released>")
    return left == "<released />"


@pytest.mark.parametrize(
    "value",
    ["1859", "1859-12-31", "2028", "2028-01-00", "0400-01-01", "0", "-1", "+7", "18591231", "20281001", " 1859 "],
)
def test_a_year_out_of_bounds_is_nullified(builtin: Rules, value: str) -> None:
    assert is_nullified(builtin, value)


@pytest.mark.parametrize(
    "value",
    [
        *(
            "1860",
            "1860-01-01",
            "2027",
            "2027-12-31",
            "20061014",
            "2006/10/14",
            "2006.10",
            "2006 Oct",
            "2006-10-14T00:00",
        ),
        *("1980s", "200?", "?", "05/1999", "15 Mar 1988", "true", "null", "196-01", "١٨٥٩", "1700ff"),
    ],
)
def test_a_plausible_year_and_every_other_text_stay(builtin: Rules, value: str) -> None:
    assert not is_nullified(builtin, value)


@pytest.mark.parametrize(
    "inner",
    [
        "",
        "<released />",
        "<released>  </released>",
        "<released>1700</released><released>1700</released>",
        "<released>1700<part /></released>",
    ],
    ids=["missing", "empty", "blank", "list", "object"],
)
def test_what_is_no_single_number_is_not_nullified(builtin: Rules, inner: str) -> None:
    left, outcome = is_removed(builtin, f"<title>A</title>{inner}")

    assert canonicalize(f"<x>{left}</x>") == canonicalize(f"<x><title>A</title>{inner}</x>")
    assert "filter" not in {finding.rule for finding in outcome.findings}


def test_attributes_outlive_a_nullified_text(load: LoadContent) -> None:
    left, _ = is_removed(load(only_filter("released", nullify_when=RELEASED)), '<released by="x">1700</released>')

    assert left == '<released by="x" />'


def test_a_range_filter_reaches_through_single_objects_only(load: LoadContent) -> None:
    loaded = load(only_filter("dates.first", nullify_when=RELEASED))

    assert is_removed(loaded, "<dates><first>1700</first></dates>")[0] == "<dates><first /></dates>"
    assert "1700" in is_removed(loaded, "<dates><first>1700</first></dates><dates />")[0]


def test_a_nullified_year_is_found_unless_it_was_zero(builtin: Rules) -> None:
    findings = {
        value: builtin.apply("masters", fromstring(f"<master><year>{value}</year></master>")).findings
        for value in ("0", "0000", "1700")
    }

    assert findings == {"0": (), "0000": (), "1700": (Finding("filter", "info", "year", "1700", "implausible year"),)}


@pytest.mark.parametrize(
    ("value", "depends"), [("2028", True), ("2027", False), ("1859", False), ("0", False), ("9" * 5000, True)]
)
def test_only_a_bound_of_this_year_makes_an_outcome_depend_on_today(builtin: Rules, value: str, depends: bool) -> None:
    _, outcome = is_removed(builtin, f"<title>A</title><released>{value}</released>")

    assert outcome.depends_on_today is depends


def test_a_value_that_a_fixed_bound_removes_too_does_not_depend_on_today(load: LoadContent) -> None:
    fixed = {"type": "range", "above": 2050}
    moving = {"type": "range", "below": "current_year-5"}

    assert not is_removed(load(only_filter("year", nullify_when=fixed)), "<year>2051</year>")[1].depends_on_today
    assert is_removed(load(only_filter("year", nullify_when=moving)), "<year>2020</year>")[1].depends_on_today
    assert is_removed(load(only_filter("year", nullify_when=moving)), "<year>2021</year>")[0] == "<year>2021</year>"


@given(st.integers(min_value=1000, max_value=9999), st.sampled_from(["", "-04-00", "/04", ".1", " May", "T00", "0401"]))
def test_a_year_before_any_separator_is_the_number_compared(number: int, rest: str) -> None:
    assert leading_number(f"{number}{rest}") == number


@given(st.text())
def test_no_text_is_too_odd_to_compare(text: str) -> None:
    number = leading_number(text)

    assert number is None or text.isascii()


# Rules


@pytest.mark.parametrize(
    ("inner", "values"),
    [
        ("<title>A</title>", []),
        ("", [None]),
        ("<title />", [None]),
        ("<title>\r\n\t </title>", [None]),
        ("<title>\xa0</title>", []),
        ('<title lang="de" />', []),
        ("<title><part>A</part></title>", []),
    ],
)
def test_required_fires_on_missing_and_empty(load: LoadContent, inner: str, values: list[str | None]) -> None:
    assert list_flagged(load(only_rule("title", type="required")), inner) == values


def test_required_fires_on_an_empty_attribute(load: LoadContent) -> None:
    loaded = load(only_rule("labels.label.@catno", type="required"))

    assert list_flagged(loaded, '<labels><label catno="A 1"/><label catno=""/><label/></labels>') == ["", None]


def test_a_path_that_breaks_off_is_missing_once(load: LoadContent) -> None:
    assert list_flagged(load(only_rule("tracklist.track.title", type="required")), "") == [None]


def test_the_text_beside_attributes_is_required_by_its_own_name(load: LoadContent) -> None:
    loaded = load(only_rule("master_id.#text", type="required"))

    assert list_flagged(loaded, '<master_id is_main_release="true" />') == [None]
    assert list_flagged(loaded, '<master_id is_main_release="true">4400</master_id>') == []


def test_a_range_includes_its_bounds_and_ignores_text(load: LoadContent) -> None:
    loaded = load(only_rule("list.year", type="range", min=1860, max="current_year"))
    years = ["1859", "1860", "2026", "2027", "1859-01-01", "1980s", "many", "05/1999", "", "18591231"]

    assert list_flagged(loaded, f"<list>{''.join(f'<year>{text}</year>' for text in years)}</list>") == [
        *("1859", "2027", "1859-01-01", "18591231")
    ]


def test_a_regex_fires_where_it_matches(load: LoadContent) -> None:
    loaded = load(only_rule("notes", type="regex", pattern="(?i)lorem"))

    assert list_flagged(loaded, "<notes>see LOREM ipsum</notes>") == ["see LOREM ipsum"]
    assert list_flagged(loaded, "<notes>fine</notes>") == []
    assert list_flagged(loaded, "<notes />") == []


@pytest.mark.parametrize(("title", "fires"), [("ä", True), ("äö", False), ("日本語", False), ("日本語盤", True)])
def test_a_length_counts_characters(load: LoadContent, title: str, fires: bool) -> None:
    assert (
        list_flagged(load(only_rule("title", type="length", min=2, max=3)), f"<title>{title}</title>")
        == [title] * fires
    )


def test_an_enum_fires_for_each_unknown_value(load: LoadContent) -> None:
    loaded = load(only_rule("genres.genre", type="enum", values=["Rock", "Pop"]))

    assert list_flagged(
        loaded, "<genres><genre>Rock</genre><genre>rock</genre><genre /><genre>Folk</genre></genres>"
    ) == [
        "rock",
        "Folk",
    ]


def test_lists_on_the_way_are_expanded_at_any_depth(load: LoadContent) -> None:
    loaded = load(only_rule("tracklist.track.sub_tracks.track.title", type="regex", pattern="x"))
    track = "<track><sub_tracks><track><title>x1</title></track><track><title>x2</title></track></sub_tracks></track>"

    assert list_flagged(loaded, f"<tracklist>{track}<track/>{track}</tracklist>") == ["x1", "x2", "x1", "x2"]


def test_a_finding_carries_the_rule_and_500_characters_of_the_value(load: LoadContent) -> None:
    outcome = load(only_rule("notes", type="length", max=9)).apply("releases", release(f"<notes>{'é' * 501}</notes>"))

    assert outcome.findings == (Finding("watched", "warning", "notes", "é" * 500, "odd"),)


def test_validation_sees_the_filtered_record(builtin: Rules) -> None:
    outcome = builtin.apply(
        "releases", release("<title>A</title><genres><genre>5</genre><genre>Polka</genre></genres>")
    )

    assert [(finding.rule, finding.value) for finding in outcome.findings] == [
        ("filter", "5"),
        ("genre-not-recognized", "Polka"),
    ]


@given(st.lists(st.sampled_from(["Rock", "Polka", "12", "", "Children's"])), st.sampled_from(["", "<title>A</title>"]))
def test_rules_never_change_a_record(watching: Rules, genres: list[str], title: str) -> None:
    record = release(title + f"<genres>{''.join(f'<genre>{genre}</genre>' for genre in genres)}</genres>")
    before = tostring(record)

    outcome = watching.apply("releases", record)

    assert tostring(record) == before
    assert not outcome.skipped


# The built-in file


def test_a_sound_record_has_no_finding(builtin: Rules) -> None:
    genres = "<genres><genre>Folk, World, &amp; Country</genre><genre>Children's</genre></genres>"
    inner = f"<title>Ebbe</title><released>1981-04-00</released>{genres}"

    assert is_removed(builtin, inner) == (inner, Outcome())


@pytest.mark.parametrize(
    ("record_type", "source", "broken"),
    [
        ("artists", "<artist><id>1</id></artist>", ["empty-artist-name"]),
        ("labels", "<label><id>1</id><name/></label>", ["empty-label-name"]),
        ("masters", "<master id='1'/>", []),
        ("releases", "<release id='1'/>", ["missing-title"]),
    ],
)
def test_an_empty_record_breaks_the_required_rules_alone(
    builtin: Rules, record_type: str, source: str, broken: list[str]
) -> None:
    findings = builtin.apply(record_type, fromstring(source)).findings

    assert [(finding.rule, finding.severity) for finding in findings] == [(rule, "error") for rule in broken]


def test_the_fifteen_genres_are_known() -> None:
    releases = builtin_content()["rules"]["releases"]
    enum = next(rule["condition"] for rule in releases if rule["name"] == "genre-not-recognized")

    assert len(set(enum["values"])) == 15


def test_the_current_year_is_that_of_the_clock_unless_given() -> None:
    record = release("<title>A</title><released>2999</released>")

    assert rules.load(None, 2998).apply("releases", record) == Outcome()
    assert rules.load(None).apply("releases", record).depends_on_today


# Files


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "rules:\nfilters: {releases: }\n"])
def test_a_file_without_entries_means_no_rules(tmp_path: Path, text: str) -> None:
    file = tmp_path / "rules.yml"
    file.write_text(text, encoding="utf-8")

    assert is_removed(rules.load(file), "<released>1700</released>") == ("<released>1700</released>", Outcome())


def test_the_digest_follows_the_rules_and_not_the_layout_or_the_year(tmp_path: Path) -> None:
    texts = [
        "skip_records: {labels: [{field: name, contains: x, reason: y}]}",
        "# The same.\nskip_records:\n  labels:\n  - reason: y\n    contains: 'x'\n    field: name\n",
        "skip_records: {labels: [{field: name, contains: x, reason: z}]}",
    ]
    files = [tmp_path / f"{number}.yaml" for number in range(3)]
    for file, text in zip(files, texts, strict=True):
        file.write_text(text, encoding="utf-8")
    first, same, other = (rules.load(file).digest for file in files)

    assert first == same != other
    assert rules.load(None, 2026).digest == rules.load(None, 2027).digest


def drop_key(content: dict[str, str], key: str) -> dict[str, str]:
    return {name: value for name, value in content.items() if name != key}


def label_rule(**more: object) -> dict[str, Any]:
    return {"rules": {"labels": [{"name": "a", "severity": "info", "description": "b", "field": "c", **more}]}}


SKIP = {"field": "name", "contains": "x", "reason": "x"}
REFUSED = {
    "not a mapping": (["rules"], "must be a mapping"),
    "unknown section": ({"rule": {}}, "unknown key 'rule'"),
    "unknown data type": ({"rules": {"release": []}}, "unknown key 'release'"),
    "musicbrainz type": ({"rules": {"release-groups": []}}, "unknown key 'release-groups'"),
    "entries no list": ({"rules": {"releases": {"a": 1}}}, "must be a list"),
    "entry no mapping": ({"rules": {"releases": ["a"]}}, "rules, releases, entry 1: must be a mapping"),
    "unknown key": (only_skip(SKIP, SKIP | {"because": "x"}), "skip_records, labels, entry 2: unknown key 'because'"),
    "key missing": (only_skip(drop_key(SKIP, "contains")), "contains must be a text"),
    "empty text": (only_skip(SKIP | {"contains": ""}), "contains must be a text"),
    "bad path": (only_skip(SKIP | {"field": "genres..genre"}), "no dotted path"),
    "attribute on the way": (only_skip(SKIP | {"field": "@id.name"}), "no dotted path"),
    "xpath": (only_skip(SKIP | {"field": "genres/genre"}), "no dotted path"),
    "filter without action": (only_filter("year"), "either remove_matching or nullify_when"),
    "filter of both actions": (
        only_filter("year", remove_matching="x", nullify_when=RELEASED),
        "either remove_matching",
    ),
    "filter on an attribute": (only_filter("@status", remove_matching="x"), "must name an element"),
    "filter of unknown kind": (only_filter("year", nullify_when={"type": "regex"}), "type must be one of range"),
    "filter without bound": (only_filter("year", nullify_when={"type": "range"}), "range needs below or above"),
    "bound no number": (only_filter("year", nullify_when=RELEASED | {"below": "1860"}), "below must be a whole number"),
    "bound true": (only_filter("year", nullify_when=RELEASED | {"below": True}), "below must be a whole number"),
    "bound of another year": (only_filter("year", nullify_when=RELEASED | {"above": "next_year"}), "above must be"),
    "bad regex in a filter": (only_filter("year", remove_matching="("), "no regular expression"),
    "bad regex in a rule": (only_rule("year", type="regex", pattern="["), "pattern is no regular expression"),
    "unknown condition": (only_rule("year", type="between"), "condition: type must be one of required, range"),
    "condition without type": (only_rule("year", min=1), "type must be a text"),
    "unknown condition key": (only_rule("year", type="required", min=1), "unknown key 'min'"),
    "rule without bound": (only_rule("year", type="range"), "range needs min or max"),
    "length without bound": (only_rule("year", type="length"), "length needs min or max"),
    "length of a year": (only_rule("year", type="length", max="current_year"), "must be whole numbers"),
    "enum of nothing": (only_rule("year", type="enum", values=[]), "values must be a list of texts"),
    "enum of numbers": (only_rule("year", type="enum", values=[1]), "values must be a list of texts"),
    "rule without condition": (label_rule(), "condition is missing"),
    "unknown severity": (label_rule(severity="fatal"), "severity must be one of error"),
}


@pytest.mark.parametrize(("content", "problem"), REFUSED.values(), ids=REFUSED.keys())
def test_a_faulty_file_is_refused(load: LoadContent, content: object, problem: str) -> None:
    with pytest.raises(RulesError) as error:
        load(content)

    assert problem in str(error.value)
    assert "rules.yaml" in str(error.value)


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("rules.txt", "rules: {}", "must end in .yaml or .yml"),
        ("rules.yaml", None, "cannot be read"),
        ("rules.yaml", "rules: [", "is no YAML"),
        ("rules.yaml", "rules: !!python/name:os.system", "is no YAML"),
        ("rules.yaml", "rules: 2020-13-45", "is no YAML"),
        ("rules.yaml", "rules: {labels: []}\nrules: {artists: []}", "rules given twice"),
        ("rules.yaml", "1: {}", "unknown key 1"),
    ],
)
def test_a_file_that_is_no_rules_file_is_refused(tmp_path: Path, name: str, text: str | None, problem: str) -> None:
    if text is not None:
        (tmp_path / name).write_text(text, encoding="utf-8")

    with pytest.raises(RulesError, match=problem):
        rules.load(str(tmp_path / name))


# Years


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        *(("1969-09-26", 1969), ("1969", 1969), (1969, 1969), ("1969-00-00", 1969), ("1980s", 1980), (" 1969\n", 1969)),
        *(("20061014", 2006), ("1860", 1860), ("1859", None), ("2027", 2027), ("2028", None), (2028, None)),
        *((None, None), ("", None), ("0", None), (0, None), ("196", None), ("200?", None), ("????", None)),
        *(("0400-01-01", None), ("١٩٦٩", None), ("²⁰⁰⁶", None), ("-196", None)),
    ],
)
def test_a_year_is_its_four_leading_digits(value: str | int | None, expected: int | None) -> None:
    assert year(value, THIS_YEAR) == expected


@given(st.one_of(st.none(), st.integers(), st.text()))
def test_a_year_is_none_or_within_bounds_and_stays_itself(value: str | int | None) -> None:
    found = year(value, THIS_YEAR)

    assert found is None or 1860 <= found <= THIS_YEAR + 1
    assert year(found, THIS_YEAR) == found
