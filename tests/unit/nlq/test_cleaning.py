"""A model's text without HTML, links and addresses."""

import pytest

from apps.nlq.cleaning import MOST_CHARACTERS, clean_line, clean_summary


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("**Blue Note** and *Prestige*\n\n- one\n- two", "**Blue Note** and *Prestige*\n\n- one\n- two"),
        ("a < b, 2 > 1, <3", "a < b, 2 > 1, <3"),
        ("<script>alert(1)</script>yes", "alert(1)yes"),
        ("<img src=x onerror=alert(1)", ""),
        ("<scr<b>ipt>x", "ipt>x"),
        ("<<a>script>x", "x"),
        ("<!-- hidden -->said", "said"),
        ("[Blue Note](https://evil.example/a)", "Blue Note"),
        ("![pixel](https://evil.example/p.png) here", "pixel here"),
        ("[a[b]](//evil.example)", "[a[b]] (//evil.example)"),
        ("[x](<https://evil.example>)", "x"),
        ("[x](javascript:alert(1))", "x"),
        ("[x][1]\n\n[1]: //evil.example", "[x] [1]"),
        ("see https://evil.example/a?b=c or www.evil.example now", "see  or  now"),
        ("mail mailto:a@b.example", "mail"),
        ("nul\0, bell\a, \u202eright to left", "nul, bell, right to left"),
        ("x" * (MOST_CHARACTERS + 1), "x" * MOST_CHARACTERS),
        ("  \n", ""),
    ],
)
def test_nothing_stays_that_is_html_or_a_link(text, clean):
    assert clean_summary(text) == clean


def test_a_question_is_one_line():
    assert clean_line(" Who\n\nis [he](//x)?<br>") == "Who is he?"
