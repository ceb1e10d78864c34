"""Synthetic MusicBrainz dumps are packed as published, the same each time, and change as they say."""

import hashlib
import json
import re
import subprocess
import sys
import tarfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

GENERATOR = Path(__file__).parents[2] / "bench" / "gen_musicbrainz_dump.py"
ENTITIES = ("artist", "label", "release-group", "release")
SIZE = {"artists": 300, "labels": 40, "release-groups": 50, "releases": 60, "relations": 900, "tracks": 1}
DISCOGS = {"discogs-artists": 200, "discogs-labels": 40, "discogs-masters": 50, "discogs-releases": 60}
CHANGES = {"churn": 0.03, "deleted": 0.02, "growth": 0.05, "relation-churn": 0.05, "link-churn": 0.05}
VERSIONS = ("20260107-001001", "20260110-001001", "20260114-001001")


def generate(out: Path, *flags: str, **options: Any) -> Path:
    given = {**SIZE, **DISCOGS, **CHANGES, "out": out, "jobs": 1, **options}
    arguments = [f"--{name.replace('_', '-')}={value}" for name, value in given.items()]
    subprocess.run([sys.executable, GENERATOR, *arguments, *flags], check=True, capture_output=True)
    return next(out.iterdir())


@pytest.fixture(scope="module")
def editions(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return [generate(tmp_path_factory.mktemp("plain"), "--plain", edition=edition) for edition in range(3)]


def lines(folder: Path, entity: str) -> dict[str, bytes]:
    """Return the lines of an edition by id."""
    found = (folder / f"{entity}.jsonl").read_bytes().split(b"\n")
    return {json.loads(line)["id"]: line for line in found}


def manifest(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "manifest.json").read_text()))


def read_printed(folder: Path, direction: str) -> Counter[tuple[str, ...]]:
    """Return the relations between artists as their sources, or as their targets, print them."""
    return Counter(
        (*((id_, relation["artist"]["id"])[:: 1 if direction == "forward" else -1]), *content(relation))
        for id_, line in lines(folder, "artist").items()
        for relation in json.loads(line)["relations"]
        if relation["target-type"] == "artist" and relation["direction"] == direction
    )


def content(relation: dict[str, Any]) -> tuple[str, ...]:
    keys = ("type", "begin", "end", "ended")
    return (*(str(relation[key]) for key in keys), *sorted(relation["attributes"]))


def test_archives_are_packed_as_published(tmp_path: Path, editions: list[Path]) -> None:
    folder = generate(tmp_path)

    assert {path.name for path in folder.iterdir()} == {
        *(f"{entity}.tar.xz" for entity in ENTITIES),
        *("SHA256SUMS", "manifest.json"),
    }
    for entity in ENTITIES:
        with tarfile.open(folder / f"{entity}.tar.xz") as archive:
            names = archive.getnames()
            content = archive.extractfile(f"mbdump/{entity}")
            assert content is not None
            assert content.read() == (editions[0] / f"{entity}.jsonl").read_bytes()
        assert names[:-1] == [
            *("TIMESTAMP", "JSON_DUMPS_SCHEMA_NUMBER", "REPLICATION_SEQUENCE", "SCHEMA_SEQUENCE", "COPYING", "README")
        ]
        sha256 = hashlib.sha256((folder / f"{entity}.tar.xz").read_bytes()).hexdigest()
        assert f"{sha256} *{entity}.tar.xz" in (folder / "SHA256SUMS").read_text().splitlines()


def test_a_dump_depends_on_its_seed_alone(tmp_path: Path, editions: list[Path]) -> None:
    again = generate(tmp_path / "again", "--plain", jobs=2, edition=1)
    other = generate(tmp_path / "other", "--plain", seed=2, edition=1)

    for entity in ENTITIES:
        assert lines(again, entity) == lines(editions[1], entity)
        assert not lines(other, entity).keys() & lines(editions[1], entity).keys()


def test_editions_are_named_by_wednesdays_and_saturdays(editions: list[Path]) -> None:
    assert tuple(folder.name for folder in editions) == VERSIONS


@pytest.mark.parametrize("edition", [1, 2])
def test_the_manifest_says_what_became_of_each_line(editions: list[Path], edition: int) -> None:
    for entity, file in manifest(editions[edition])["files"].items():
        before, after = lines(editions[edition - 1], entity), lines(editions[edition], entity)
        both = before.keys() & after.keys()

        assert file["lines"] == len(after)
        assert file["new"] == len(after.keys() - before.keys()) > 0
        assert file["changed"] == sum(before[id_] != after[id_] for id_ in both) > 0
        assert file["unchanged"] == len(both) - file["changed"] > 0
        assert set(file["vanished"]) == before.keys() - after.keys()


def test_both_ends_print_a_relation(editions: list[Path]) -> None:
    assert read_printed(editions[0], "forward") == read_printed(editions[0], "backward")
    assert read_printed(editions[0], "forward").total() == SIZE["relations"]


def test_some_relations_change_at_one_end_only(editions: list[Path]) -> None:
    sources, targets = (set(read_printed(editions[2], direction)) for direction in ("forward", "backward"))

    assert 0 < len(sources ^ targets) < 60
    assert set(read_printed(editions[1], "forward")) - sources
    assert sources - set(read_printed(editions[1], "forward"))


@pytest.mark.parametrize(
    ("entity", "key", "other"),
    [("label", "label", "label"), ("label", "artist", "artist"), ("release", "artist", "artist")],
)
def test_relations_to_other_entities_have_two_ends(editions: list[Path], entity: str, key: str, other: str) -> None:
    """The ends of one relation agree about everything."""

    def ends(of: str, to: str, direction: str) -> set[tuple[str, ...]]:
        return {
            (id_, relation[to]["id"], *content(relation))
            for id_, line in lines(editions[1], of).items()
            for relation in json.loads(line)["relations"]
            if relation["target-type"] == to and relation["direction"] == direction
        }

    backward = ends(entity, key, "backward")

    assert backward
    assert backward == {(target, own, *rest) for own, target, *rest in ends(other, entity, "forward")}


def test_links_name_pages_of_the_other_generator(editions: list[Path]) -> None:
    links = [
        relation["url"]["resource"]
        for line in lines(editions[2], "artist").values()
        for relation in json.loads(line)["relations"]
        if relation["type"] == "discogs"
    ]
    page = re.compile(r"https://www\.discogs\.com/artist/([0-9]+)")
    plain = [int(found[1]) for found in map(page.fullmatch, links) if found]
    # Number k of the other generator has the id k * 4 // 3 + 1: 1, 2, 3, 5, 6, 7, 9, …
    pages = {k * 4 // 3 + 1 for k in range(DISCOGS["discogs-artists"])}
    pages = pages - {194} | {900_000_194}

    assert len(set(plain) & pages) > 50
    assert all(each in pages or each == 0 or each > 10**10 for each in plain)
    assert set(plain) - pages
    assert max(Counter(plain).values()) > 1
    assert len(links) > len(plain) > len(links) / 2


def test_a_share_of_lines_is_broken_on_demand(tmp_path: Path) -> None:
    folder = generate(tmp_path, "--plain", broken=0.2)

    faults = [line for line in (folder / "artist.jsonl").read_bytes().split(b"\n") if not is_whole(line)]
    counted = manifest(folder)["files"]["artist"]
    assert len(faults) == sum(count for key, count in counted.items() if key.startswith("broken: ")) > 30


def is_whole(line: bytes) -> bool:
    try:
        record = json.loads(line)
        return bool(len(record["id"]) == 36 and record["name"] and isinstance(record["life-span"], dict))
    except (ValueError, TypeError, KeyError):
        return False


def test_one_line_is_as_long_as_one_asks(tmp_path: Path) -> None:
    folder = generate(tmp_path, "--plain", giant_megabytes=2)

    sizes = sorted(map(len, lines(folder, "artist").values()))
    assert sizes[-2] < 1 << 20
    assert 2 << 20 <= sizes[-1] < 3 << 20
