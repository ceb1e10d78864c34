"""Names, lengths and years in templates."""

import pytest

from apps.explore.templatetags import music


@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("Autechre", ""),
        ("Björk Guðmundsdóttir", ""),
        ("Камыши", "ru"),
        ("영화에서처럼", "ko"),
        ("坂本龍一", "ja"),
        ("ヨルシカ", "ja"),
        ("Ρεμπέτικα", "el"),
        ("فيروز", "ar"),
        ("חלונות", "he"),
        ("🎛️", ""),
        ("", ""),
    ],
)
def test_a_script_suggests_a_language(name, language):
    assert music.guess_language(name) == language


def test_a_name_is_escaped_and_told_by_its_language():
    assert music.write_name("<b>") == "&lt;b&gt;"
    assert music.write_name("<b>Камыши") == '<bdi lang="ru">&lt;b&gt;Камыши</bdi>'
    assert music.write_name(None) == ""


@pytest.mark.parametrize(("seconds", "written"), [(None, ""), (0, ""), (7, "0:07"), (311, "5:11"), (3729, "1:02:09")])
def test_durations(seconds, written):
    assert music.duration(seconds) == written


@pytest.mark.parametrize(
    ("first", "last", "written"),
    [(1973, 2023, "1973–2023"), (1973, 1973, "1973"), (None, 1973, "1973"), (1973, None, "1973"), (None, None, "")],
)
def test_spans_of_years(first, last, written):
    assert music.years(first, last) == written


@pytest.mark.parametrize(
    ("number", "noun", "written"),
    [(1, "release", "1 release"), (0, "release", "0 releases"), (1024, "alias,aliases", "1,024 aliases")],
)
def test_counts(number, noun, written):
    assert music.write_count(number, noun) == written
