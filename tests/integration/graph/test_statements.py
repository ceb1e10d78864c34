"""Every statement of the project, explained by the server: how it finds its nodes, and whether it holds rows back."""

import importlib
import pkgutil

import pytest

from apps.graph import cypher, readers, schema
from apps.graph.cypher import links, nodes

RECORD = {
    **dict.fromkeys(("id", "name", "title", "catalog_number", "sha256"), "1"),
    **{key: ["1"] for key in ("artists", "labels", "masters", "genres", "styles", "formats")},
    "credits": [["1", "1", "1", None]],
    "year": 1981,
    "rev": 1,
}
# What a statement does with a row → a row.
ROWS = {"row.": RECORD, "row[1][": ["1", [1, 1, 1, 1, 1]], "row[": ["1", "1", "1", "1", None], "": "1"}
# These look at all nodes of a label, or at any node, because that is what they are for.
SCANS = {
    "clearing.CLEAR_RELEASES",
    "clearing.CLEAR_SHARED",
    "genres.READ_SIZES",
    "genres.READ_STYLES_OF_GENRES",
    "maintenance.DROP_UNUSED_GENRES",
    "maintenance.DROP_UNUSED_STYLES",
    "maintenance.LINK_PEOPLE",
    "maintenance.READ_GENRES",
    "maintenance.READ_PART_OF",
    "maintenance.READ_STYLES",
    "schema.ANY_NODE",
}
# Parts that statements of their module share; they are none themselves.
PARTS = {"discovering.BY_RELATED", "discovering.END", "discovering.RELATED", "discovering.RELATED_OF_RELATED"}
# Between looking whether a node is linked and saying that it is now, the server holds back the rows of a transaction.
HOLDING = {"links.LINK_NEW_ARTISTS", "links.LINK_NEW_LABELS", "links.LINK_NEW_MASTERS"}
LOADING = [
    *(f"nodes.{name}" for name in vars(nodes) if name.isupper()),
    *(f"links.{name}" for name in vars(links) if name.startswith("LINK_NEW_")),
]


def statements():
    """Collect the statements, by module and name; those that make constraints and indexes have no plan.

    Readers hold SQL and other texts as well.
    """
    found = {}
    for package in (cypher, readers):
        for module in pkgutil.iter_modules(package.__path__):
            for name, value in vars(importlib.import_module(f"{package.__name__}.{module.name}")).items():
                is_text = name.isupper() and isinstance(value, str)
                if is_text and (package is cypher or ("RETURN" in value and "SELECT" not in value)):
                    found[f"{module.name}.{name}"] = value
    return {name: value for name, value in found.items() if name not in PARTS}


STATEMENTS = statements()


@pytest.fixture(scope="module")
def _indexes(_graph_with_constraints):
    schema.create_indexes(_graph_with_constraints)


def operators(graph, statement):
    """Return the operators of a statement's plan."""
    row = next(row for use, row in ROWS.items() if use in statement)
    plan = graph.run(f"EXPLAIN {statement}", rows=[row], ids=["1"], seconds=1).consume().plan
    found, due = [], [plan]
    while due:
        each = due.pop()
        found.append(each["operatorType"].partition("@")[0])
        due += each.get("children", ())
    return found


def test_there_are_statements():
    assert len(STATEMENTS) > 80
    assert set(LOADING) <= set(STATEMENTS)


@pytest.mark.usefixtures("_indexes")
@pytest.mark.parametrize("name", STATEMENTS)
def test_a_statement_finds_its_nodes_by_an_index(graph, name):
    scans = {each for each in operators(graph, STATEMENTS[name]) if "Scan" in each and "IndexScan" not in each}

    assert bool(scans) == (name in SCANS), scans


@pytest.mark.usefixtures("_indexes")
@pytest.mark.parametrize("name", LOADING)
def test_a_statement_that_loads_streams_its_rows(graph, name):
    assert ("Eager" in operators(graph, STATEMENTS[name])) == (name in HOLDING)


@pytest.mark.usefixtures("_indexes")
@pytest.mark.parametrize("name", [each for each in STATEMENTS if each.endswith("_OF_YEAR") or "PAGE_OF_YEARS" in each])
def test_releases_of_a_year_are_not_sorted(graph, name):
    assert not {"Sort", "Top", "PartialSort", "PartialTop", "Eager"} & set(operators(graph, STATEMENTS[name]))
