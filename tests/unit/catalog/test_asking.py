"""Keys of questions and lists of genres."""

import pytest

from apps.catalog.search.asking import Question, rejoin_genres


def test_the_key_is_the_digest_of_the_contract():
    """docs/contract/rest.md#worked-numbers: q " Blue ", types release and artist, genres Rock and Jazz, from 1960."""
    asked = Question("blue", types=("artist", "release"), genres=("Rock", "Jazz"), year_min=1960)

    assert asked.key == "search:cb9c4ba8feb28b7377eb1aaae268b32e"


def test_what_the_answer_repeats_is_in_the_key():
    digest = "search:cb9c4ba8feb28b7377eb1aaae268b32e"
    asked = Question(" Blue ", types=("release", "artist"), genres=("Jazz", "Rock"), year_min=1960)

    assert asked.key == f"{digest}:release,artist: Blue "


@pytest.mark.parametrize(
    ("entries", "genres"),
    [
        ([], ()),
        (["Rock", "Jazz"], ("Rock", "Jazz")),
        (["Folk", "World", "& Country"], ("Folk, World, & Country",)),
        (["Rock", "Folk", "World", "& Country", "Pop"], ("Rock", "Folk, World, & Country", "Pop")),
        (["Folk", "World"], ("Folk", "World")),
    ],
)
def test_genres_with_commas_are_put_together_again(entries, genres):
    assert rejoin_genres(entries) == genres
