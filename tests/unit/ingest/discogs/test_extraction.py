"""What is new, changed, unchanged or gone, and what the stores get of it."""

import gc
from dataclasses import dataclass, field, replace

import orjson
import pytest

from apps.ingest import hashing
from apps.ingest.discogs import extraction, rules
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
    result = extraction.extract(wanted, extraction.raw_records(content, wanted.grammar, SALT), [taken])
    return result, taken


def loaded(*records, **fields):
    """Return what the table holds after a first load of some records."""
    return extract(*records, **fields)[1].known()


def counts(result):
    names = ("records", "new", "changed", "unchanged", "skipped", "dropped", "malformed", "for_graph")
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
    known = Known(loaded(artist(1), artist(2)))
    monkeypatch.setattr(extraction.parsing, "elements", None)

    result, taken = extract(artist(1), artist(2), known=known)

    assert counts(result) == {"records": 2, "unchanged": 2}
    assert taken.records == []


def test_a_record_whose_content_changed_is_written():
    result, taken = extract(artist(1), artist(2, "Uwe"), known=Known(loaded(artist(1), artist(2))))

    assert counts(result) == {"records": 2, "changed": 1, "unchanged": 1, "for_graph": 1}
    assert [(each.data_id, each.is_new, each.is_same) for each in taken.records] == [(2, False, False)]


def test_content_in_other_bytes_brings_the_raw_hash_alone():
    result, taken = extract(artist(1, more="<aliases/>"), known=Known(loaded(artist(1))))

    assert counts(result) == {"records": 1, "unchanged": 1}
    assert [(each.is_same, each.for_graph) for each in taken.records] == [(True, False)]


def test_a_row_of_another_revision_is_written_anew():
    known = Known(extract(artist(1))[1].known(revision_is_old={1}))

    result, taken = extract(artist(1), known=known)

    assert counts(result) == {"records": 1, "changed": 1, "for_graph": 1}
    assert taken.ids() == [1]


def test_a_rewrite_writes_everything():
    result, _ = extract(artist(1), artist(2), known=Known(loaded(artist(1), artist(2))), rewrite=True)

    assert counts(result) == {"records": 2, "changed": 2, "for_graph": 2}


def test_a_debt_brings_unchanged_records_to_the_graph_alone():
    known = Known(loaded(artist(1), artist(2), artist(3)))

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
    known = Known(loaded(artist(4)), others=[3, 7])

    assert extract(artist(4), low_id=3, high_id=9, known=known)[0].removed_ids == [3, 7]


def test_an_unchanged_record_outside_of_the_range_is_a_stray_and_sent_in_any_case():
    known = Known(loaded(artist(2), artist(5)))

    result, taken = extract(artist(2), artist(5), low_id=3, high_id=9, known=known)

    assert result.stray_ids == [2]
    assert taken.ids() == [2]
    assert (result.unchanged, result.changed, result.for_graph) == (2, 0, 0)
    assert result.removed_ids == []


def test_the_later_of_two_records_of_one_id_counts():
    result, taken = extract(artist(1, "first"), artist(2), artist(1, "second"))

    assert [(each.data_id, each.record["name"]) for each in taken.records] == [(2, "Karl"), (1, "second")]
    assert counts(result) == {"records": 3, "new": 2, "for_graph": 2}


def test_an_id_that_only_the_parser_finds_is_no_removed_record():
    raw = "<artist><name>Karl</name><id>&#52;</id></artist>"

    result, taken = extract(raw, known=Known(others=[4]))

    assert (taken.ids(), result.removed_ids) == ([4], [])


# Skipped and dropped


def test_a_skipped_record_is_counted_and_removed_where_it_was_loaded():
    result, taken = extract(artist(1, more="<profile>do not use</profile>"), known=Known(loaded(artist(1))))

    assert counts(result) == {"records": 1, "skipped": 1}
    assert taken.records == []
    assert result.removed_ids == [1]
    assert [(record_id, finding.rule) for record_id, finding, _ in result.findings] == [("1", "skip")]


def test_a_malformed_record_is_dropped_with_its_bytes_and_not_removed():
    raw = "<artist><id>2</id><name>Karl</artist>"

    result, taken = extract(artist(1), raw, artist(3), known=Known(loaded(artist(2))))

    assert counts(result) == {"records": 3, "new": 2, "dropped": 1, "malformed": 1, "for_graph": 2}
    assert (taken.ids(), result.removed_ids) == ([1, 3], [])
    assert [(record_id, finding.rule, excerpt) for record_id, finding, excerpt in result.findings] == [
        ("2", "malformed", raw.encode())
    ]


@pytest.mark.parametrize("identity", ["0", "-1", "007", "1.5", "", "x", "٤", str(LAST_ID + 1), "1" * 30, " 1"])
def test_a_record_without_a_usable_id_is_dropped(identity):
    result, taken = extract(artist(identity))

    assert counts(result) == {"records": 1, "dropped": 1}
    assert taken.records == []
    assert result.findings[-1][1].rule == "no-id"


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
        hashing.canonical({k: v for k, v in orjson.loads(data).items() if k != "year"})
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

    result, taken = extract(raw, record_type="releases", known=Known(loaded(raw, record_type="releases")))

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
