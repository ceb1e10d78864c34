"""A small catalogue made by hand, so that every right answer can be worked out from this page.

Artists 2 and 10 have the same name, artist 20 and label 60 have none. Various (194) is on two releases. Labels 50 and
51 have five releases each, all others fewer. Release 101 credits both artists of one name with one role. Artists from
40 on share their releases, which are apart from the others but for artist 20: 42 and 44 have one name, 20 and 45 have
none, labels 70 and 71 have one name, 47 has no genre.
"""

from __future__ import annotations

from dataclasses import dataclass
from xml.sax.saxutils import escape

from tests import records

HARBOUR, MIRA, JONAS, HOLTWARE, OTHER_MIRA, NAMELESS, VARIOUS = 1, 2, 3, 4, 10, 20, 194
PIER, KELP, SLUICE, LONE, UNNAMED = 50, 51, 52, 53, 60
ADA, BO, CLEO, DOV, OTHER_CLEO, OTHER_NAMELESS, ELA, GUS = 40, 41, 42, 43, 44, 45, 46, 47
QUELL, OTHER_QUELL = 70, 71
FUNK, FOLK = "Funk / Soul", "Folk, World, & Country"


@dataclass(frozen=True)
class Edition:
    """A release as the tables of the tests have it."""

    id: int
    title: str
    year: int | None
    artists: tuple[int, ...]
    labels: tuple[int, ...]
    genres: tuple[str, ...]
    styles: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    master: int = 0


ARTISTS = {
    HARBOUR: "The Harbour Lights",
    MIRA: "Mira Holt",
    JONAS: "Jonas Ek",
    HOLTWARE: "Holtware",
    OTHER_MIRA: "Mira Holt",
    NAMELESS: "",
    VARIOUS: "Various",
    30: "Hip-Hop Children's Choir",
    31: "坂本龍一",
    32: "AC/DC (12.5)",
    33: "Café Zoë",
    ADA: "Ada Quell",
    BO: "Bo Tarn",
    CLEO: "Cleo Marsh",
    DOV: "Dov Iris",
    OTHER_CLEO: "Cleo Marsh",
    OTHER_NAMELESS: "",
    ELA: "Ela Fenn",
    GUS: "Gus Orr",
}
LABELS = {
    PIER: "Pier Dub",
    KELP: "Kelp Editions",
    SLUICE: "Sluice",
    LONE: "Lone Star",
    UNNAMED: "",
    QUELL: "Quell",
    OTHER_QUELL: "Quell",
}
RELEASES = [
    Edition(
        100, "Ebb and Flow", 1981, (HARBOUR,), (PIER,), ("Electronic",), ("Dub", "Ambient"), ("Vinyl", "Vinyl"), 500
    ),
    Edition(101, "Ebb and Flow", 1983, (HARBOUR,), (PIER, KELP), ("Electronic",), ("Dub",), ("CD",), 500),
    Edition(102, "Breakwater", 1981, (MIRA, JONAS), (PIER,), ("Electronic", "Rock"), ("Dub",), ("Vinyl",)),
    Edition(103, "Mooring", 1995, (MIRA,), (PIER,), ("Rock",), ("Post-Punk",), ("CD", "Vinyl")),
    Edition(104, "Undated Tides", None, (OTHER_MIRA,), (PIER,), ("Rock",), ("Post-Punk",)),
    Edition(105, "Kelp Forest", 1999, (JONAS,), (KELP,), ("Electronic",), ("Dub", "Ambient"), ("File",)),
    Edition(106, "Kelp Garden", 2001, (JONAS,), (KELP,), ("Electronic",), ("Dub",), ("File",)),
    Edition(107, "Kelp Roots", 2001, (VARIOUS,), (KELP,), ("Electronic", FUNK), ("Ambient",), ("File",)),
    Edition(108, "Rock the Boat", 2003, (VARIOUS, MIRA), (KELP,), (FUNK,), ("Disco",)),
    Edition(109, "Sea Shanties", 1972, (NAMELESS,), (SLUICE,), (FOLK,), ("Sea Shanties",), ("Vinyl",)),
    Edition(110, "Children of the Rocks", 1972, (NAMELESS, OTHER_MIRA), (UNNAMED,), (FOLK, "Rock"), ()),
    Edition(111, "Alone", 2010, (), (LONE,), (), ()),
    Edition(200, "Night Train One", 1990, (ADA, BO), (QUELL,), ("Jazz",), ("Bop",)),
    Edition(201, "Night Train Two", 1991, (ADA, BO), (QUELL, OTHER_QUELL), ("Jazz",), ("Bop",)),
    Edition(202, "Night Train Three", 1991, (ADA, BO, CLEO), (OTHER_QUELL,), ("Jazz",), ("Bop", "Fusion")),
    Edition(203, "Undated Night", None, (ADA, CLEO, OTHER_CLEO), (QUELL,), ("Jazz",)),
    Edition(204, "Solo", 1995, (ADA,), (QUELL,), ("Jazz",), ("Bop",)),
    Edition(205, "Second Band", 1996, (BO, DOV), (OTHER_QUELL,), ("Jazz",), ("Bop",)),
    Edition(206, "Marsh Songs", 1997, (CLEO, DOV), (QUELL,), ("Jazz", "Blues"), ("Fusion",)),
    Edition(207, "Iris", 1998, (DOV,), (UNNAMED,), ("Jazz",), ("Fusion",)),
    Edition(208, "Nobody Knows", 1999, (DOV, NAMELESS, OTHER_NAMELESS), (QUELL,), ("Jazz",)),
    Edition(209, "Fenn", 2000, (ELA,), (UNNAMED,), ("Blues",)),
    Edition(210, "Fenn and Quell", 2001, (ELA, ADA), (QUELL,), ("Blues",)),
    Edition(211, "Fenn in Jazz", 2002, (ELA,), (QUELL,), ("Jazz",), ("Bop",)),
    Edition(212, "No Kind", 2002, (GUS, ADA), (QUELL,), ()),
]
# Release → (name, role, artist id or 0) of its credits.
CREDITS = {
    100: (
        ("Jonas Ek", "Producer", JONAS),
        ("Jonas Ek", "Mixed By", JONAS),
        ("Mira Holt", "Vocals", MIRA),
        ("Lena Öst", "Mastered By", 0),
        ("AC/DC (12.5)", "Artwork", 32),
    ),
    101: (("Jonas Ek", "Producer", JONAS), ("Mira Holt", "Vocals", MIRA), ("Mira Holt", "Vocals", OTHER_MIRA)),
    102: (("Jonas Ek", "Guitar", JONAS), ("Lena Öst", "Mastered By", 0)),
    104: (("Jonas Ek", "Producer", JONAS), ("C++", "Programmed By", 0)),
    105: (("Lena Öst", "Lacquer Cut By", 0), ("Lena Öst", "A&R", 999)),
    109: (("Lena Öst", "Artwork By", 0),),
    110: (("Lena Öst", "Conductor", 0),),
    111: (("Lena Öst", "Conductor", 0),),
}
# Release → its identifiers: (type, value).
IDENTIFIERS = {
    100: (("Barcode", "5 021603 054066"), ("Matrix / Runout", "PIER-1-A"), ("Label Code", "LC 02070")),
    101: (("Barcode", "5021603054066"), ("Barcode", "0 36000 29145 2")),
    102: (("Barcode", "0036000291452"), ("Barcode", "none"), ("Barcode", "")),
    103: (("Barcode", "4006-3813"), ("Other", "73513537")),
    104: (("barcode", "73513537"), ("Barcode", "73513537 or 4006381333931"), ("Barcode", "9" * 40)),
    105: (("Barcode", "٧٣٥١٣٥٣٧"), ("Barcode", "73513537<&"), ("Matrix / Runout", "4006381333931")),
}
# What else the dump says of one release.
WHOLE = """
<country>Iceland</country><notes>Cut at Pier. &lt;b&gt;Loud&lt;/b&gt;</notes><data_quality>Correct</data_quality>
<status>Accepted</status>
<series><series name="Tides" catno="4" id="900"/></series>
<tracklist>
<track><position>A</position><title>Suite</title><duration>9:10</duration>
<artists><artist><id>2</id><name>Mira Holt</name><anv>M. Holt</anv><join>&amp;</join></artist></artists>
<sub_tracks><track><position>A1</position><title>Rain</title><duration>4:00</duration></track>
<track><position>A2</position><title/><duration/>
<extraartists><artist><id>3</id><name>Jonas Ek</name><role>Piano</role></artist></extraartists></track>
</sub_tracks></track>
<track><position/><title>Side B</title></track>
</tracklist>
<identifiers><identifier type="Matrix / Runout" description="Side A" value="ALONE-A"/></identifiers>
<companies><company><id>50</id><name>Pier Dub</name><catno/><entity_type>23</entity_type>
<entity_type_name>Recorded At</entity_type_name><resource_url>https://api.discogs.com/labels/50</resource_url></company>
</companies>
<videos><video duration="61" embed="true" src="https://example.org/v"><title>Alone</title><description>Live</description>
</video></videos>
"""
MASTERS = {500: ("Ebb and Flow", 1981, (HARBOUR,), ("Electronic",), ("Dub",))}


def dump() -> dict[str, list[str]]:
    """Return the catalogue as the records of a dump."""
    return {
        "artists": [
            records.artist(HARBOUR, ARTISTS[HARBOUR], members=[MIRA, JONAS]),
            records.artist(MIRA, ARTISTS[MIRA], aliases=[HOLTWARE], groups=[HARBOUR]),
            records.artist(JONAS, ARTISTS[JONAS]),
            records.artist(HOLTWARE, ARTISTS[HOLTWARE]),
            *(records.artist(id_, name) for id_, name in ARTISTS.items() if id_ > HOLTWARE),
        ],
        "labels": [records.label(id_, name) for id_, name in LABELS.items()],
        "masters": [
            records.master(id_, title, year=year, artists=artists, genres=genres, styles=styles)
            for id_, (title, year, artists, genres, styles) in MASTERS.items()
        ],
        "releases": [
            records.release(
                each.id,
                each.title,
                artists=each.artists,
                labels=each.labels,
                master_id=each.master,
                genres=each.genres,
                styles=each.styles,
                credits=CREDITS.get(each.id, ()),
                released=str(each.year or ""),
                more=formats(each.formats) + identifiers(each.id) + (WHOLE if each.id == 111 else ""),
            )
            for each in RELEASES
        ],
    }


def formats(names: tuple[str, ...]) -> str:
    entries = "".join(f'<format name="{name}" qty="1" text=""/>' for name in names)
    return f"<formats>{entries}</formats>" if names else ""


def identifiers(release_id: int) -> str:
    entries = (f'<identifier type="{kind}" value="{escape(text)}"/>' for kind, text in IDENTIFIERS.get(release_id, ()))
    return f"<identifiers>{''.join(entries)}</identifiers>"
