"""Requests without the parameters that came later: status and body are to the byte what they were before those.

``unchanged.json`` has the answers of the version before. Where the catalogue of the tests changes, a version whose
answers are right writes them anew: ``LINERNOTES_WRITE_ANSWERS=1``.
"""

import itertools
import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from apps.graph.readers.entities import CATEGORIES
from tests.api.catalogue import FUNK

pytestmark = pytest.mark.django_db

FILE = Path(__file__).with_name("unchanged.json")
NAMES = {
    "artist": ("Mira Holt", "Jonas Ek", "Various", "Artist 20", "Ada Quell"),
    "genre": ("Electronic", FUNK, "Jazz"),
    "label": ("Kelp Editions", "Quell", "Label 60"),
    "style": ("Dub", "Sea Shanties"),
}
TEXTS = ("mir", "holt", "que", "rock", "ebb and flow", "kelp", "5021603054066", "mira holtt", "harb", "zzz")
# Of several shortest ones it is not said which.
PATHS = (
    {"from_name": "Holtware", "to_name": "The Harbour Lights"},
    {"from_name": "Mira Holt", "to_name": "The Harbour Lights"},
    {"from_name": "Lone Star", "from_type": "label", "to_name": "Jonas Ek"},
    {"from_name": "Mira Holt", "to_name": "nobody"},
    {"from_name": "Mira Holt", "to_name": "Jonas Ek", "max_depth": 11},
)


# Of lists.
PAGES: tuple[dict[str, Any], ...] = ({}, {"limit": 2, "offset": 1})


def addresses():
    for path in ("autocomplete", "explore", "expand", "trends", "path", "search"):
        yield path
        yield f"{path}?limit=x&max_depth=0&q=a"
    for kind, names in NAMES.items():
        for name in (*names, "nobody", "", "\0"):
            yield f"explore?{urlencode({'name': name, 'type': kind})}"
            yield f"trends?{urlencode({'name': name, 'type': kind})}"
            for category, page in itertools.product(CATEGORIES[kind], (*PAGES, {"before_year": 1995, "limit": 3})):
                yield f"expand?{urlencode({'node_id': name, 'type': kind, 'category': category, **page})}"
    for text in TEXTS:
        for kind in (*NAMES, "person"):
            yield f"autocomplete?{urlencode({'q': text, 'type': kind})}"
        for page in (*PAGES, {"types": "label,release", "year_min": 1990}):
            yield f"search?{urlencode({'q': text, **page})}"
    for ends in PATHS:
        yield f"path?{urlencode(ends)}"
    yield "expand?node_id=Rock&type=genre&category=aliases"


def test_nothing_changes_without_a_new_parameter(site):
    found = {}
    for address in addresses():
        response = site.get(f"/api/{address}")
        found[address] = f"{response.status_code} {response.text}"
    if os.environ.get("LINERNOTES_WRITE_ANSWERS"):
        FILE.write_text(json.dumps(found, ensure_ascii=False, indent=0) + "\n")

    assert len(found) > 200
    assert found == json.loads(FILE.read_text())
