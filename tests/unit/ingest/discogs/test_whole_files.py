"""From a file to what becomes of each record: every sound one is taken, and what is left out is counted."""

import codecs
from dataclasses import dataclass

import pytest

from apps.ingest.discogs import extraction, rules, scanning, splitting
from apps.ingest.discogs.extraction import Extracted, Known
from apps.ingest.errors import DumpError
from apps.ingest.sources.discogs import grammar

RULES = rules.load(None, 2026)
TAGS = {"artists": "artist", "labels": "label", "masters": "master", "releases": "release"}
TYPES = pytest.mark.parametrize("record_type", TAGS)
LEFT_OUT = ("malformed", "no-id")
SIZES = pytest.mark.parametrize(("block_bytes", "chunk_bytes"), [(1, 1), (7, 150), (60, 400), (5000, 5000)])


@dataclass
class Loaded:
    """What became of a file: the ids that were taken, and the bytes that were left out and counted."""

    ids: list[int]
    left_out: list[str]
    records: int

    def add(self, record: Extracted) -> None:
        self.ids.append(record.data_id)


def record(record_type: str, data_id: int) -> bytes:
    """Return a record of a type with the things that confuse: nested records, CDATA, comments."""
    inner = {
        "artists": f"<id>{data_id}</id><profile><![CDATA[</artist></artists><artist>]]></profile>",
        "labels": f"<id>{data_id}</id><sublabels><label id='9'>Dub</label><label>Ltd</label><label/></sublabels>",
        "masters": "<artists><artist><id>9</id></artist></artists><!-- </masters><master> -->",
        "releases": "<artists><artist><id>9</id></artist></artists><labels><label id='9' name='x'/></labels>",
    }[record_type]
    tag = TAGS[record_type]
    attribute = f" id='{data_id}'" if record_type in ("masters", "releases") else ""
    return f"<{tag}{attribute}>{inner}</{tag}>".encode()


def load(content: bytes, record_type: str = "artists", *, chunk_bytes: int = 200, block_bytes: int = 100) -> Loaded:
    """Split a file and extract its chunks into an empty table."""
    blocks = (content[start : start + block_bytes] for start in range(0, len(content), block_bytes))
    kind, found = grammar(record_type), Loaded([], [], 0)
    for chunk in splitting.cut_chunks(blocks, kind, chunk_bytes, 10_000):
        job = extraction.Job(
            record_type=record_type,
            grammar=kind,
            rules=RULES,
            low_id=chunk.low_id,
            high_id=chunk.high_id,
            known=Known(),
            debts=(),
            rewrite=False,
            current_year=2026,
            piece_bytes=300,
        )
        result = extraction.extract(job, scanning.hash_records(bytes(chunk.content), kind, b"salt"), [found])
        found.records += result.records
        found.left_out += [content.decode() for _, note, content in result.findings if note.rule in LEFT_OUT]
        assert result.records == result.new + result.dropped
        assert result.malformed <= result.dropped
    return found


def file(record_type: str, *parts: bytes) -> bytes:
    """Return a file of some parts, in which {r} stands for the root, {1} … {4} for records, {c} for another."""
    content = b"".join(parts).replace(b"{r}", record_type.encode())
    content = content.replace(b"{c}", b"<%s><id>8</id></%s>" % ((TAGS[record_type].encode(),) * 2))
    for data_id in (1, 2, 3, 4):
        content = content.replace(b"{%d}" % data_id, record(record_type, data_id))
    return content


WELL_FORMED = {
    "as published": b"<{r}>\n{1}\n{2}\n{3}\n{4}\n</{r}>\n",
    "a declaration": b'<?xml version="1.0" encoding="UTF-8"?>\n<{r}>{1}{2}{3}{4}</{r}>',
    "another declaration": b"<?xml version='1.0' encoding='us-ascii' standalone='yes' ?><{r}>{1}{2}{3}{4}</{r}>",
    "a byte order mark": codecs.BOM_UTF8 + b"<?xml version='1.0'?><{r}>{1}{2}{3}{4}</{r}>",
    "a document type": b'<!DOCTYPE {r} [<!ENTITY a "<b>">\n]>\n<{r}>{1}{2}{3}{4}</{r}>',
    "another document type": b'<!DOCTYPE {r} SYSTEM "discogs.dtd"><{r}>{1}{2}{3}{4}</{r}>',
    "attributes of the root": b'<{r} xmlns="https://a.example" version="2">{1}{2}{3}{4}</{r}>',
    "white space in tags": b"<{r} >{1}{2}{3}{4}</{r}\n\t>\n\n",
    "a comment behind": b"<{r}>{1}{2}{3}{4}</{r}><!-- made at night: </{r}> {c} -->\n",
    "a comment before the end": b"<{r}>{1}{2}{3}{4}<!-- </{r}> the end --></{r}>",
    "comments between": b"<!-- {c} --><{r}><!-- {c} -->{1}<!-- a -->{2}<!-- b --><!-- c -->{3}{4}</{r}>",
    "instructions": b"<?a b?><{r}><?a b?>{1}<?a?>{2}<?a <b> ?>{3}{4}<?a b?></{r}><?a b?>\n<?c?>",
    "zeros behind": b"<{r}>{1}{2}{3}{4}</{r}>\n" + bytes(700),
    "no root": b"{1}\n{2}\n{3}\n{4}\n",
    "no root and markup": b"<?xml version='1.0'?>{1}{2}{3}{4}<!-- end --><?a?>",
    "another root": b"<discogs>{1}{2}{3}{4}</discogs>",
    "a root in another": b"<discogs x='1'><!-- <b> --><{r}>{1}{2}{3}{4}</{r}></discogs>",
    "the root twice": b"<{r}><{r}>{1}{2}{3}{4}</{r}></{r}>",
    "the root twice and ended once": b"<{r}><{r}>{1}{2}{3}{4}</{r}>",
    "joined": b"<{r}>{1}{2}</{r}><{r}>{3}{4}</{r}>",
    "joined by lines": b"<{r}>\n{1}\n{2}\n</{r}>\n\n<{r}>\n{3}\n{4}\n</{r}>\n",
    "three joined": b"<{r}>{1}</{r}><{r}>{2}{3}</{r}><{r}/><{r}></{r}><{r}>{4}</{r}>",
    "joined with declarations": b"<?xml version='1.0'?><{r}>{1}{2}</{r}><?xml version='1.0'?><{r}>{3}{4}</{r}>",
    "joined with byte order marks": codecs.BOM_UTF8.join([b"", b"<{r}>{1}{2}</{r}>\n", b"<{r}>{3}{4}</{r}>"]),
    "joined with comments": b"<{r}>{1}{2}<!-- a --></{r} ><!-- {c} --><{r} ><!-- b -->{3}{4}</{r}>",
    "joined with document types": b"<!DOCTYPE {r}><{r}>{1}{2}</{r}><!DOCTYPE {r} [\n]><{r}>{3}{4}</{r}>",
    "joined without roots": b"{1}{2}" + codecs.BOM_UTF8 + b"\n{3}{4}",
    "joined, the first one without a root": b"{1}{2}<{r}>{3}{4}</{r}>",
}


@TYPES
@pytest.mark.parametrize("form", WELL_FORMED)
@SIZES
def test_every_record_of_a_well_formed_file_is_taken(
    form: str, record_type: str, block_bytes: int, chunk_bytes: int
) -> None:
    found = load(file(record_type, WELL_FORMED[form]), record_type, block_bytes=block_bytes, chunk_bytes=chunk_bytes)

    assert (found.ids, found.left_out, found.records) == ([1, 2, 3, 4], [], 4)


# What is left out, and with which bytes it is counted.
LEFT_OVER = {
    "text before": (b"<{r}>early{1}{2}{3}{4}</{r}>", ["early"]),
    "an element before": (b"<{r}><count>4</count>{1}{2}{3}{4}</{r}>", ["<count>4</count>"]),
    "text without a root": (b"early{1}{2}{3}{4}", ["early"]),
    "text between": (b"<{r}>{1}{2} between\n{3}{4}</{r}>", ["between"]),
    "an element between": (b"<{r}>{1}<x/>{2}<x>y</x>{3}{4}</{r}>", ["<x/>", "<x>y</x>"]),
    "an element behind": (b"<{r}>{1}{2}{3}{4}<count>4</count></{r}>", ["<count>4</count>"]),
    "text behind": (b"<{r}>{1}{2}{3}{4}late</{r}>", ["late"]),
    "text between joined files": (b"<{r}>{1}{2}</{r}>--<{r}>{3}{4}</{r}>", ["--<{r}>"]),
    "end tags": (b"<{r}>{1}{2}</x></y>{3}{4}</{r}>", ["</x></y>"]),
    "a lost start tag": (b"<{r}>{1}{2}<id>7</id><x>y</x></z>{3}{4}</{r}>", ["<id>7</id><x>y</x></z>"]),
    "CDATA": (b"<{r}>{1}{2}<![CDATA[x]]>{3}{4}</{r}>", ["x"]),
}


@TYPES
@pytest.mark.parametrize("form", LEFT_OVER)
@SIZES
def test_what_is_no_record_is_counted_and_takes_no_record_along(
    form: str, record_type: str, block_bytes: int, chunk_bytes: int
) -> None:
    content, left_out = LEFT_OVER[form]
    found = load(file(record_type, content), record_type, block_bytes=block_bytes, chunk_bytes=chunk_bytes)

    assert found.ids == [1, 2, 3, 4]
    assert found.left_out == [file(record_type, each.encode()).decode() for each in left_out]
    assert found.records == 4 + len(left_out)


@pytest.mark.parametrize("record_type", ["labels", "releases"])
def test_a_comment_without_an_end_is_left_out_and_takes_no_record_along(record_type: str) -> None:
    found = load(file(record_type, b"<{r}>{1}{2}<!-- {3}{4}</{r}>"), record_type)

    assert (found.ids, found.left_out) == ([1, 2, 3, 4], ["<!--"])


@pytest.mark.parametrize("place", [0, 1, 3])
@pytest.mark.parametrize(
    ("record_type", "tag"),
    [
        *(("artists", tag) for tag in ("<artist >", "<artist\n>", "<artist\t\r\n>", "<artist x='1'>")),
        *(("labels", tag) for tag in ("<label >", "<label\n>", "<label>\n ", "<label><!-- a -->", "<label><?a?>")),
        *(("masters", tag) for tag in ("<master\nid='5'>", "<master id = '5' >")),
        *(("releases", tag) for tag in ("<release\tid='5' >", "<release status='a' id='5'>")),
    ],
)
@SIZES
def test_a_start_tag_may_have_white_space(
    record_type: str, tag: str, place: int, block_bytes: int, chunk_bytes: int
) -> None:
    own = tag.encode() + (b"<id>5</id>" if record_type in ("artists", "labels") else b"")
    records = [record(record_type, each) for each in (1, 2, 3)]
    records.insert(place, own + b"</%s\n>" % TAGS[record_type].encode())
    content = file(record_type, b"<{r}>", *records, b"</{r}>")
    found = load(content, record_type, block_bytes=block_bytes, chunk_bytes=chunk_bytes)

    assert (sorted(found.ids), found.left_out) == ([1, 2, 3, 5], [])


@pytest.mark.parametrize(
    ("record_type", "empty"),
    [
        *(("artists", each) for each in ("<artist/>", "<artist />", "<artist></artist>")),
        *(("labels", each) for each in ("<label/>", "<label></label>", "<label>text</label>")),
        *(("masters", each) for each in ("<master/>", "<master></master>", "<master x='1'/>")),
        *(("releases", each) for each in ("<release/>", "<release></release>", "<release>text</release>")),
    ],
)
@pytest.mark.parametrize("place", [0, 1, 3])
def test_a_record_without_an_id_is_counted_and_takes_no_other_along(record_type: str, empty: str, place: int) -> None:
    records = [record(record_type, each) for each in (1, 2, 3)]
    records.insert(place, empty.encode())
    found = load(file(record_type, b"<{r}>", *records, b"</{r}>"), record_type)

    assert (found.ids, found.left_out, found.records) == ([1, 2, 3], [empty], 4)


@pytest.mark.parametrize("name", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_a_file_in_wide_characters_is_refused(name: str) -> None:
    mark = "" if name in ("utf-16", "utf-32") else "\ufeff"
    content = (mark + file("artists", b"<{r}>{1}</{r}>").decode()).encode(name)

    with pytest.raises(DumpError, match="is in UTF-16 or UTF-32, and dumps are in UTF-8"):
        load(content)


@pytest.mark.parametrize("name", ["ISO-8859-1", "windows-1252", "UTF-16"])
def test_a_file_that_declares_another_encoding_is_refused(name: str) -> None:
    content = f"<?xml version='1.0' encoding='{name}'?>".encode() + file("artists", b"<{r}>{1}</{r}>")

    with pytest.raises(DumpError, match=f"is in {name}, and dumps are in UTF-8"):
        load(content)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"<{r}>{1}</{r}>late", "goes on after the end of its root"),
        (b"<{r}>{1}</{r}><html>503</html>", "goes on after the end of its root"),
        (b"<{r}>{1}</{r}><!-- never closed", "goes on after the end of its root"),
        (b"<{r}>{1}{2}", "ends inside a record or before its root does"),
        (b"<{r}>{1}</{r}><{r}>{2}", "ends inside a record or before its root does"),
        (b"<discogs>{1}{2}", "ends inside a record or before its root does"),
        (b"<discogs>{1}{2}</disco", "ends inside a record or before its root does"),
        (b"{1}{2}late", "ends inside a record or before its root does"),
        (b"<{r}>{1}<!-- </{r}> -->", "ends inside a record or before its root does"),
    ],
)
@TYPES
def test_a_file_that_does_not_end_with_its_root_is_refused(record_type: str, content: bytes, problem: str) -> None:
    with pytest.raises(DumpError, match=problem):
        load(file(record_type, content), record_type)
