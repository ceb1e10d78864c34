"""What is worked out of the figures of labels."""

from apps.explore.answers import labels

ONE = {
    "label_id": "1",
    "label_name": "Quell",
    "artist_diversity": 0.5,
    "prolificacy": 9.0,
    "active_years": [1990, 1992, 2014],
    "genres": [{"name": "Jazz", "percentage": 80.0}, {"name": "Blues", "percentage": 20.0}],
    "formats": [{"name": "Vinyl", "percentage": 100.0}],
    "decades": [{"decade": 1990, "count": 7}, {"decade": 2010, "count": 1}],
}
OTHER = {
    "label_id": "2",
    "label_name": "Quell",
    "artist_diversity": 1.0,
    "prolificacy": 0.0,
    "active_years": [],
    "genres": [{"name": "Blues", "percentage": 99.5}, {"name": "Rock", "percentage": 0.5}],
    "formats": [],
    "decades": [],
}


def test_a_character_has_a_value_from_0_to_1_on_each_axis():
    assert [round(each, 3) for each in labels.compute_character(ONE)] == [0.5, 0.333, 0.5, 0.8, 1.0]
    assert labels.compute_character(OTHER) == [1.0, 0.0, 0.0, 0.995, 0.0]


def test_a_character_does_not_leave_the_rim():
    assert labels.compute_character({**ONE, "prolificacy": 5000.0, "active_years": [1900, 2020]})[1:3] == [1.0, 1.0]


def test_labels_of_one_name_are_told_apart():
    assert labels.distinguish_names([ONE, OTHER]) == ["Quell (No. 1)", "Quell (No. 2)"]
    assert labels.distinguish_names([ONE, {**OTHER, "label_name": "Kelp"}]) == ["Quell", "Kelp"]


def test_a_decade_that_one_label_alone_has_is_zero_of_the_others():
    later = {**OTHER, "decades": [{"decade": 2000, "count": 3}]}

    assert labels.count_by_decade([ONE, later]) == [(1990, [7, 0]), (2000, [0, 3]), (2010, [1, 0])]
    assert labels.count_by_decade([OTHER]) == []


def test_the_largest_share_of_any_label_comes_first_and_less_than_one_percent_is_left_out():
    assert labels.compare_shares([ONE, OTHER], "genre", 5) == [("Blues", [20.0, 99.5]), ("Jazz", [80.0, 0.0])]
    assert labels.compare_shares([ONE, OTHER], "genre", 1) == [("Blues", [20.0, 99.5])]
