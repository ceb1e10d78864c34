"""Discogs' markup becomes links, and nothing else becomes HTML."""

import pytest

from apps.explore.pages import markup


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain & <b>simple</b>", "<p>plain &amp; &lt;b&gt;simple&lt;/b&gt;</p>"),
        ("one\r\ntwo\r\n\r\nthree", "<p>one<br>two</p><p>three</p>"),
        ("[a=Autechre]", '<p><a href="/?type=artist&amp;name=Autechre">Autechre</a></p>'),
        ("[l=R & S]", '<p><a href="/?type=label&amp;name=R+%26+S">R &amp; S</a></p>'),
        (
            "[url=https://x.example/a?b=1&c=2]here[/url]",
            '<p><a href="https://x.example/a?b=1&amp;c=2" rel="noopener noreferrer nofollow">here</a></p>',
        ),
        (
            "[url]http://x.example[/url]",
            '<p><a href="http://x.example" rel="noopener noreferrer nofollow">http://x.example</a></p>',
        ),
        ("[url=javascript:alert(1)]x[/url]", "<p>x</p>"),
        ("[url=//x.example]x[/url]", "<p>x</p>"),
        ("[b]bold [i]both[/i][/b]", "<p><b>bold <i>both</i></b></p>"),
        ("[b]open [i]for ever", "<p><b>open <i>for ever</i></b></p>"),
        ("[/b]closed [b]x[/i]", "<p>closed <b>x</b></p>"),
        ("[x=unknown] [a] []", "<p>[x=unknown] [a] []</p>"),
        ("", ""),
    ],
)
def test_markup(text, expected):
    assert markup.html(text) == expected


@pytest.mark.parametrize("tag", ["[a41]", "[a=41]", "[A41]"])
def test_a_number_leads_to_the_artist(tag):
    assert "artist 41</a>" in markup.html(tag)
    assert "41" in markup.html(tag).split('href="')[1].split('"')[0]


def test_a_name_cannot_break_out_of_its_link():
    written = markup.html('[a=x" onmouseover="alert(1)]')

    assert 'onmouseover="' not in written


def test_a_description_has_no_markup():
    assert (
        markup.strip_markup("By [a=Autechre] on [l=Warp], see [url=http://x]this[/url] [b]now[/b]")
        == "By Autechre on Warp, see this now"
    )


def test_a_long_text_is_quick():
    markup.html("[url=" * 50_000)
    markup.html("[a=" * 50_000)


def test_a_number_is_written_as_the_name_of_what_it_means():
    names = {"artist": {"41": "Autechre & Co"}, "label": {}, "release": {}, "master": {}}

    written = markup.html("[a41] on [l5]", names)

    assert ">Autechre &amp; Co</a> on label 5</p>" in written
    assert written.count("<a ") == 1


def test_the_numbers_of_a_text_by_kind():
    assert markup.find_references("[a41] [a=42] [r1] [a=Name] [M7]") == {
        "artist": {"41", "42"},
        "label": set(),
        "release": {"1"},
        "master": {"7"},
    }
