"""The two hashes that tell that a record is the same."""

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.ingest import hashing
from apps.ingest.hashing import content_hash, dump_canonical

TEXTS = st.text(st.characters(codec="utf-8"))
RECORDS = st.dictionaries(
    TEXTS,
    st.recursive(
        st.none() | st.booleans() | TEXTS, lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner), max_leaves=10
    ),
)


def hash_of(record):
    return content_hash(dump_canonical(record)).hex()


def test_the_published_vector():
    record = {"profile": None, "members": [{"name": "A", "id": "10"}], "name": 'Café ⅓ "q"', "id": "1"}

    assert hash_of(record) == "5ab9d6130b7d395ba2dbe1e1fd1a79c0d76da319cd19e201921950892d652ff4"


@given(RECORDS)
def test_canonical_json_is_that_of_the_standard_library(record):
    expected = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    assert dump_canonical(record) == expected.encode()


def test_the_order_of_keys_does_not_matter_and_that_of_lists_does():
    assert hash_of({"a": {"b": "1", "c": "2"}, "d": "3"}) == hash_of({"d": "3", "a": {"c": "2", "b": "1"}})
    assert hash_of({"a": ["1", "2"]}) != hash_of({"a": ["2", "1"]})


@pytest.mark.parametrize(
    "other", [{"a": None}, {"a": ""}, {}, {"a": ["1"]}, {"a": "1 "}, {"A": "1"}, {"a": "1", "b": None}]
)
def test_any_change_changes_the_hash(other):
    assert hash_of({"a": "1"}) != hash_of(other)


def test_the_raw_hash_depends_on_bytes_and_rules_and_revision(monkeypatch):
    salt = hashing.raw_salt(b"rules")
    hashes = {
        hashing.raw_hash(salt, b"<a/>"),
        hashing.raw_hash(salt, b"<a />"),
        hashing.raw_hash(hashing.raw_salt(b"other"), b"<a/>"),
    }
    monkeypatch.setattr(hashing, "EXTRACTION_REVISION", hashing.EXTRACTION_REVISION + 1)

    assert len({*hashes, hashing.raw_hash(hashing.raw_salt(b"rules"), b"<a/>")}) == 4
    assert hashing.raw_hash(salt, b"<a/>") == hashlib.sha256(salt + b"<a/>").digest()
