"""Dump files that are broken in many ways: no crash, no hang, bounded memory, and nothing lost unnoticed."""

import gzip
import json
import os
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.acceptance.broken_files import BOMB, DEPTH
from tests.acceptance.brokers import ValkeyBroker
from tests.acceptance.conftest import Build, open_installation
from tests.acceptance.workers import PROJECT

FILES = 400
MANY_FILES = 10_000
# Files that one process goes through.
AT_ONCE = 1000
FUZZ = """
import sys, django
django.setup()
from tests.acceptance.fuzzing import main
main(*map(int, sys.argv[1:]))
"""
GOOD = b"<artist><id>%d</id><name>Good</name></artist>"
FILE = "discogs_20260101_artists.xml.gz"


def outcomes(first: int, count: int) -> list[str]:
    """Take files through splitting and extraction in a process of their own; return what became of each."""
    done = subprocess.run(
        [sys.executable, "-c", FUZZ, str(first), str(count)],
        cwd=PROJECT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    found = {line["number"]: line["outcome"] for line in map(json.loads, done.stdout.splitlines())}
    assert done.returncode == 0, f"file {first + len(found)}: exit code {done.returncode}\n{done.stderr[-3000:]}"
    wrong = {number: outcome for number, outcome in found.items() if outcome.startswith("wrong")}
    assert not wrong
    assert len(found) == count
    return [outcome.partition(":")[0] for outcome in found.values()]


def test_some_hundred_broken_files() -> None:
    counts = Counter(outcomes(0, FILES))

    # A fuzzer whose files are all refused, or none, tells nothing.
    assert set(counts) == {"complete", "refused"}
    assert min(counts.values()) > FILES / 20


@pytest.mark.slow
@pytest.mark.parametrize("first", range(FILES, FILES + MANY_FILES, AT_ONCE))
def test_ten_thousand_broken_files(first: int) -> None:
    outcomes(first, AT_ONCE)


def nest(levels: int, tag: bytes) -> bytes:
    return b"<%s>" % tag * levels + b"x" + b"</%s>" % tag * levels


def words(count: int) -> bytes:
    """Return text of many words, none of them twice: more than a full-text index takes."""
    chance = random.Random(1)
    return b" ".join(chance.randbytes(6).hex().encode() for _ in range(count))


# Name of an artist → whether it can be loaded.
MEAN = {
    "nested deeply": (nest(DEPTH, b"a"), False),
    "nested deeply and never closed": (b"<a>" * DEPTH, False),
    "nested as deep as Python can": (nest(900, b"a"), False),
    "an entity bomb": (BOMB + b"&g;", False),
    "a hundred thousand openings of CDATA": (b"<![CDATA[" * 100_000, False),
    "a hundred thousand comments": (b"<!---->" * 100_000 + b"Comments", True),
    "a hundred thousand attributes": (b"<a %s/>" % b" ".join(b'a%d="1"' % each for each in range(100_000)), True),
    "four million characters": (b"long" * 1_000_000, True),
    "a million characters of words": (words(100_000), True),
    "control characters": (b"\0\x01&#0;&#1;&#xD800;\xed\xa0\x80Odd", True),
}


def test_the_meanest_records_in_real_workers_leave_the_others_alone(
    build: Build, tmp_path: Path, valkey: ValkeyBroker
) -> None:
    mean = [b"<artist><id>%d</id><name>%s</name></artist>" % (2 * n, MEAN[kind][0]) for n, kind in enumerate(MEAN, 1)]
    records = [record for n, bad in enumerate(mean, 1) for record in (GOOD % (2 * n - 1), bad)]
    (tmp_path / FILE).write_bytes(gzip.compress(b"<artists>%s</artists>" % b"\n".join(records), 1))
    with open_installation(build, tmp_path / "installation", valkey, INGEST_CHUNK_BYTES="1000000") as installation:
        done = installation.manage("extract", "discogs", "--from", str(tmp_path), "--types", "artists", "--json")

        assert done.code == 0, f"{done.stderr}\n{installation.report()}"
        counts = done.result["types"]["artists"]
        loaded = {data_id for (data_id,) in installation.ask("SELECT data_id FROM artists")}
        sound = {2 * n for n, kind in enumerate(MEAN, 1) if MEAN[kind][1]}
        assert loaded == {2 * n - 1 for n in range(1, len(MEAN) + 1)} | sound, installation.report()
        assert counts["records"] == 2 * len(MEAN)
        assert counts["records"] == counts["new"] + counts["dropped"]
        assert installation.value("SELECT max(attempts) FROM ingest_chunk") == 0
        assert installation.cypher("MATCH (artist:Artist) RETURN count(artist)") == [[len(loaded)]]
