"""Cutting dump files into chunks of whole records, whatever the file looks like and however it is read."""

import gzip
import hashlib
import io
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.ingest.chunks.reading import HashingReader, blocks
from apps.ingest.discogs import scanning, splitting
from apps.ingest.discogs.scanning import find_starts
from apps.ingest.errors import DumpError
from apps.ingest.sources.discogs import grammar
from apps.ingest.sources.discogs_ids import LAST_ID

RECORD_BYTES = 10_000
LABELS = (
    b"<label><id>1</id><name>Deich</name><sublabels><label id='2'>Dub</label><label>Ltd</label></sublabels></label>",
    b"<label>\n  <id>2</id><name>Deich Dub</name><parentLabel id='1'>Deich</parentLabel></label>",
    b"<label><id>5</id><profile><![CDATA[not a <label><id>9</id></label> of its own]]></profile></label>",
    b"<label><id>8</id><!-- nor is <label><id>9</id></label> --><name>Acht</name></label>",
)
RELEASES = (
    b"<release id='3' status='Accepted'><title>Drei</title></release>",
    b"<release\n id='7'><notes>a <releases> of my own</notes></release>",
    b"<release id='9'><title><![CDATA[<release id='1'>]]></title></release>",
)


def dump(record_type, records, between=b"\n"):
    return b"<%s>\n%s\n</%s>\n" % (record_type.encode(), between.join(records), record_type.encode())


def read_in(content, block_bytes):
    return (content[start : start + block_bytes] for start in range(0, len(content), block_bytes))


def split(content, record_type="labels", *, chunk_bytes=1, block_bytes=1_000_000, record_bytes=RECORD_BYTES):
    return list(splitting.cut_chunks(read_in(content, block_bytes), grammar(record_type), chunk_bytes, record_bytes))


def records_of(chunks, record_type):
    """Cut chunks into their records."""
    found = []
    for chunk in chunks:
        starts = [*find_starts(chunk.content, grammar(record_type)), len(chunk.content)]
        found += (chunk.content[start:end].rstrip() for start, end in pairwise(starts))
    return found


def write_gzip(folder, *members):
    path = folder / "discogs_20260101_labels.xml.gz"
    path.write_bytes(b"".join(map(gzip.compress, members)))
    return path


def read_blocks(path):
    with path.open("rb") as raw:
        return b"".join(blocks(HashingReader(raw), path))


@pytest.mark.parametrize(("record_type", "records"), [("labels", LABELS), ("releases", RELEASES)])
@pytest.mark.parametrize("between", [b"\n", b"", b"<!-- between -->"], ids=["lines", "no line breaks", "comments"])
@given(block_bytes=st.integers(1, 700), chunk_bytes=st.integers(1, 700))
def test_any_size_of_blocks_and_chunks_gives_the_same_records(record_type, records, between, block_bytes, chunk_bytes):
    content = dump(record_type, records, between)

    found = split(content, record_type, chunk_bytes=chunk_bytes, block_bytes=block_bytes)

    assert [record.removesuffix(b"<!-- between -->") for record in records_of(found, record_type)] == list(records)


@given(st.lists(st.integers(1, LAST_ID), min_size=1, unique=True), st.integers(1, 200), st.booleans())
def test_ranges_of_ids_follow_one_another_without_a_gap(ids, chunk_bytes, in_order):
    ordered = sorted(ids) if in_order else ids
    content = dump("artists", [b"<artist><id>%d</id></artist>" % each for each in ordered])

    found = split(content, "artists", chunk_bytes=chunk_bytes, block_bytes=50)

    assert (found[0].low_id, found[-1].high_id) == (1, LAST_ID)
    assert all(after.low_id == before.high_id + 1 for before, after in pairwise(found))
    assert [chunk.seq for chunk in found] == list(range(len(found)))


def test_ids_in_order_lie_in_the_range_of_their_chunk():
    found = split(
        dump("artists", [b"<artist><id>%d</id></artist>" % each for each in (4, 9, 12)]), "artists", block_bytes=1
    )

    assert [(chunk.low_id, chunk.high_id) for chunk in found] == [(1, 4), (5, 9), (10, LAST_ID)]


def test_a_chunk_that_is_out_of_order_has_an_empty_range():
    found = split(
        dump("artists", [b"<artist><id>%d</id></artist>" % each for each in (9, 4, 12)]), "artists", block_bytes=1
    )

    assert [(chunk.low_id, chunk.high_id) for chunk in found] == [(1, 9), (10, 9), (10, LAST_ID)]


PIECES = (
    *LABELS,
    b"<label><id> 4 </id></label>",
    b"<label><id>3</di></label>",
    b"<label><name>x</name></label>",
    b"<x/>",
)


@given(
    st.lists(st.sampled_from(PIECES)), st.integers(0, 300), st.sampled_from([b"", b"<", b"<!--", b"]]>", b"</label>"])
)
def test_ids_for_ranges_are_those_of_the_records_of_a_chunk(pieces, place, damage):
    content = b"\n".join(pieces)
    content = content[:place] + damage + content[place:]

    ids = [record.data_id for record in scanning.cut_records(content, grammar("labels"))]

    assert scanning.find_ids(content, grammar("labels")) == [data_id for data_id in ids if data_id is not None]


def test_a_record_without_an_id_leaves_the_range_where_it_is():
    found = split(
        dump("artists", [b"<artist><id>4</id></artist>", b"<artist><name>x</name></artist>"]), "artists", block_bytes=1
    )

    assert [(chunk.low_id, chunk.high_id) for chunk in found] == [(1, 4), (5, LAST_ID)]


def test_nested_labels_are_no_records():
    assert records_of(split(dump("labels", LABELS[:2])), "labels") == list(LABELS[:2])


def test_a_dump_without_a_root_gives_its_records():
    assert records_of(split(b"\n".join(RELEASES), "releases"), "releases") == list(RELEASES)


def test_a_declaration_and_a_comment_before_the_root_are_passed_over():
    content = b'<?xml version="1.0"?><!-- a <release id="1"> -->' + dump("releases", RELEASES)

    assert records_of(split(content, "releases"), "releases") == list(RELEASES)


def test_records_that_close_themselves_are_records():
    assert records_of(
        split(dump("releases", [b'<release id="1"/>', b'<release id="2" />']), "releases"), "releases"
    ) == [
        b'<release id="1"/>',
        b'<release id="2" />',
    ]


@pytest.mark.parametrize("content", [b"", b"<labels></labels>", b"<labels/>", b"\n\n", b"<html>502</html>"])
def test_a_file_without_a_record_fails(content):
    with pytest.raises(DumpError, match="no <label> record"):
        split(content)


def test_a_file_of_another_type_fails():
    with pytest.raises(DumpError, match="no <release> record"):
        split(dump("labels", LABELS), "releases")


@pytest.mark.parametrize("cut", range(1, len(b"</release>\n</releases>\n")))
def test_a_file_that_ends_before_its_root_does_fails(cut):
    content = dump("releases", RELEASES)
    if not content[:-cut].rstrip().endswith(b"</releases>"):
        with pytest.raises(DumpError, match="ends inside a record"):
            split(content[:-cut], "releases")


def test_a_file_without_a_root_that_ends_inside_a_record_fails():
    with pytest.raises(DumpError, match="ends inside a record"):
        split(b"\n".join(RELEASES)[:-4], "releases")


def test_a_record_over_the_limit_fails_its_file():
    long = b"<artist><id>1</id><profile>%s</profile></artist>" % (b"x" * 5000)

    with pytest.raises(DumpError, match="a record of over 1,000 bytes"):
        split(dump("artists", [long]), "artists", block_bytes=100, record_bytes=1000)


def test_a_file_that_never_comes_to_a_record_is_not_held_whole():
    taken = []

    def endless():
        for _ in range(1000):
            taken.append(1)
            yield b"x" * 100

    with pytest.raises(DumpError):
        list(splitting.cut_chunks(endless(), grammar("labels"), 100, 1000))
    assert len(taken) < 30


def test_a_chunk_has_about_the_bytes_it_should():
    content = dump(
        "artists", [b"<artist><id>%d</id><name>%s</name></artist>" % (each, b"x" * 60) for each in range(1, 500)]
    )

    found = split(content, "artists", chunk_bytes=2000, block_bytes=777)

    # A block more at the most, and less than a record less.
    assert all(1900 < len(chunk.content) < 2777 for chunk in found[:-1])


def test_gzip_of_several_members_is_read_to_the_end(tmp_path):
    assert read_blocks(write_gzip(tmp_path, b"<labels>", b"<label>", b"")) == b"<labels><label>"


def test_a_file_that_is_not_compressed_is_read_as_it_is(tmp_path):
    path = tmp_path / "discogs_20260101_labels.xml"
    path.write_bytes(b"<labels/>")

    assert read_blocks(path) == b"<labels/>"


def test_a_file_that_is_no_gzip_fails(tmp_path):
    path = tmp_path / "discogs_20260101_labels.xml.gz"
    path.write_bytes(b"<html>Too many requests</html>")

    with pytest.raises(DumpError, match="is no gzip file: fetch it again"):
        read_blocks(path)


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9, 0.99])
def test_gzip_that_is_cut_short_fails(tmp_path, kept):
    path = write_gzip(tmp_path, dump("labels", LABELS * 50))
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * kept)])

    with pytest.raises(DumpError, match="is cut short"):
        read_blocks(path)


def test_gzip_with_a_flipped_bit_fails(tmp_path):
    path = write_gzip(tmp_path, dump("labels", LABELS * 50))
    content = bytearray(path.read_bytes())
    content[-6] ^= 1
    path.write_bytes(content)

    with pytest.raises(DumpError, match=r"is damaged .*: fetch it again"):
        read_blocks(path)


def test_an_empty_file_that_should_be_gzip_has_no_content(tmp_path):
    path = write_gzip(tmp_path)

    with pytest.raises(DumpError):
        list(splitting.cut_chunks(iter([read_blocks(path)]), grammar("labels"), 100, 1000))


def test_the_reader_hashes_what_the_decompressor_leaves(tmp_path):
    path = write_gzip(tmp_path, b"<labels/>")
    path.write_bytes(path.read_bytes() + bytes(64))
    with path.open("rb") as raw:
        reader = HashingReader(raw)
        assert b"".join(blocks(reader, path)) == b"<labels/>"
        reader.drain()

    assert reader.sha256.digest() == hashlib.sha256(path.read_bytes()).digest()
    assert reader.bytes_read == path.stat().st_size


def test_the_reader_is_a_file():
    with io.BytesIO(b"abc") as raw:
        assert HashingReader(io.BufferedReader(raw)).read() == b"abc"


@pytest.mark.parametrize("opening", [b"<![CDATA[", b"<!--"])
def test_a_section_without_an_end_takes_no_other_record_along(opening):
    """Extraction would count one malformed record, and those behind it would look removed."""
    broken = b"<label><id>2</id><name>" + opening + b"</name></label>"

    (chunk,) = split(dump("labels", [LABELS[0], broken, LABELS[1]]), chunk_bytes=10_000)

    assert len(find_starts(chunk.content, grammar("labels"), is_whole=True)) == 3


@pytest.mark.parametrize("opening", [b"<![CDATA[", b"<!--"])
def test_a_section_whose_end_is_still_to_come_is_not_cut(opening):
    ending = {b"<![CDATA[": b"]]>", b"<!--": b"-->"}[opening]
    whole = b"<label><id>2</id>" + opening + LABELS[0] * 20 + ending + b"</label>"

    for block_bytes in (1, 50, 777):
        chunks = split(dump("labels", [LABELS[0], whole, LABELS[1]]), block_bytes=block_bytes)
        assert records_of(chunks, "labels") == [LABELS[0], whole, LABELS[1]]


def test_sections_hide_only_what_is_inside_of_them():
    content = b"<!-- a --><label><id>1</id></label><!-- <label><id>2</id> --><label><id>3</id></label><!-- b -->"

    starts = find_starts(content, grammar("labels"))

    assert [content[start:][:16] for start in starts] == [b"<label><id>1</id>"[:16], b"<label><id>3</id>"[:16]]


@pytest.mark.parametrize("few", [2, 100_000])
@given(st.text("<!- x", max_size=12))
def test_sections_are_seen_behind_any_number_of_exclamation_marks(few, text):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scanning, "EXCLAMATIONS", few)

        assert scanning.has_sections(text.encode()) == ("<!" in text)
