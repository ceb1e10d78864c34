"""How alike two artists are, with the numbers of the contract (docs/contract/rest.md#worked-numbers)."""

from apps.graph.readers.similarity import compare_profiles

TARGET = {
    "genre": {"Rock": 3, "Pop": 1},
    "style": {"Indie": 2},
    "label": {"L1": 2, "L2": 2, "": 9},
    "collaborator": {},
}
OTHER = {
    "genre": {"Rock": 1, "Pop": 1},
    "style": {"Indie": 1, "Punk": 1},
    "label": {"L1": 1},
    "collaborator": {"X": 1},
}


def test_two_artists_compared():
    target = {**TARGET, "label": {"L1": 2, "L2": 2}}

    assert compare_profiles(target, OTHER) == {
        "similarity": 0.6666,
        "breakdown": {"genre": 0.8944, "style": 0.7071, "label": 0.7071, "collaborator": 0.0},
        "shared_genres": ["Pop", "Rock"],
        "shared_labels": ["L1"],
    }


def test_labels_without_a_name_are_compared_and_not_told():
    found = compare_profiles(TARGET, {**OTHER, "label": {"": 1}})

    assert found["breakdown"]["label"] == 0.954
    assert found["shared_labels"] == []
