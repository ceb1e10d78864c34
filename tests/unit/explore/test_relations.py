"""Words between two neighbours of the graph."""

import pytest

from apps.explore.answers.relations import UNKNOWN, describe_credit, describe_relation


def test_each_direction_has_its_words():
    assert describe_relation("BY", "artist", "release") == "released"
    assert describe_relation("BY", "release", "artist") == "is by"
    assert describe_relation("ON", "label", "release") == "released"
    assert describe_relation("IS", "release", "genre") == "is"
    assert describe_relation("NEW", "artist", "label") == UNKNOWN


@pytest.mark.parametrize(
    ("role", "from_release", "from_person"),
    [
        ("Producer", "was produced by", "produced"),
        ("Producer, Mixed By", "was produced by", "produced"),
        ("Mixed By [Overdubs, Early]", "was mixed by", "mixed"),
        ("Written-By", "was written by", "wrote"),
        ("Music By", "has music by", "is credited for music on"),
        ("Photography By", "was photographed by", "photographed"),
        ("Featuring", "features", "is featured on"),
        ("Drums", "has on drums", "is on drums of"),
        ("Synthesizer [Moog]", "has on synthesizer", "is on synthesizer of"),
        ("Artwork", "credits for artwork", "is credited for artwork on"),
        ("A&R", "credits for A&R", "is credited for A&R on"),
        ("[Sleeve]", "credits", "is credited on"),
        ("", "credits", "is credited on"),
    ],
)
def test_a_role_is_told_from_both_ends(role, from_release, from_person):
    assert describe_credit(role, is_release_first=True) == from_release
    assert describe_credit(role, is_release_first=False) == from_person
