"""What MusicBrainz says of the catalogue made by hand.

Of its artists, five have pages in the catalogue, one has a page that is in no dump, one has none. Of its labels one of
two, of its releases two of three.
"""

from __future__ import annotations

from tests.api.catalogue import HARBOUR, JONAS, MIRA, NAMELESS, OTHER_MIRA, PIER
from tests.records import entity, link, relation

AWAY = 99_999


def mbid(kind: str, number: int) -> str:
    """Return an MBID that says what it is of."""
    return f"{kind * 8}-0000-4000-8000-{number:012}"


def artist(number: int) -> str:
    return mbid("a", number)


def dump() -> dict[str, list[str]]:
    """Return the lines of each type."""
    return {
        "artists": [
            entity(
                artist(HARBOUR),
                "The Harbour Lights",
                page=f"artist/{HARBOUR}",
                type="Group",
                disambiguation="dub group",
                area={"name": "Norway"},
                **{"life-span": {"begin": "1979", "end": None, "ended": False}, "begin-area": {"name": "Bergen"}},
                relations=[
                    link("wikidata", "https://www.wikidata.org/wiki/Q1"),
                    link("official homepage", "https://harbour.example/b"),
                    link("official homepage", "https://harbour.example/a"),
                    link("official homepage", "https://harbour.example/B"),
                ],
            ),
            entity(
                artist(MIRA),
                "Mira Holt",
                page=f"artist/{MIRA}",
                type="Person",
                gender="Female",
                **{"life-span": {"begin": "1957-09-22", "end": "2019", "ended": True}},
                relations=[
                    relation(
                        "member of band", artist(HARBOUR), begin="1979", end="1981", ended=True, attributes=["guitar"]
                    ),
                    relation("teacher", artist(JONAS), begin="1975-09"),
                    relation("teacher", artist(OTHER_MIRA)),
                    relation("performer", mbid("e", 1), "recording"),
                ],
            ),
            entity(
                artist(JONAS),
                "Jonas Ek",
                page=f"artist/{JONAS}",
                relations=[
                    relation("collaboration", artist(MIRA)),
                    relation("supporting musician", artist(HARBOUR)),
                ],
            ),
            entity(artist(OTHER_MIRA), "Mira Holt", page=f"artist/{OTHER_MIRA}"),
            entity(
                artist(NAMELESS),
                "?",
                page=f"artist/{NAMELESS}",
                relations=[relation("tribute", artist(HARBOUR), attributes=["b", "a"])],
            ),
            entity(
                artist(AWAY),
                "Elsewhere",
                page=f"artist/{AWAY}",
                relations=[
                    link("wikidata", "https://www.wikidata.org/wiki/Q2"),
                    relation("member of band", artist(HARBOUR)),
                ],
            ),
            entity(artist(7), "Unlinked", relations=[relation("founder", artist(HARBOUR))]),
        ],
        "labels": [entity(mbid("b", 1), "Pier Dub", page=f"label/{PIER}"), entity(mbid("b", 2), "Unlinked")],
        "releases": [
            entity(mbid("d", 1), "Ebb and Flow", page="release/100"),
            entity(mbid("d", 2), "Ebb and Flow", page="release/101"),
            entity(mbid("d", 3), "Elsewhere", page="release/99999"),
        ],
    }
