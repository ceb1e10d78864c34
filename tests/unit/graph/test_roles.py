import pytest

from apps.graph.roles import CATEGORIES, categorise


@pytest.mark.parametrize(
    ("role", "category"),
    [
        ("Producer", "production"),
        ("Executive Producer", "production"),
        ("Executive-Producer", "production"),
        ("Co-producer", "production"),
        ("Produced By", "production"),
        ("Mastered By", "mastering"),
        ("Remastered At", "mastering"),
        ("Lacquer Cut By", "mastering"),
        ("Transferred By", "mastering"),
        ("Engineer", "engineering"),
        ("Recording Engineer", "engineering"),
        ("Mixed At", "engineering"),
        ("Remix", "engineering"),
        ("Tape Op", "engineering"),
        ("Artwork By", "design"),
        ("Photography", "design"),
        ("Liner Notes", "design"),
        ("A&R", "management"),
        ("A & R", "management"),
        ("A+R", "management"),
        ("Product Manager", "management"),
        ("Featuring", "session"),
        ("Backing Vocals", "session"),
        ("Mezzo-soprano Vocals", "session"),
        ("Electric Guitar", "session"),
        ("Double Bass", "session"),
        ("Viola d'Amore", "session"),
        ("Written-By", "other"),
        ("", "other"),
    ],
)
def test_each_category_is_recognised(role, category):
    assert categorise(role) == category


def test_the_longest_phrase_decides_over_all_categories():
    assert categorise("Mastering Engineer") == "mastering"
    assert categorise("Tape Op") == "engineering"
    assert categorise("Tape") == "session"


def test_the_first_part_that_has_a_category_decides():
    assert categorise("Recorded By, Mixed By") == "engineering"
    assert categorise("Written-By, Guitar, Producer") == "session"


def test_bracketed_detail_does_not_count():
    assert categorise("Bass [Fretless]") == "session"
    assert categorise("Engineer [Mastering, Guitar]") == "engineering"
    assert categorise("Other [The Band Is]") == "other"


@pytest.mark.parametrize("role", ["Other [a [b, Guitar] c, Drums]", "Other [Guitar, Drums", "Other [a [Guitar], Drums"])
def test_nested_and_unclosed_brackets_are_dropped_whole(role):
    assert categorise(role) == "other"


def test_words_count_only_whole():
    assert categorise("Organized By") == "other"
    assert categorise("Organ") == "session"


def test_case_and_hyphens_make_no_difference():
    assert categorise("WRITTEN-BY, MIXED-BY") == categorise("written by, mixed by") == "engineering"


def test_the_lists_have_no_empty_phrase():
    assert all(CATEGORIES)
