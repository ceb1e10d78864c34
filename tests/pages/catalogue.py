"""What the pages are shown with: a part of the product's sample, and a few records made by hand with what it lacks.

Names in all scripts, a name of 2,000 characters, HTML in a name, two artists of one name, an entity without a release,
and what MusicBrainz says.
"""

from __future__ import annotations

import gzip
import re
from pathlib import Path

from tests import records
from tests.records import entity, link, relation

SAMPLE = Path(__file__).parents[2] / "sample"
# Compilations bring a hundred artists each.
LONG_RECORD = 5_000
TYPES = ("artists", "labels", "masters", "releases")

AUTECHRE, APHEX_TWIN, R_AND_S, WARP = "41", "45", "245", "23528"
ANTI_EP = "157"

WORLD, TWIN, OTHER_TWIN, LONELY, LONG, HOSTILE, SINGLE = range(90_000_001, 90_000_008)
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


def dump() -> dict[str, list[str]]:
    """Return the records of each type, ids ascending."""
    own = {
        "artists": [
            *(records.artist(id_, name) for id_, name in NAMES.items()),
            records.artist(LONG_LIVED, "The Long Lived"),
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
            records.release(90_002_002, "Undated", artists=[SINGLE], labels=[90_000_102]),
            *(
                records.release(90_003_000 + year, f"Year {year}", artists=[LONG_LIVED], released=str(year))
                for year in YEARS
            ),
        ],
    }
    found = excerpt()
    return {type_: [*found[type_], *own[type_]] for type_ in TYPES}


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
    }
