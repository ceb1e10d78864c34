"""The graph's schema is declared once: what stands elsewhere, statements and documents, agrees with it."""

import re
from pathlib import Path

import pytest

from apps.graph import dangling, models, removal, schema

ROOT = Path(__file__).parents[3]
FILES = [path for folder in ("cypher", "readers") for path in sorted((ROOT / "apps" / "graph" / folder).glob("*.py"))]
CYPHER = "\n".join(path.read_text() for path in FILES)
GRAPH = (ROOT / "docs" / "data-dictionary.md").read_text().split("\n## 4. Graph\n")[1]
TYPES = {declared.type for declared in models.relationships()}


def test_every_label_of_a_statement_is_declared():
    found = set(re.findall(r"\(\w*:([A-Z]\w+)", CYPHER))

    assert found <= {node.__label__ for node in models.NODES}


def test_every_relationship_of_a_statement_is_declared():
    found = {each for group in re.findall(r"-\[\w*:([A-Z_|]+)", CYPHER) for each in group.split("|")}

    assert found <= TYPES


def test_every_declared_relationship_has_a_statement_unless_it_is_of_users():
    missing = {each for each in TYPES if not re.search(rf"[:|]{each}\b", CYPHER)}

    assert missing <= {"COLLECTED", "WANTS"}


# Workers load without neomodel, which costs them memory and a longer start: they have tables of their own.


def test_every_assertion_has_its_dangling_references():
    found = {
        models.Assertion(record_type, each.key, each.direction, each.target_type): each.relationship
        for record_type, references in dangling.REFERENCES.items()
        for each in references
    }

    assert found == models.assertions()


def test_every_assertion_is_taken_back_with_its_record():
    found = {
        (record_type, relationship, direction) for record_type, relationship, direction in removal.ASSERTED.values()
    }

    assert found == {
        (each.record_type, relationship, each.direction) for each, relationship in models.assertions().items()
    }


@pytest.mark.parametrize("word", sorted({key for _, key, _ in schema.node_properties()}))
def test_the_data_dictionary_has_every_property(word):
    assert f"`{word}`" in GRAPH or word in {"id", "name", "gone", "discogs_username"} or word.endswith("_count")


@pytest.mark.parametrize("declared", models.relationships(), ids=lambda each: f"{each.start}-{each.type}-{each.end}")
def test_the_data_dictionary_has_every_relationship(declared):
    assert declared.type in GRAPH or declared.type in (ROOT / "docs" / "contract" / "data.md").read_text()
