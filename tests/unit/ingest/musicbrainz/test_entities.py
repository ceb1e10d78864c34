"""From a line of MusicBrainz to its record; the whole record is compared in the acceptance tests."""

import json
from typing import Any

import orjson
import pytest

from apps.ingest.errors import DumpError
from apps.ingest.musicbrainz import entities, extraction, lines
from apps.ingest.musicbrainz.entities import DroppedError

MBID = "aaaaaaaa-0000-4000-8000-000000000001"
OTHER = "aaaaaaaa-0000-4000-8000-000000000002"


def line(**fields: Any) -> bytes:
    return json.dumps({"id": MBID, "name": "Nordlicht", **fields}).encode()


def read(content: bytes | memoryview, record_type: str = "artists") -> dict[str, Any]:
    record = orjson.loads(entities.read(record_type, content)[0].data)
    assert isinstance(record, dict)
    return record


def url(address: str, *, ended: bool = False, kind: str = "discogs") -> dict[str, Any]:
    return {"type": kind, "target-type": "url", "url": {"resource": address}, "ended": ended}


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("https://www.discogs.com/artist/812", 812),
        ("https://www.discogs.com/artist/812-Karl-Vogt", 812),
        ("http://discogs.com/de/artist/812/?x=1#top", 812),
        ("https://www.discogs.com/pt_BR/artist/812", 812),
        ("https://www.discogs.com/artist/9223372036854775807", 2**63 - 1),
        ("https://www.discogs.com/artist/9223372036854775808", None),
        ("https://www.discogs.com/artist/0", None),
        ("https://www.discogs.com/artist/007", None),
        ("https://www.discogs.com/artist/abc", None),
        ("https://www.discogs.com/label/812", None),
        ("https://www.discogs.com.example.org/artist/812", None),
        ("https://example.org/?https://www.discogs.com/artist/812", None),
        ("https://www.discogs.com/artist/٣", None),
    ],
)
def test_the_discogs_id_of_an_address(address: str, found: int | None) -> None:
    assert read(line(relations=[url(address)]))["discogs_artist_id"] == found


def test_a_link_that_is_not_ended_comes_before_one_that_is() -> None:
    links = [url("https://www.discogs.com/artist/1", ended=True), url("https://www.discogs.com/artist/2")]

    record = read(line(relations=links))

    assert (record["discogs_artist_id"], record["discogs_link_ended"]) == (2, False)


def test_a_release_group_is_hyphenated_however_it_is_spelled() -> None:
    relation = {"type": "tribute", "target-type": "release_group", "release_group": {"id": OTHER.upper()}}

    (found,) = read(line(relations=[relation]))["relations"]

    assert (found["target_type"], found["target_mbid"], found["direction"]) == ("release-group", OTHER, "forward")


def test_values_of_a_wrong_type_are_absent_and_noted() -> None:
    entity, findings = entities.read("artists", line(gender=7, aliases="x", **{"life-span": {"ended": "yes"}}))

    record = orjson.loads(entity.data)
    assert (record["gender"], record["aliases"], record["life_span"]["ended"]) == (None, [], False)
    assert {finding.field for finding in findings} == {"gender", "aliases", "life-span.ended"}


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"{", "malformed"),
        (b"[1]", "malformed"),
        (b'{"id": NaN}', "malformed"),
        (b"[" * 100_000, "malformed"),
        (line(id="no uuid"), "no-id"),
        (line(id=None), "no-id"),
        (line(name=None), "no-name"),
    ],
)
def test_a_line_that_is_no_entity_is_dropped(content: bytes, rule: str) -> None:
    with pytest.raises(DroppedError) as dropped:
        entities.read("artists", content)

    assert dropped.value.rule == rule


def test_characters_that_no_store_can_have_are_replaced() -> None:
    assert read(line(disambiguation="a\0b\ud800c"))["disambiguation"] == "ab\ufffdc"
    assert read(line(name="é").replace(b"\\u00e9", b"\xff"))["name"] == "\ufffd"


def test_a_large_line_is_read_as_a_small_one() -> None:
    relations = [
        {"type": "member of band", "target-type": "artist", "artist": {"id": OTHER, "tags": [{"count": 1}]}, "ended": n}
        for n in (True, False)
    ]
    content = line(
        relations=[*relations, url("https://www.discogs.com/artist/5"), url("https://example.org", kind="wikipedia")],
        aliases=[{"name": "N", "primary": None, "weight": 1.5}],
        media=[{"tracks": [{"id": OTHER, "relations": [{"type": "x"}]}]}],
        area={"id": OTHER, "name": "Hamburg", "relations": [{}]},
        **{"life-span": {"begin": "1979", "end": None, "ended": False}},
    )

    assert read(memoryview(content)) == read(content)


NUMBERS = {
    "0": 0,
    "-1.5e3": -1500.0,
    str(2**63): 2**63,
    str(2**64 - 1): 2**64 - 1,
    str(2**64): float(2**64),
    str(-(2**63)): -(2**63),
    str(-(2**63) - 1): -float(2**63),
    "9" * 300: float("9" * 300),
    "9" * 400: None,
    "-1e400": None,
    "1e-400": 0.0,
}
TEXTS = {
    r"a\ud800b": "a\ufffdb",
    r"\udc00": "\ufffd",
    r"\uD83D\uDE00\ud83d\ude00": "\U0001f600\U0001f600",
    r"\ud800\u0041": "\ufffdA",
    r"\ud800\ud83d\ude00": "\ufffd\U0001f600",
    r"\\ud800 \\\ud800": r"\ud800 " + "\\\ufffd",
    r"\"\ud800\"": '"\ufffd"',
    r"\u0000x\ud800": "x\ufffd",
    r"\ue000": "\ue000",
}


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("text", ["text", *TEXTS])
@pytest.mark.parametrize("large", [False, True], ids=["small", "large"])
def test_no_number_and_no_half_of_a_character_drops_an_entity(number: str, text: str, large: bool) -> None:
    content = b'{"id":"%s","name":"Nordlicht","x":%s,"aliases":[{"name":"%s","count":%s}]}' % (
        *(MBID.encode(), number.encode(), text.encode(), number.encode()),
    )

    (alias,) = read(memoryview(content) if large else content)["aliases"]
    assert alias == {"name": TEXTS.get(text, text), "count": NUMBERS[number]}


def test_a_number_of_thousands_of_digits_drops_no_entity() -> None:
    assert read(line(aliases=[{"count": 1}]).replace(b"1}", b"9" * 5000 + b"}"))["aliases"] == [{"count": None}]


def test_the_lines_of_a_chunk() -> None:
    content = b'{"a": 1}\n\n  \n{"b": 2}\n' + b"x" * 50 + b"\n{}"

    assert [bytes(each) for each in lines.cut_lines(content, 20)] == [b'{"a": 1}', b'{"b": 2}', b"x" * 50, b"{}"]


def test_chunks_end_with_a_line() -> None:
    content = b"".join(b'{"number": %d}\n' % number for number in range(100))
    blocks = (content[start : start + 7] for start in range(0, len(content), 7))

    found = list(lines.cut_chunks(blocks, 100, 1000))

    assert b"".join(chunk.content for chunk in found) == content
    assert len(found) > 10
    assert all(chunk.content.endswith(b"}\n") for chunk in found)


FIRST, SECOND = line(id=MBID), line(id=OTHER)
MARK = b"\xef\xbb\xbf"


IN_LINES = [
    MARK + FIRST + b"\n" + SECOND,
    MARK + b"\n" + FIRST + b"\r\n" + MARK + SECOND + b"\r\n",
    b"\n\n" + FIRST + b"\n\n \n" + SECOND + b"\n" + MARK,
]
IN_ONE_LINE = [FIRST + SECOND, MARK + FIRST + MARK + SECOND + b"\n", FIRST + b" \t" + SECOND]


@pytest.mark.parametrize(
    ("content", "large_bytes"),
    [*((each, 10) for each in IN_LINES), *((each, 1000) for each in (*IN_LINES, *IN_ONE_LINE))],
)
def test_marks_and_joined_lines_cost_no_entity(content: bytes, large_bytes: int, monkeypatch: Any) -> None:
    monkeypatch.setattr(entities, "LARGE_BYTES", large_bytes)

    found = extraction.read("artists", content)

    assert [str(mbid) for mbid in found.entities] == [MBID, OTHER]
    assert (found.result.records, found.result.dropped) == (2, 0)


@pytest.mark.parametrize("behind", [b"x", b'{"id":', b"]", b'"', MARK + b"{"])
def test_what_stands_behind_an_object_is_counted_and_takes_it_not_along(behind: bytes) -> None:
    found = extraction.read("artists", FIRST + behind + b"\n" + SECOND)

    assert [str(mbid) for mbid in found.entities] == [MBID, OTHER]
    assert (found.result.records, found.result.dropped, found.result.malformed) == (3, 1, 1)
    assert found.result.findings[0][2] == behind.removeprefix(MARK)


@pytest.mark.parametrize("content", [b"", b"\n", MARK, MARK + b"\r\n \n", b"\n" * 1000])
@pytest.mark.parametrize("block_bytes", [1, 50, 5000])
def test_a_file_of_no_line_is_refused(content: bytes, block_bytes: int) -> None:
    blocks = (content[start : start + block_bytes] for start in range(0, len(content), block_bytes))

    with pytest.raises(DumpError, match="holds no line"):
        list(lines.cut_chunks(blocks, 100, 1000))


@pytest.mark.parametrize("name", ["utf-16", "utf-32"])
def test_lines_in_wide_characters_are_refused(name: str) -> None:
    with pytest.raises(DumpError, match="is in UTF-16 or UTF-32"):
        list(lines.cut_chunks(iter([FIRST.decode().encode(name)]), 100, 1000))
