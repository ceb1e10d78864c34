"""Type-ahead: what is asked of the index, and the order of what it finds."""

import random

import pytest

from apps.graph.readers.completing import MOST_WORDS, WORD_CHARACTERS, build_clauses, sort_hits

NAMESAKE, BUSY_NAMESAKE = ("5", "Dub", 1), ("12", "Dub", 90)
HITS = [
    NAMESAKE,
    BUSY_NAMESAKE,
    ("7", "dub", 300),
    ("100", "Dub Housing", 40),
    ("99", "Dub Housing Two", 40),
    ("8", "Dublin", 95),
    ("3", "King Dub", 1000),
    ("2", "Queen Dub", 2000),
]


@pytest.mark.parametrize("seed", range(20))
def test_the_name_then_beginnings_then_others_each_by_releases_and_id(seed):
    given = random.Random(seed).sample(HITS, len(HITS))

    assert [id_ for id_, _, _ in sort_hits(given, "Dub")] == ["5", "12", "7", "8", "99", "100", "2", "3"]


def test_the_one_that_is_opened_by_a_name_counts_as_many_releases_as_its_namesakes():
    hits = [("50", "Dub Echo", 1), ("70", "Dub Echo", 80), ("60", "Dub Air", 79), ("40", "Dub Sea", 81)]

    assert [id_ for id_, _, _ in sort_hits(hits, "dub")] == ["40", "50", "70", "60"]


def test_what_has_no_id_is_in_the_order_of_names():
    hits = [(None, "Rock & Roll", 5), (None, "Acid Rock", 5), (None, "Rock", 5), (None, "Rockabilly", 5)]

    assert [name for _, name, _ in sort_hits(hits, "rock")] == ["Rock", "Rock & Roll", "Rockabilly", "Acid Rock"]


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("The  Lights", ["the*", "lights*"]),
        ("la la LA", ["la*"]),
        ("C++", ["[c TO c]"]),
        ("भूपेन", ["भूपेन*"]),
        ("cafe\u0301 zo", ["cafe\u0301*", "zo*"]),
        ("坂本", ["坂*", "本*"]),
        ("&&&", []),
        ("", []),
    ],
)
def test_words_of_a_text(text, clauses):
    assert build_clauses(text) == clauses


@pytest.mark.parametrize("letter", ["x", "é", "a.", "1"])
def test_a_long_word_is_cut_as_the_index_cuts_it(letter):
    clauses = build_clauses(letter * 3000)

    assert max(map(len, clauses)) <= 2 * WORD_CHARACTERS
    assert "".join(clauses)


def test_of_very_many_words_the_first_ones_count():
    assert build_clauses(" ".join(map(str, range(5000)))) == [f"{number}*" for number in range(MOST_WORDS)]
