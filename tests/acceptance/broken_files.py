"""Broken dump files, each by the number of its seed."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

RECORDS = 40
DEPTH = 100_000

ARTIST = (
    "<artist><id>{id}</id><name>Artist {id} &amp; Co</name><profile>Ä {text}</profile><aliases>{refs}</aliases>"
    "</artist>"
)
LABEL = (
    "<label><id>{id}</id><name>Label {id}</name><contactinfo>{text}</contactinfo><sublabels>"
    '<label id="{other}">One</label><label id="7">Two</label></sublabels></label>'
)
MASTER = (
    '<master id="{id}"><main_release>{other}</main_release><artists><artist><id>{other}</id><name>N</name></artist>'
    "</artists><genres><genre>Rock</genre></genres><year>1981</year><title>Master {id} {text}</title></master>"
)
RELEASE = (
    '<release id="{id}" status="Accepted"><artists><artist><id>{other}</id><name>N</name></artist></artists>'
    '<title>Release {id}</title><labels><label name="L" catno="C {id}" id="{other}"/></labels><extraartists><artist>'
    "<id>{other}</id><name>P</name><role>Mixed By</role></artist></extraartists><genres><genre>Jazz</genre></genres>"
    "<released>1999-03-00</released><notes>{text}</notes><tracklist><track><position>1</position><title>T</title>"
    "<sub_tracks><track><title>S</title></track></sub_tracks></track></tracklist></release>"
)
TEMPLATES = {"artists": ARTIST, "labels": LABEL, "masters": MASTER, "releases": RELEASE}
TOKENS = [
    *(b"<![CDATA[", b"]]>", b"<!--", b"-->", b"<?xml version='1.0' encoding='utf-16'?>", b"<?p", b"?>"),
    *(b"<artist>", b"</artist>", b"<label><id>", b"</label>", b'<release id="5">', b"</release>", b'<master id="6">'),
    *(b"<", b">", b"&", b'"', b"'", b"=", b"/>", b"</", b"<r>", b"</r>", b"<a b=c>", b"<a b='1' b='2'/>"),
    *(b"&#0;", b"&#xD800;", b"&#xFFFFFFFF;", b"&#" + b"9" * 5000 + b";", b"&bomb;", b"&lt", b"&amp;amp;"),
    *(b"\0", b"\x07", b"\xff\xfe", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc0\x80", b"\xef\xbf\xbe", b"\x85"),
    *(b"<id>0</id>", b"<id>99999999999999999999</id>", b"<id>-1</id>", b"<id></id>", b"<id>1</id><id>2</id>"),
]
BOMB = (
    b'<!DOCTYPE r [<!ENTITY a "'
    + b"ha" * 500
    + b'">'
    + b"".join(b'<!ENTITY %c "%s">' % (c, b"&%c;" % (c - 1) * 50) for c in range(ord("b"), ord("h")))
    + b"]>"
)


@dataclass(frozen=True)
class Case:
    """A file of one type: its records as they were, and its content as it is."""

    record_type: str
    records: dict[int, bytes]
    content: bytes


def case(number: int) -> Case:
    """Return the file of a number, always the same."""
    chance = random.Random(number)
    record_type = chance.choice(sorted(TEMPLATES))
    records = {
        data_id: TEMPLATES[record_type]
        .format(
            id=data_id, other=chance.randrange(1, 99), text="x" * chance.randrange(900), refs='<name id="3">A</name>'
        )
        .encode()
        for data_id in sorted(chance.sample(range(1, 10_000), RECORDS))
    }
    root = record_type.encode()
    content = b"<%s>\n%s\n</%s>\n" % (root, b"\n".join(records.values()), root)
    for _ in range(chance.choice((1, 1, 2, 5))):
        content = chance.choice(FAULTS)(chance, content)
    return Case(record_type, records, content)


def flip(chance: random.Random, content: bytes) -> bytes:
    changed = bytearray(content)
    for _ in range(chance.choice((1, 3, 30))):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def cut_short(chance: random.Random, content: bytes) -> bytes:
    return content[: chance.randrange(1, len(content))]


def cut_out(chance: random.Random, content: bytes) -> bytes:
    start = chance.randrange(len(content))
    return content[:start] + content[start + chance.choice((1, 10, 500)) :] or b"<"


def repeat(chance: random.Random, content: bytes) -> bytes:
    start = chance.randrange(len(content))
    part = content[start : start + chance.choice((1, 20, 3000))]
    return insert(chance, content, part)


def insert(chance: random.Random, content: bytes, part: bytes) -> bytes:
    place = chance.randrange(len(content))
    return content[:place] + part + content[place:]


def token(chance: random.Random, content: bytes) -> bytes:
    return insert(chance, content, chance.choice(TOKENS))


def many_tokens(chance: random.Random, content: bytes) -> bytes:
    return insert(chance, content, chance.choice(TOKENS)[:40] * chance.choice((100, 20_000)))


def swap_tags(chance: random.Random, content: bytes) -> bytes:
    tags = [b"</name>", b"</id>", b"</title>", b"</artists>", b"</notes>", b"<name>", b"<id>", b"</label>"]
    one, other = chance.sample(tags, 2)
    return content.replace(one, b"\x01", chance.randrange(1, 4)).replace(other, one, 1).replace(b"\x01", other)


def deep(chance: random.Random, content: bytes) -> bytes:
    """Nest an element, ours or another, deeply in a field, closed or not."""
    tag = chance.choice((b"a", b"sub_tracks", b"track", b"label", b"artist"))
    levels = chance.choice((200, 300, 1100, 5000, DEPTH))
    nested = b"<%s>" % tag * levels + b"x" + (b"</%s>" % tag * levels if chance.random() < 0.8 else b"")
    place = chance.choice((b"<name>", b"<title>", b"<tracklist>", b"<sublabels>", b"<aliases>"))
    return content.replace(place, place + nested, 1)


def huge(chance: random.Random, content: bytes) -> bytes:
    """Make a field huge: its text, an attribute, its attributes, its children."""
    count = chance.choice((10_000, 100_000))
    place = chance.choice((b"</name>", b"</title>", b"</notes>", b"</profile>"))
    part = chance.choice(
        (
            lambda: chance.randbytes(8).hex().encode() * (count // 2),
            lambda: b'<a b="%s"/>' % (b"y" * count * 5),
            lambda: b"<a %s/>" % b" ".join(b'a%d="1"' % each for each in range(count)),
            lambda: b"<name>z</name>" * count,
            lambda: b"<b%d/>" % count * count,
        )
    )()
    return content.replace(place, part + place, 1)


def bomb(chance: random.Random, content: bytes) -> bytes:
    """Declare entities that expand to a gigabyte, in front or in the middle, and use the last of them."""
    content = content.replace(b"</name>", b"&g;</name>", 2)
    return BOMB + content if chance.random() < 0.5 else insert(chance, content, BOMB)


def encode(chance: random.Random, content: bytes) -> bytes:
    text = content.decode("utf-8", errors="replace")
    return text.encode(chance.choice(("utf-16", "latin-1", "utf-32", "cp037", "utf-8-sig")), errors="replace")


def unsort(chance: random.Random, content: bytes) -> bytes:
    lines = content.split(b"\n")
    inner = lines[1:-2]
    chance.shuffle(inner)
    return b"\n".join([lines[0], *inner, *inner[:2], *lines[-2:]])


FAULTS: Sequence[Callable[[random.Random, bytes], bytes]] = (
    *(flip, flip, flip, cut_short, cut_out, cut_out, repeat, repeat, token, token, token, token),
    *(many_tokens, swap_tags, swap_tags, deep, huge, bomb, encode, unsort),
)
