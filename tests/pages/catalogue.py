"""What the pages are shown with: a part of the product's sample, and a few records made by hand with what it lacks.

Names in all scripts, a name of 2,000 characters, HTML in a name, two artists of one name, an entity without a release,
and what MusicBrainz says.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from tests import records
from tests.records import entity, link, relation

SAMPLE = Path(__file__).parents[2] / "sample"
# Compilations bring a hundred artists each.
LONG_RECORD = 5_000
TYPES = ("artists", "labels", "masters", "releases")

AUTECHRE, APHEX_TWIN, R_AND_S, WARP = "41", "45", "245", "23528"
ANTI_EP, ANTI_MASTER = "157", "1315"
PERSON = "Rob Brown (3)"

WORLD, TWIN, OTHER_TWIN, LONELY, LONG, HOSTILE, SINGLE = range(90_000_001, 90_000_008)
FIRST_PRESSING: dict[str, Any] = {"primary-type": "EP", "first-release-date": "1994-09-05"}
NAMES = {
    WORLD: "Камыши и тростник",
    TWIN: "Nora Vale",
    OTHER_TWIN: "Nora Vale",
    LONELY: "Nobody's Neighbour",
    LONG: "L" * 2000,
    HOSTILE: "<script>document.title='x'</script><img src=x onerror=\"document.title='x'\">",
    SINGLE: "Edda Single",
}
LABELS = {
    90_000_101: "فيروز و الرحابنة",
    90_000_102: "建設的",
    90_000_103: "영화에서처럼",
    90_000_104: "Ρεμπέτικα",
    90_000_105: "חלונות גבוהים",
    90_000_106: "🎛️ Knobs & Faders 🎹",
    90_000_107: "",
}
TITLES = ("Ночной поезд", "قمر", "東京の夜", "비 오는 날", "Σαββατόβραδο", "לילה", "🌊🌊🌊", "", "W" * 2000)
LONG_LIVED, YEARS = 90_000_301, range(1920, 2021)
# Two artists whom one drummer connects, and nothing else does.
TOR, SIDE_ROOM, RUNA, TRIO = range(90_000_302, 90_000_306)

# A release with everything that a record can say, which the sample lacks in part.
SLEEVE, UNTITLED, LONG_TITLE = 90_004_000, 90_001_007, 90_001_008
BARCODE = "7 24382 85992 5"
UNBROKEN = "9" * 80
NOTES = """Recorded by [a41] for [l23528], after [r157] and [m1315]; not [a89999999].

[b]Thanks[/b] to [a=Autechre], see [url=https://example.org/?a=1&b=2]the site[/url].
<script>document.title='x'</script>"""
PROFILE = """<realname>Eleonora Vale</realname><profile>Plays on [r157] for [l=Warp].</profile>
<urls><url>https://example.org/nora</url><url>javascript:alert(1)</url></urls>
<namevariations><name>N. Vale</name></namevariations>"""
EVERYTHING = f"""
<country>UK</country><notes>{escape(NOTES)}</notes>
<formats><format name="Vinyl" qty="2" text="Gatefold"><descriptions><description>LP</description></descriptions>
</format></formats>
<series><series name="Black Dots" catno="3" id="90000102"/></series>
<labels><label name="{UNBROKEN}" catno="{UNBROKEN}"/></labels>
<tracklist>
<track><position></position><title>The first record</title><duration></duration></track>
<track><position>A1</position><title>Opening {UNBROKEN}</title><duration>3:05</duration></track>
<track><position>B1</position><title>&lt;i&gt;Suite&lt;/i&gt;</title><duration>10:00</duration><sub_tracks>
<track><position>B1a</position><title>Ночь</title><duration>4:00</duration></track>
<track><position>B1b</position><title>ليل</title><duration>6:00</duration></track>
</sub_tracks></track>
<track><position>C</position><title></title><duration></duration><artists><artist><id>41</id><name>Autechre</name>
<join>Feat.</join></artist><artist><id>90000002</id><name>Nora Vale (2)</name><anv>N. Vale</anv></artist></artists>
<extraartists><artist><id>90000002</id><name>Nora Vale (2)</name><role>Harp [Small]</role></artist></extraartists>
</track>
</tracklist>
<identifiers><identifier type="Barcode" value="{BARCODE}"/>
{"".join(f'<identifier type="Matrix / Runout" description="Side {each}" value="NV-{each}"/>' for each in "ABCDE")}
</identifiers>
<companies><company><id>23528</id><name>Warp Records</name><entity_type_name>Pressed By</entity_type_name></company>
<company><id>89999999</id><name>Nowhere Plant</name><entity_type_name>Pressed By</entity_type_name></company>
</companies>
"""


def dump() -> dict[str, list[str]]:
    """Return the records of each type, ids ascending."""
    own = {
        "artists": [
            *(
                records.artist(
                    id_, name, more=PROFILE if id_ == TWIN else "", groups=[LONG_LIVED] if id_ == TWIN else []
                )
                for id_, name in NAMES.items()
            ),
            records.artist(LONG_LIVED, "The Long Lived", members=[TWIN, 89_999_999]),
            records.artist(TOR, "Tor Enn"),
            records.artist(SIDE_ROOM, "The Side Room"),
            records.artist(RUNA, "Runa Falk"),
            records.artist(TRIO, "The Now", members=[RUNA]),
        ],
        "labels": [records.label(id_, name) for id_, name in LABELS.items()],
        "masters": [],
        "releases": [
            *(
                records.release(
                    90_001_000 + at,
                    title,
                    artists=[WORLD, HOSTILE, LONG],
                    labels=[list(LABELS)[at % len(LABELS)]],
                    genres=["Folk, World, & Country"],
                    styles=["Dub"],
                    released=str(1980 + at * 3),
                )
                for at, title in enumerate(TITLES)
            ),
            records.release(90_002_000, "First of the two", artists=[TWIN], labels=[90_000_102], released="1999"),
            records.release(
                90_002_001, "Second of the two", artists=[OTHER_TWIN], labels=[90_000_102], released="2003"
            ),
            records.release(
                SLEEVE,
                "The Whole Sleeve",
                artists=[TWIN],
                labels=[90_000_102],
                genres=["Jazz"],
                styles=["Dub"],
                released="1994-05-00",
                credits=[
                    ("Nora Vale (2)", "Producer", TWIN),
                    ("Karl Vogt", "Design", ""),
                    ("Karl Vogt", "Mixed By", ""),
                ],
                more=EVERYTHING,
            ),
            records.release(90_002_002, "Undated", artists=[SINGLE], labels=[90_000_102]),
            *(
                records.release(90_003_000 + year, f"Year {year}", artists=[LONG_LIVED], released=str(year))
                for year in YEARS
            ),
            records.release(
                90_006_000,
                "Unsigned",
                artists=[],
                credits=[(NAMES[id_], "Producer", "") for id_ in (WORLD, HOSTILE, LONG)],
                released="1991",
            ),
            records.release(90_007_000, "Alone", artists=[TOR], credits=[("R. Falk", "Drums", RUNA)], released="1988"),
            records.release(
                90_007_001,
                "Beside",
                artists=[SIDE_ROOM],
                credits=[("R. Falk", "Mixed By [All], Drums", RUNA)],
                released="1990",
            ),
        ],
    }
    found = excerpt()
    return {type_: [*found[type_], *own[type_]] for type_ in TYPES}


@contextmanager
def rarity() -> Iterator[None]:
    """Say how rare a release is, as the insights do, until the block ends."""
    from apps.insights.models import ReleaseRarity  # noqa: PLC0415 - only when the servers run

    row = ReleaseRarity.objects.create(
        release_id=SLEEVE, rarity_score=81.5, tier="ultra-rare", pressing_scarcity=90, temporal_scarcity=60
    )
    try:
        yield
    finally:
        row.delete()


def excerpt() -> dict[str, list[str]]:
    """Return the sample's releases of Autechre and every fourth one of R & S, and what these refer to."""
    releases = [
        record
        for at, record in enumerate(sample("releases"))
        if re.match(rf"<release [^>]*><artists><artist><id>{AUTECHRE}</id>", record)
        or (f'id="{R_AND_S}"' in record and not at % 4 and len(record) < LONG_RECORD)
    ]
    text = "".join(releases)
    wanted = {
        "artists": set(re.findall(r"<artist><id>([0-9]+)</id>", text)),
        "labels": set(re.findall(r'<label [^>]*id="([0-9]+)"', text)),
        "masters": set(re.findall(r"<master_id [^>]*>([0-9]+)<", text)),
    }
    return {
        **{type_: [record for record in sample(type_) if id_of(record) in ids] for type_, ids in wanted.items()},
        "releases": releases,
    }


def sample(type_: str) -> list[str]:
    """Return the records of a type in the sample: one stands in each line between the root's tags."""
    (path,) = SAMPLE.glob(f"*_{type_}.xml.gz")
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as lines:
        return [line for line in lines.read().split("\n") if line and not line.startswith((f"<{type_}", f"</{type_}"))]


def id_of(record: str) -> str:
    found = re.match(r'<[a-z]+(?: id="([0-9]+)"|[^>]*><id>([0-9]+)</id>)', record)
    return (found[1] or found[2]) if found else ""


def edition() -> dict[str, list[str]]:
    """Return the lines of MusicBrainz."""
    mbid = "aaaaaaaa-0000-4000-8000-{:012}".format
    return {
        "artists": [
            entity(
                mbid(1),
                "Autechre",
                page=f"artist/{AUTECHRE}",
                type="Group",
                disambiguation="British electronic duo",
                area={"name": "United Kingdom"},
                **{"life-span": {"begin": "1987", "end": None, "ended": False}, "begin-area": {"name": "Rochdale"}},
                relations=[
                    link("wikidata", "https://www.wikidata.org/wiki/Q483379"),
                    relation("collaboration", mbid(2), begin="2001", end="2003", ended=True),
                ],
            ),
            entity(mbid(2), "Aphex Twin", page=f"artist/{APHEX_TWIN}", type="Person"),
        ],
        "labels": [
            entity(
                mbid(3),
                "Warp",
                page=f"label/{WARP}",
                type="Original Production",
                relations=[link("wikidata", "https://www.wikidata.org/wiki/Q1312934")],
                **{"label-code": 2070, "life-span": {"begin": "1989", "end": None, "ended": False}},
            ),
        ],
        "release-groups": [
            entity(
                mbid(4),
                "Anti EP",
                page=f"master/{ANTI_MASTER}",
                **FIRST_PRESSING,
            ),
        ],
        "releases": [
            entity(
                mbid(5),
                "The Whole Sleeve",
                page=f"release/{SLEEVE}",
                barcode="724382859925",
                status="Official",
                relations=[link("discogs", "https://www.discogs.com/"), link("allmusic", "https://www.allmusic.com/x")],
                **{"release-group": {"id": mbid(4)}},
            ),
        ],
    }
