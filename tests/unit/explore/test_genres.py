"""What is left of genres by a filter, and how much of one is shown."""

from apps.explore.pages import genres as pane


def genre(name, *styles):
    return {"name": name, "release_count": 9, "styles": [{"name": each, "release_count": 1} for each in styles]}


TREE = [genre("Electronic", "Techno", "House"), genre("Rock", "Techno", "Space Rock"), genre("Jazz", "Bop")]


def names(tree):
    return [(each["name"], [style["name"] for style in each["styles"]]) for each in tree]


def test_a_genre_that_is_meant_keeps_its_styles_and_another_keeps_those_that_are_meant():
    assert names(pane.filter_tree(TREE, "ROCK")) == [("Rock", ["Techno", "Space Rock"])]
    assert names(pane.filter_tree(TREE, "tech")) == [("Electronic", ["Techno"]), ("Rock", ["Techno"])]
    assert pane.filter_tree(TREE, "polka") == []


def test_a_genre_of_many_styles_shows_the_first_ones():
    large = genre("Electronic", *map(str, range(100)))

    assert (
        len(pane.limit_styles(large, everything=False)["styles"]),
        pane.limit_styles(large, everything=False)["more"],
    ) == (24, 76)
    assert (
        len(pane.limit_styles(large, everything=True)["styles"]),
        pane.limit_styles(large, everything=True)["more"],
    ) == (100, 0)
