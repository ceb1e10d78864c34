"""docs/security.md names every requirement of its chapters once, and only tests that exist."""

import ast
import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOCUMENT = (ROOT / "docs" / "security.md").read_text()
ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| (.+?) \|(.*)\|$", re.MULTILINE)
TEST = re.compile(r"`([\w/]+\.py)`::(\w+)")
# Section of ASVS 4.0.3 → how many requirements it has, and those of them that are of level 3 or were withdrawn.
SECTIONS = {
    "2.1": (12, ()),
    "2.2": (7, (4, 5, 6, 7)),
    "2.3": (3, ()),
    "2.4": (5, ()),
    "2.5": (7, ()),
    "2.6": (3, ()),
    "2.7": (6, ()),
    "2.8": (7, ()),
    "2.9": (3, ()),
    "2.10": (4, ()),
    "3.1": (1, ()),
    "3.2": (4, ()),
    "3.3": (4, ()),
    "3.4": (5, ()),
    "3.5": (3, ()),
    "3.7": (1, ()),
    "4.1": (5, (4,)),
    "4.2": (2, ()),
    "4.3": (3, ()),
    "6.1": (3, ()),
    "6.2": (8, (7, 8)),
    "6.3": (3, (3,)),
    "6.4": (2, ()),
    "7.1": (4, ()),
    "7.2": (2, ()),
    "7.3": (4, (2,)),
    "7.4": (3, ()),
    "8.1": (6, (5, 6)),
    "8.2": (3, ()),
    "8.3": (8, ()),
    "13.1": (5, (2,)),
    "13.2": (6, (4,)),
    "13.3": (2, ()),
    "13.4": (2, ()),
}
NUMBERS = [
    f"{section}.{number}"
    for section, (count, others) in SECTIONS.items()
    for number in range(1, count + 1)
    if number not in others
]


def test_every_requirement_of_levels_1_and_2_is_answered_once_and_in_order():
    assert len(NUMBERS) == 133
    assert [number for number, _, _ in ROW.findall(DOCUMENT)] == NUMBERS


def test_every_requirement_is_met_by_a_test_or_says_why_not():
    without = [
        number
        for number, how, shown in ROW.findall(DOCUMENT)
        if not TEST.search(shown) and not re.match(r"Not (applicable|met|tested), because", how)
    ]

    assert without == []


def test_every_test_that_is_named_exists():
    named = set(TEST.findall(DOCUMENT))
    defined = {
        (path, each.name)
        for path in {path for path, _ in named}
        for each in ast.walk(ast.parse((ROOT / "tests" / path).read_text()))
        if isinstance(each, ast.FunctionDef)
    }

    assert len(named) > 50
    assert named - defined == set()


def test_what_is_not_met_is_summed_up():
    counted = Counter(
        match[1] for _, how, _ in ROW.findall(DOCUMENT) if (match := re.match(r"Not (\w+), because", how))
    )
    met, others = len(NUMBERS) - sum(counted.values()), [counted[name] for name in ("applicable", "tested", "met")]

    words = "{} are met, {} do not apply, {} no test shows, {} are not met".format(met, *others)
    assert words in " ".join(DOCUMENT.split())
