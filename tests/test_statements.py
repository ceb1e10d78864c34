"""``tests/statements.md`` names tests that exist, and no statement without saying which."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROWS = [
    [cell.strip() for cell in line.strip("|\n").split("|")]
    for line in (ROOT / "tests" / "statements.md").read_text().splitlines()
    if line.startswith("| ") and not line.startswith(("| No. ", "| Defect "))
]
STATEMENTS = range(1, 109)
NAMED = sorted({name for *_, tests in ROWS for name in re.findall(r"`([\w/]+\.py::\w+)`", tests)})


@cache
def functions_of(path):
    found = ast.walk(ast.parse((ROOT / "tests" / path).read_text()))
    return {node.name for node in found if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


def test_every_statement_has_a_row():
    assert [int(number) for number, *_ in ROWS if number.isdigit()] == list(STATEMENTS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_every_row_has_a_test_or_says_why_not(row):
    assert row[-1].startswith(("`", "not here: ", "overruled "))


@pytest.mark.parametrize("name", NAMED)
def test_every_test_that_is_named_exists(name):
    path, _, test = name.partition("::")

    assert test in functions_of(path)
