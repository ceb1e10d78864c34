"""Paths in words."""

from apps.explore.answers.ways import describe_ways


def step(kind, id_, rel=None, name=None):
    return {"type": kind, "id": id_, "name": name or id_, "rel": rel}


def words(path, **known):
    given = {"years": {}, "members": set(), "roles": {}, **known}
    (way,) = describe_ways([path], **given)
    return [(each["kind"], each["name"], each["words"]) for each in way]


def test_a_path_is_told_in_the_words_of_its_relationships():
    path = [
        step("artist", "Can"),
        step("release", "Tago Mago", "BY"),
        step("label", "Spoon", "ON"),
    ]
    assert words(path) == [
        ("artist", "Can", ""),
        ("release", "Tago Mago", "released"),
        ("label", "Spoon", "came out on"),
    ]


def test_a_person_who_is_the_artist_beside_is_told_once():
    path = [
        step("release", "1", name="Zen"),
        step("person", "Jaki L.", "CREDITED_ON"),
        step("artist", "7", "SAME_AS", name="Jaki Liebezeit"),
        step("artist", "8", "MEMBER_OF", name="Can"),
    ]
    roles = {(("person", "Jaki L."), ("release", "1")): "Drums"}
    members = {(("artist", "7"), ("artist", "8"))}

    assert words(path, roles=roles, members=members) == [
        ("release", "Zen", ""),
        ("artist", "Jaki Liebezeit", "has on drums"),
        ("artist", "Can", "is a member of"),
    ]


def test_the_other_way_round_it_is_told_the_other_way_round():
    path = [
        step("artist", "8", name="Can"),
        step("artist", "7", "MEMBER_OF", name="Jaki Liebezeit"),
        step("person", "Jaki L.", "SAME_AS"),
        step("release", "1", "CREDITED_ON", name="Zen"),
    ]
    roles = {(("person", "Jaki L."), ("release", "1")): "Drums"}

    assert words(path, roles=roles) == [
        ("artist", "Can", ""),
        ("artist", "Jaki Liebezeit", "has the member"),
        ("release", "Zen", "is on drums of"),
    ]


def test_a_person_between_two_artists_is_what_links_them():
    path = [
        step("artist", "1", name="Nora Vale"),
        step("person", "N. Vale", "SAME_AS"),
        step("artist", "2", "SAME_AS", name="Nora Vale (2)"),
    ]

    assert words(path) == [
        ("artist", "Nora Vale", ""),
        ("person", "N. Vale", "is credited as"),
        ("artist", "Nora Vale (2)", "is"),
    ]


def test_years_stand_with_releases():
    (way,) = describe_ways([[step("release", "1")]], years={("release", "1"): 1971}, members=set(), roles={})

    assert way[0]["year"] == 1971
