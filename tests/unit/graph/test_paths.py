"""Nodes of a path as they are told."""

import pytest

from apps.graph.readers.paths import read_step


@pytest.mark.parametrize(
    ("label", "name", "told"),
    [
        ("Artist", "Jonas Ek", "Jonas Ek"),
        ("Artist", None, "Artist 20"),
        ("Label", None, "Label 20"),
        ("Release", None, ""),
    ],
)
def test_what_has_no_name_is_told_by_its_id_if_it_should_have_one(label, name, told):
    assert read_step(label, "20", name, "BY") == {"id": "20", "name": told, "type": label.lower(), "rel": "BY"}
