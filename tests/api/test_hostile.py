"""Texts that a store cannot take, in every parameter of every operation: never an error of the server."""

import pytest
from drf_spectacular.generators import SchemaGenerator

from tests.api.site import INTERNAL_SECRET

pytestmark = pytest.mark.django_db

TEXTS = {
    "NUL": "\0",
    "NUL in a text": "Ro\0ck",
    "NUL at the end": "Rock\0",
    "a long word": "x" * 1001,
    "a very long word": "x" * 7000,
    "a long word of two bytes": "é" * 1200,
    "a long word with signs": "a." * 1500,
    "many words": "x " * 1100,
    "many different words": " ".join(map(str, range(1500))),
    "many characters that are words": "".join(chr(0x4E00 + number) for number in range(800)),
    "many brackets": "(a) " * 1000,
    "backslashes": "\\" * 2000,
    "quotes": '"' * 2000,
    "commas": "a," * 2000,
    "digits": "9" * 400,
    "control characters": "a\x01\x1f\x7fb\n",
    "no character": "\ufffe",
}
# What an operation needs beside the text, by the name of the parameter.
OTHERS = {"type": "genre", "category": "artists", "categories": "artists", "before_year": "1990", "release_id": "100"}
# Of a name and its id an operation needs one.
NAMED = {
    "/api/explore": {"name": "Rock"},
    "/api/trends": {"name": "Rock"},
    "/api/expand": {"node_id": "Rock"},
    "/api/expand/batch": {"node_id": "Rock"},
    "/api/path": {"from_name": "Rock", "to_name": "Rock"},
}
# The tables are asked for genres, the graph for the other kinds.
KINDS = {"type": ("genre", "artist"), "from_type": ("genre", "artist")}


def texts():
    """Return path and parameters of each operation that is read, with the one that gets the text."""
    paths = SchemaGenerator(urlconf="config.api").get_schema(request=None, public=True)["paths"]
    found = []
    for path, methods in paths.items():
        declared = methods.get("get", {}).get("parameters", ())
        required = {each["name"]: OTHERS.get(each["name"], "Rock") for each in declared if each.get("required")}
        required |= NAMED.get(path, {})
        choices = next((KINDS[name] for each in declared if (name := each["name"]) in KINDS), (None,))
        for each in declared:
            for choice in choices:
                kinds = {
                    name: choice for name in ("type", "from_type", "to_type") if choice and name in required | KINDS
                }
                found.append(
                    pytest.param(path, {**required, **kinds}, each["name"], id=f"{path}-{each['name']}-{choice}")
                )
    return found


@pytest.mark.parametrize(("path", "given", "name"), texts())
def test_no_text_is_an_error_of_the_server(site, path, given, name):
    failed = {}
    for what, text in TEXTS.items():
        query = {**given, name: text}
        inserted = {
            key: "".join(f"%{byte:02X}" for byte in query[key].encode()) for key in query if f"{{{key}}}" in path
        }
        rest = {key: value for key, value in query.items() if key not in inserted}
        headers = {"X-Internal-Secret": INTERNAL_SECRET}
        response = site.ask("GET", path.format(**inserted), params=rest, headers=headers)
        if response.status_code >= 500:
            failed[what] = response.text
    assert not failed


@pytest.mark.parametrize("kind", ["artist", "genre", "label", "style"])
def test_nothing_has_a_nul_in_its_name(site, kind):
    assert site.json("/api/trends", name="Rock\0", type=kind) == {"name": "Rock\0", "type": kind, "data": []}
    page = site.json("/api/expand", node_id="Rock\0", type=kind, category="releases")
    assert (page["children"], page["total"]) == ([], 0)
    page = site.json("/api/expand", node_id="Rock\0", type=kind, category="releases", before_year=1990)
    assert (page["children"], page["total"]) == ([], 0)
