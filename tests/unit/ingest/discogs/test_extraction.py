"""What is new, changed, unchanged or gone, and what the stores get of it."""

import gc
from dataclasses import dataclass, field, replace

import orjson
import pytest

from apps.ingest import hashing
from apps.ingest.discogs import extraction, rules, scanning
from apps.ingest.discogs.extraction import Extracted, Job, Known
from apps.ingest.sources.discogs import grammar
from apps.ingest.sources.discogs_ids import LAST_ID

SALT = b"salt"
YEAR = 2026
RULES = rules.load(None, YEAR)


@dataclass
class Taken:
    """A store that keeps what it is given."""

    records: list[Extracted] = field(default_factory=list)

    def add(self, record):
        self.records.append(record)

    def ids(self):
        return [each.data_id for each in self.records]

    def known(self, revision_is_old=()):
        """Return what a table would hold after this."""
        return {
            each.data_id: (each.raw_hash, None if each.data_id in revision_is_old else each.hash)
            for each in self.records
        }


def artist(data_id, name="Karl", more=""):
    return f"<artist><id>{data_id}</id><name>{name}</name>{more}</artist>"


def release(data_id, more=""):
    return f'<release id="{data_id}"><title>Ebbe</title>{more}</release>'


def job(record_type="artists", **fields):
    made = Job(
        record_type=record_type,
        grammar=grammar(record_type),
        rules=RULES,
        low_id=1,
        high_id=LAST_ID,
        known=Known(),
        debts=(),
        rewrite=False,
        current_year=YEAR,
        piece_bytes=200,
    )
    return replace(made, **fields)


def extract(*records, **fields):
    """Extract records; return the result and what the store got."""
    wanted = job(**fields)
    content = "\n".join(records).encode()
    taken = Taken()
    result = extraction.extract(wanted, scanning.hash_records(content, wanted.grammar, SALT), [taken])
    return result, taken


def load_known(*records, **fields):
    """Return what the table holds after a first load of some records."""
    return extract(*records, **fields)[1].known()


def counts(result):
    names = ("records", "new", "changed", "unchanged", "skipped", "dropped", "malformed", "repeated", "for_graph")
    return {name: getattr(result, name) for name in names if getattr(result, name)}


# New, changed, unchanged


def test_records_that_the_table_has_not_are_new():
    result, taken = extract(artist(1), artist(2))

    assert counts(result) == {"records": 2, "new": 2, "for_graph": 2}
    assert [(each.data_id, each.is_new, each.is_same, each.for_graph) for each in taken.records] == [
        (1, True, False, True),
        (2, True, False, True),
    ]


def test_a_record_comes_with_its_hashes_and_its_json():
    raw = artist(1)
    _, taken = extract(raw)
    (found,) = taken.records

    assert found.data == b'{"id":"1","name":"Karl"}'
    assert found.hash == hashing.content_hash(found.data)
    assert found.raw_hash == hashing.raw_hash(SALT, raw.encode())


def test_unchanged_bytes_are_not_even_parsed(monkeypatch):
    known = Known(load_known(artist(1), artist(2)))
    monkeypatch.setattr(extraction.parsing, "elements", None)

    result, taken = extract(artist(1), artist(2), known=known)

    assert counts(result) == {"records": 2, "unchanged": 2}
    assert taken.records == []


def test_a_record_whose_content_changed_is_written():
    result, taken = extract(artist(1), artist(2, "Uwe"), known=Known(load_known(artist(1), artist(2))))

    assert counts(result) == {"records": 2, "changed": 1, "unchanged": 1, "for_graph": 1}
    assert [(each.data_id, each.is_new, each.is_same) for each in taken.records] == [(2, False, False)]


def test_content_in_other_bytes_brings_the_raw_hash_alone():
    result, taken = extract(artist(1, more="<aliases/>"), known=Known(load_known(artist(1))))

    assert counts(result) == {"records": 1, "unchanged": 1}
    assert [(each.is_same, each.for_graph) for each in taken.records] == [(True, False)]


def test_a_row_of_another_revision_is_written_anew():
    known = Known(extract(artist(1))[1].known(revision_is_old={1}))

    result, taken = extract(artist(1), known=known)

    assert counts(result) == {"records": 1, "changed": 1, "for_graph": 1}
    assert taken.ids() == [1]


def test_a_rewrite_writes_everything():
    result, _ = extract(artist(1), artist(2), known=Known(load_known(artist(1), artist(2))), rewrite=True)

    assert counts(result) == {"records": 2, "changed": 2, "for_graph": 2}


def test_a_debt_brings_unchanged_records_to_the_graph_alone():
    known = Known(load_known(artist(1), artist(2), artist(3)))

    result, taken = extract(artist(1), artist(2), artist(3), known=known, debts=[(2, 2)])

    assert counts(result) == {"records": 3, "unchanged": 3, "for_graph": 1}
    assert [(each.data_id, each.is_same, each.for_graph, each.is_new) for each in taken.records] == [
        (2, True, True, False)
    ]


def test_pieces_of_any_size_give_the_same():
    records = [artist(each, "x" * each) for each in range(1, 30)]

    assert extract(*records, piece_bytes=1)[1] == extract(*records, piece_bytes=10_000)[1]


# Gone, stray, twice


def test_ids_of_the_range_that_the_chunk_lacks_are_removed():
    known = Known(load_known(artist(4)), others=[3, 7])

    assert extract(artist(4), low_id=3, high_id=9, known=known)[0].removed_ids == [3, 7]


def test_a_record_outside_of_the_range_is_a_stray_and_costs_no_more_than_others():
    known = Known(load_known(artist(2), artist(5)))

    result, taken = extract(artist(2), artist(5), artist(1), low_id=3, high_id=9, known=known)

    assert result.stray_ids == [1, 2]
    assert taken.ids() == [1]
    assert counts(result) == {"records": 3, "new": 1, "unchanged": 2, "for_graph": 1}
    assert result.removed_ids == []


def test_the_later_of_two_records_of_one_id_counts():
    result, taken = extract(artist(1, "first"), artist(2), artist(1, "second"))

    assert [(each.data_id, each.record["name"]) for each in taken.records] == [(2, "Karl"), (1, "second")]
    assert counts(result) == {"records": 3, "new": 2, "for_graph": 2, "repeated": 1}


@pytest.mark.parametrize(
    ("records", "name", "dropped"),
    [
        ([artist(1, "first"), artist(1, "broken</name>")], "first", 1),
        ([artist(1, "first"), artist(1, "second"), artist(1, "<name>"), artist(1, "<name>")], "second", 2),
        ([artist(1, "<name>"), artist(1, "second")], "second", 0),
        ([artist(1, "<name>"), artist(1, "</name>")], None, 2),
        ([artist(1, "first"), artist(1, "<a>" * 5000 + "</a>" * 5000)], "first", 1),
        ([artist(1, "first"), artist(1, "x").replace("<id>1<", "<id>&#49;<")], "x", 0),
    ],
)
def test_of_records_of_one_id_the_last_that_can_be_read_counts(records, name, dropped):
    result, taken = extract(*records, known=Known(load_known(artist(1))))

    assert [each.record["name"] for each in taken.records] == [name] * (name is not None)
    assert result.dropped == dropped
    assert result.records == result.changed + result.dropped + result.repeated
    assert result.removed_ids == []


def test_a_record_that_a_later_chunk_has_is_left_to_it():
    """So it does not look as if the table had to change, whichever of the two chunks comes first."""
    known = Known(load_known(artist(1, "later"), artist(2)))

    result, taken = extract(artist(1, "earlier"), artist(2), later_ids={1}, known=known)

    assert counts(result) == {"records": 2, "unchanged": 1, "repeated": 1}
    assert (taken.ids(), result.removed_ids) == ([], [1])


def test_an_id_that_only_the_parser_finds_is_no_removed_record():
    raw = "<artist><name>Karl</name><id>&#52;</id></artist>"

    result, taken = extract(raw, known=Known(others=[4]))

    assert (taken.ids(), result.removed_ids) == ([4], [])


# Skipped and dropped


def test_a_skipped_record_is_counted_and_removed_where_it_was_loaded():
    result, taken = extract(artist(1, more="<profile>do not use</profile>"), known=Known(load_known(artist(1))))

    assert counts(result) == {"records": 1, "skipped": 1}
    assert taken.records == []
    assert result.removed_ids == [1]
    assert [(record_id, finding.rule) for record_id, finding, _ in result.findings] == [("1", "skip")]


def test_a_malformed_record_is_dropped_with_its_bytes_and_not_removed():
    raw = "<artist><id>2</id><name>Karl</artist>"

    result, taken = extract(artist(1), raw, artist(3), known=Known(load_known(artist(2))))

    assert counts(result) == {"records": 3, "new": 2, "dropped": 1, "malformed": 1, "for_graph": 2}
    assert (taken.ids(), result.removed_ids) == ([1, 3], [])
    assert [(record_id, finding.rule, excerpt) for record_id, finding, excerpt in result.findings] == [
        ("2", "malformed", raw.encode())
    ]


@pytest.mark.parametrize("identity", ["-1", "007", "1.5", "", " ", "x", "٤", "1 2"])
def test_a_record_without_a_usable_id_is_dropped(identity):
    result, taken = extract(artist(identity))

    assert counts(result) == {"records": 1, "dropped": 1, "malformed": 1}
    assert taken.records == []
    assert list_dropped(result) == ["unknown"]


@pytest.mark.parametrize("identity", ["0", "00", str(LAST_ID + 1), "1" * 30])
def test_a_number_that_no_record_has_is_no_unknown_id(identity):
    result, taken = extract(artist(identity))

    assert counts(result) == {"records": 1, "dropped": 1, "malformed": 1}
    assert taken.records == []
    assert list_dropped(result) == [identity]


@pytest.mark.parametrize(
    ("record_type", "raw"),
    [
        ("artists", "<artist><name>x</name><members><id>9</id><name id='9'>y</name></members></artist>"),
        ("artists", "<artist><name>x</name><profile><![CDATA[<id>9</id>]]></profile></artist>"),
        ("artists", "<artist><name>x</name><!-- <id>9</id> --></artist>"),
        ("artists", "<artist><id>3</di><members><id>9</id></members></artist>"),
        ("labels", "<label><name>x</name><sublabels><label id='9'>y</label></sublabels></label>"),
        ("masters", "<master x='1'><artists><artist><id>9</id></artist></artists></master>"),
        ("releases", "<release status='Accepted id=9'><companies><company><id>9</id></company></companies></release>"),
        ("releases", "<release status='id=\"9\"'><title>x</title></release>"),
        ("releases", "<release status='Accepted id='9'><title>x</title></release>"),
    ],
)
def test_a_record_without_an_id_does_not_take_that_of_something_in_it(record_type, raw):
    result, taken = extract(raw, record_type=record_type, known=Known(others=[9]))

    assert counts(result) == {"records": 1, "dropped": 1, "malformed": 1}
    assert taken.records == []
    assert result.removed_ids == [9]
    assert result.findings[-1][0] == "unknown"


@pytest.mark.parametrize(
    ("record_type", "raw"),
    [
        ("artists", artist(" 3 ")),
        ("artists", artist("\n3\t")),
        ("artists", artist("&#13;3")),
        ("artists", artist("&#51;")),
        ("artists", artist("3").replace("</id>", "<!-- three --></id>")),
        ("artists", artist("<![CDATA[ 3]]>")),
        ("labels", "<label><name>Karl</name><id> 3</id></label>"),
        ("masters", "<master id=' 3 '><name>Karl</name></master>"),
        ("masters", "<master x='>' id='3'><name>Karl</name></master>"),
        ("releases", "<release id='&#x33;'><name>Karl</name></release>"),
    ],
)
def test_an_id_is_the_same_however_it_is_written(record_type, raw):
    """White space around an id is no part of it."""
    result, taken = extract(raw, record_type=record_type, known=Known(others=[3]))
    (found,) = taken.records

    assert (found.data_id, found.record["id"], found.record["name"]) == (3, "3", "Karl")
    assert (result.dropped, result.removed_ids) == (0, [])
    assert counts(extract(raw, record_type=record_type, known=Known(taken.known()))[0]) == {
        "records": 1,
        "unchanged": 1,
    }


# What stands between two records


def extract_fragments(content, record_type="artists", known=(3,)):
    """Extract a chunk whose records 1 and 5 are sound; return the ids loaded, how many are dropped, and their ids."""
    result, taken = extract(content, record_type=record_type, known=Known(others=known))
    assert result.records == result.new + result.dropped
    return sorted(taken.ids()), result.dropped, list_dropped(result)


def list_dropped(result):
    """Return the ids that stand in the findings of dropped records."""
    return [record_id for record_id, finding, _ in result.findings if finding.rule in ("malformed", "no-id")]


@pytest.mark.parametrize(
    "damaged",
    [
        artist(3).replace("<artist>", "<artst>"),
        artist(3).replace("<artist>", "artist>"),
        artist(3).replace("<artist>", "<artist"),
        artist(3).replace("<artist>", "<artist<"),
        artist(3).replace("artist", "artst"),
        artist(3).removeprefix("<artist>"),
        "text",
        "</artist>",
    ],
)
def test_what_is_left_of_a_record_does_not_take_its_neighbours_along(damaged):
    assert extract_fragments(artist(1) + damaged + artist(5)) == ([1, 5], 1, ["unknown"])


@pytest.mark.parametrize("start", ["<artist >", "<artist\n>", "<artist\t\r\n>", "<artist x='1'>", "<artist x='>'>"])
def test_a_start_tag_may_be_written_in_another_way(start):
    assert extract_fragments(artist(1) + artist(3).replace("<artist>", start) + artist(5)) == ([1, 3, 5], 0, [])


@pytest.mark.parametrize("empty", ["<artist/>", "<artist />", "<artist></artist>", "<artist id='x'/>"])
def test_an_empty_record_is_a_record_without_an_id(empty):
    assert extract_fragments(artist(1) + empty + artist(5)) == ([1, 5], 1, ["unknown"])


@pytest.mark.parametrize(
    "nothing",
    [
        "<!-- a comment -->",
        "<?a processing instruction?>",
        "</artists><artists>",
        "</artists>\n<?xml version='1.0'?><artists>",
        "<!-- --><?x?>" * 1000,
    ],
)
def test_what_says_nothing_between_records_is_passed_over(nothing):
    assert extract_fragments(artist(1) + nothing + artist(5)) == ([1, 5], 0, [])


def test_a_comment_that_is_closed_by_a_later_record_loses_nothing_unnoticed():
    """To XML, what is between is a comment; the one whose end is missing cannot say so."""
    opened, closing = artist(2, "<!-- open"), artist(4, more="<profile>a --> b</profile>")

    loaded_ids, dropped, names = extract_fragments(artist(1) + opened + artist(3) + closing + artist(5))

    assert (loaded_ids, dropped, names) == ([1, 5], 3, ["2", "unknown", "unknown"])


@pytest.mark.parametrize(
    ("damaged", "loaded_ids", "dropped", "names"),
    [
        ("<label><id>3</id><name>x</nme><sublabels><label id='9'>y</label></sublabels></label>", [1, 5], 1, ["3"]),
        ("<label><id>3</id><sublabels><label id='9'/><label/></sublabels></label>", [1, 3, 5], 0, []),
        ("<label><id>3</id><name>x</name><sublabels><label>y</label></sublabels></label>", [1, 3, 5], 0, []),
        ("<label><id>3</id><sublabels><label><![CDATA[y]]></label></sublabels></label>", [1, 3, 5], 0, []),
        ("<label>id>3</id><name>x</name></label>", [1, 5], 1, ["unknown"]),
        ("<labl><id>3</id><name>x</name></label>", [1, 5], 1, ["unknown"]),
        ("<label/>", [1, 5], 1, ["unknown"]),
        ("<label>3</label>", [1, 5], 1, ["unknown"]),
        ("<label\n><!-- c --><id>3</id></label>", [1, 3, 5], 0, []),
    ],
)
def test_labels_that_are_damaged_do_not_take_their_neighbours_along(damaged, loaded_ids, dropped, names):
    label = "<label><id>{}</id><name>x</name><sublabels><label id='7'>Dub</label></sublabels></label>"

    content = label.format(1) + damaged + label.format(5)

    assert extract_fragments(content, "labels") == (loaded_ids, dropped, names)


def test_the_largest_id_is_one():
    assert extract(artist(LAST_ID))[1].ids() == [LAST_ID]


def test_a_record_too_deep_to_be_read_is_dropped():
    deep = "<artist><id>1</id>" + "<a>" * 5000 + "</a>" * 5000 + "</artist>"

    result, taken = extract(deep, artist(2))

    assert (counts(result)["malformed"], taken.ids()) == (1, [2])


def test_the_garbage_collector_runs_again_after_a_failure(monkeypatch):
    monkeypatch.setattr(extraction.parsing, "elements", None)

    with pytest.raises(TypeError):
        extract(artist(1))
    assert gc.isenabled()


def test_unknown_names_are_told():
    assert extract(artist(1, more="<future/>"))[0].strange == {"future"}


# Years and what depends on today


@pytest.mark.parametrize(
    ("released", "data"),
    [
        ("<released>1981-04-00</released>", b'{"year":1981,"id":"1","released":"1981-04-00","title":"Ebbe"}'),
        ("<released>200?</released>", b'{"year":null,"id":"1","released":"200?","title":"Ebbe"}'),
        ("", b'{"year":null,"id":"1","title":"Ebbe"}'),
    ],
)
def test_a_release_has_its_year_beside_the_record_that_is_hashed(released, data):
    (found,) = extract(release(1, released), record_type="releases")[1].records

    assert found.data == data
    assert found.hash == hashing.content_hash(
        hashing.dump_canonical({k: v for k, v in orjson.loads(data).items() if k != "year"})
    )


@pytest.mark.parametrize(
    ("year", "data"),
    [
        ("<year>1981</year>", b'{"id":"1","year":1981}'),
        ("<year>1969-09</year>", b'{"id":"1","year":1969,"year_source":"1969-09"}'),
        ("<year>0</year>", b'{"id":"1","year":null}'),
        ("<year/>", b'{"id":"1","year":null}'),
        ("", b'{"id":"1"}'),
    ],
)
def test_the_year_of_a_master_stands_in_the_place_of_its_text(year, data):
    assert extract(f'<master id="1">{year}</master>', record_type="masters")[1].records[0].data == data


@pytest.mark.parametrize(
    ("released", "is_lasting"), [("2027", True), ("2028", False), ("2028-01-01", False), ("1850", True)]
)
def test_a_record_that_a_later_year_reads_otherwise_has_no_raw_hash(released, is_lasting):
    (found,) = extract(release(1, f"<released>{released}</released>"), record_type="releases")[1].records

    assert (found.raw_hash is not None) == is_lasting


def test_a_date_that_only_the_year_does_not_believe_yet_has_no_raw_hash():
    """Six digits in a row are no date for the filter, which leaves them alone; their first four are a year."""
    (found,) = extract(release(1, "<released>3000s</released>"), record_type="releases")[1].records

    assert (found.year, found.raw_hash) == (None, None)


def test_a_record_that_depends_on_today_is_unchanged_and_not_written_again():
    raw = release(1, "<released>2028</released>")

    result, taken = extract(raw, record_type="releases", known=Known(load_known(raw, record_type="releases")))

    assert counts(result) == {"records": 1, "unchanged": 1}
    assert taken.records == []


# Rules and hashes


@pytest.fixture
def no_rules(tmp_path):
    (tmp_path / "rules.yaml").write_text("")
    return rules.load(tmp_path / "rules.yaml", YEAR)


def test_a_filter_that_changes_a_record_changes_its_hash(no_rules):
    raw = release(1, "<released>0400-01-01</released>")
    _, filtered = extract(raw, record_type="releases")
    _, whole = extract(raw, record_type="releases", rules=no_rules)
    _, other = extract(release(1, "<released/>"), record_type="releases")

    assert filtered.records[0].hash != whole.records[0].hash
    assert filtered.records[0].hash == other.records[0].hash


def test_without_rules_a_record_has_its_hashes_all_the_same(no_rules):
    raw = artist(1, more="<aliases><name id='2'>K</name></aliases>")
    _, taken = extract(raw, rules=no_rules)
    (found,) = taken.records

    assert found.record["aliases"] == [{"id": "2", "name": "K"}]
    assert found.hash == hashing.content_hash(found.data)
    assert found.raw_hash == hashing.raw_hash(SALT, raw.encode())


def test_what_stands_behind_a_record_is_counted_in_each_run():
    content = artist(1) + "<stray/>"
    first, taken = extract(content, artist(2))
    again, _ = extract(content, artist(2), known=Known(taken.known()))

    assert counts(first) == {"records": 3, "new": 2, "dropped": 1, "malformed": 1, "for_graph": 2}
    assert counts(again) == {"records": 3, "unchanged": 2, "dropped": 1, "malformed": 1}
    assert [(found[0], found[2]) for found in again.findings] == [("unknown", b"<stray/>")]
