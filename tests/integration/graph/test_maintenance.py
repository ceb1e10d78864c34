from collections import defaultdict
from typing import Any

import pytest
from django.db import connection

from apps.catalog.models import Artist, Label, Master, Release
from apps.graph import collaborations, leading_names, maintenance, profiles, schema, statistics, tallies
from apps.graph.cypher import maintenance as cypher
from apps.graph.session import Counters

WITH_ROWS = {name: value for name, value in vars(cypher).items() if name.isupper() and "$rows" in value}


@pytest.fixture(autouse=True)
def _indexes(graph):
    schema.create_indexes(graph)


def credit(graph, person, release="1", role="Guitar", artist_id=None, category="session"):
    graph.run(
        "MERGE (person:Person {name: $person}) MERGE (release:Release {id: $release}) "
        "CREATE (person)-[:CREDITED_ON {role: $role, category: $category, artist_id: $artist_id}]->(release) "
        "SET person.credit_count = null",
        person=person,
        release=release,
        role=role,
        category=category,
        artist_id=artist_id,
    ).consume()


def artist_node(graph, *ids):
    graph.run("UNWIND $ids AS id CREATE (:Artist {id: id})", ids=ids).consume()


def people(graph):
    return dict(graph.run("MATCH (person:Person) RETURN person.name, person.credit_count").values())


def same_as(graph):
    rows = graph.run("MATCH (person)-[same:SAME_AS]->(artist) RETURN person.name, artist.id, same.credits")
    return sorted(map(tuple, rows.values()))


def part_of(graph):
    rows = graph.run("MATCH (style:Style)-[edge:PART_OF]->(genre:Genre) RETURN style.name, genre.name, edge.weight")
    return sorted(map(tuple, rows.values()))


def nodes(graph, label):
    return {node["name"]: dict(node) for node in graph.run(f"MATCH (node:{label}) RETURN node").value()}


def tags(graph, *, genres=(), styles=()):
    graph.run("UNWIND $names AS name CREATE (:Genre {name: name})", names=genres).consume()
    graph.run("UNWIND $names AS name CREATE (:Style {name: name})", names=styles).consume()


def record(model, data_id, **data):
    return model.objects.create(data_id=data_id, hash=b"", rev=1, chunk_id=1, data={"id": str(data_id), **data})


def release(data_id, *, artists=(), labels=(), **data):
    record(
        Release,
        data_id,
        artists=[{"id": each, "name": "n"} for each in artists],
        labels=[{"id": each, "name": "n", "catno": "c"} for each in labels],
        **data,
    )


def test_a_person_is_counted_and_linked_to_every_artist_its_credits_name(graph):
    artist_node(graph, "5", "6")
    credit(graph, "J. Smith", "1", "Guitar", "5")
    credit(graph, "J. Smith", "1", "Vocals", "5")
    credit(graph, "J. Smith", "2", "Guitar", "6")
    credit(graph, "J. Smith", "2", "Drums")
    credit(graph, "Nobody", "2", "Drums", "404")

    assert maintenance.link_people() == Counters(relationships_written=2)
    assert people(graph) == {"J. Smith": 4, "Nobody": 1}
    assert same_as(graph) == [("J. Smith", "5", 2), ("J. Smith", "6", 1)]


def test_releases_of_a_person_are_counted_in_each_category_of_roles(graph):
    for release_id, role, category in [
        ("1", "Guitar", "session"),
        ("1", "Drums", "session"),
        ("2", "Drums", "session"),
        ("2", "Mixed By", "engineering"),
        ("2", "Conductor", "other"),
    ]:
        credit(graph, "J. Smith", release_id, role, category=category)
    maintenance.link_people()

    assert nodes(graph, "Person")["J. Smith"] == {
        "name": "J. Smith",
        "credit_count": 5,
        "session_count": 2,
        "engineering_count": 1,
        "other_count": 1,
    }


def test_a_category_that_a_person_has_no_more_is_not_counted(graph):
    credit(graph, "J. Smith", "1", "Guitar", category="session")
    credit(graph, "J. Smith", "1", "Mixed By", category="engineering")
    maintenance.link_people()
    graph.run(
        "MATCH (person:Person)-[credit:CREDITED_ON {role: 'Guitar'}]->() DELETE credit SET person.credit_count = null"
    ).consume()
    maintenance.link_people()

    assert nodes(graph, "Person")["J. Smith"] == {"name": "J. Smith", "credit_count": 1, "engineering_count": 1}


def test_linking_people_again_changes_nothing(graph):
    artist_node(graph, "5")
    credit(graph, "J. Smith", artist_id="5")
    maintenance.link_people()

    assert maintenance.link_people() == Counters()
    assert same_as(graph) == [("J. Smith", "5", 1)]


def test_an_artist_that_comes_later_is_linked(graph):
    credit(graph, "J. Smith", artist_id="5")
    credit(graph, "A. Brown", artist_id="6")
    maintenance.link_people()
    artist_node(graph, "5")

    maintenance.mark_credited(["5", "7"])

    assert maintenance.link_people() == Counters(relationships_written=1)
    assert same_as(graph) == [("J. Smith", "5", 1)]
    assert people(graph) == {"J. Smith": 1, "A. Brown": 1}


def test_an_artist_that_no_credit_names_any_more_is_unlinked(graph):
    artist_node(graph, "5", "6")
    credit(graph, "J. Smith", "1", artist_id="5")
    credit(graph, "J. Smith", "2", artist_id="6")
    maintenance.link_people()
    graph.run(
        "MATCH (person:Person)-[credit:CREDITED_ON {artist_id: '6'}]->() DELETE credit SET person.credit_count = null"
    ).consume()

    assert maintenance.link_people() == Counters(relationships_deleted=1)
    assert same_as(graph) == [("J. Smith", "5", 1)]
    assert people(graph) == {"J. Smith": 1}


def test_a_person_without_credits_goes_with_its_links(graph):
    artist_node(graph, "5")
    credit(graph, "J. Smith", artist_id="5")
    maintenance.link_people()
    graph.run("MATCH (person)-[credit:CREDITED_ON]->() DELETE credit SET person.credit_count = null").consume()

    assert maintenance.link_people() == Counters(relationships_deleted=1)
    assert people(graph) == {}


def test_genres_and_styles_that_nothing_has_go(graph):
    tags(graph, genres=["Rock", "Jazz"], styles=["Bop", "Punk"])
    graph.run("MATCH (style:Style), (genre:Genre) CREATE (style)-[:PART_OF]->(genre)").consume()
    graph.run("MATCH (n {name: 'Rock'}) CREATE (:Release {id: '1'})-[:IS]->(n)").consume()
    graph.run("MATCH (n {name: 'Punk'}) CREATE (:Master {id: '1'})-[:IS]->(n)").consume()

    assert maintenance.drop_unused() == Counters(relationships_deleted=3)
    assert set(nodes(graph, "Genre")) == {"Rock"}
    assert set(nodes(graph, "Style")) == {"Punk"}


def test_part_of_counts_records_of_exactly_one_genre(db, graph):
    tags(graph, genres=["Rock", "Jazz"], styles=["Bop", "Punk"])
    release(1, genres=["Rock"], styles=["Punk", "Bop"])
    release(2, genres=["Rock", "Rock"], styles=["Punk", "Punk"])
    release(3, genres=["Rock", "Jazz"], styles=["Bop"])
    release(4, genres=["Jazz"])
    release(5, styles=["Bop"])
    record(Master, 1, genres=["Rock"], styles=["Punk"])
    record(Master, 2, genres=["Jazz", "Jazz"], styles=["Bop", "Bop"])
    record(Master, 3, genres=["Rock", "Jazz"], styles=["Bop"])

    assert maintenance.rebuild_part_of() == Counters(relationships_written=3)
    assert part_of(graph) == [("Bop", "Jazz", 1), ("Bop", "Rock", 1), ("Punk", "Rock", 3)]


def test_part_of_writes_only_what_differs(db, graph):
    tags(graph, genres=["Rock", "Jazz"], styles=["Bop", "Punk"])
    release(1, genres=["Rock"], styles=["Punk"])
    release(2, genres=["Jazz"], styles=["Bop"])
    maintenance.rebuild_part_of()
    assert maintenance.rebuild_part_of() == Counters()
    Release.objects.all().delete()
    release(3, genres=["Rock"], styles=["Punk"])
    release(4, genres=["Rock"], styles=["Punk"])

    assert maintenance.rebuild_part_of() == Counters(relationships_written=1, relationships_deleted=1)
    assert part_of(graph) == [("Punk", "Rock", 2)]


SOME_RELEASES: tuple[dict[str, Any], ...] = (
    {"genres": ["Rock", "Rock"], "styles": ["Punk", "Punk"], "year": 1981, "artists": ["1", "1"], "labels": ["1", "1"]},
    {"genres": ["Rock", "Jazz"], "styles": ["Punk", "Bop"], "year": 1979, "artists": ["1", "2"], "labels": ["2"]},
    {"genres": ["Rock"], "year": None, "artists": ["2", "0", "", "404"], "labels": ["1", "404", "9" * 30]},
    {"genres": ["Jazz"], "year": 0, "artists": ["3"]},
    {"styles": ["Bop"], "artists": ["x", "1"], "labels": ["2", "2"]},
    {},
)
KNOWN_ARTISTS, KNOWN_LABELS = {"1", "2", "3"}, {"1", "2", "3"}


def count_releases(kind, other):
    """Count by brute force, release by release."""
    having = defaultdict(list)
    for each in SOME_RELEASES:
        for name in set(each.get(kind, ())):
            having[name].append(each)
    return {
        name: [
            len(releases),
            len({each for one in releases for each in one.get("artists", ())} & KNOWN_ARTISTS),
            len({each for one in releases for each in one.get("labels", ())} & KNOWN_LABELS),
            len({each for one in releases for each in one.get(other, ())}),
            min((one["year"] for one in releases if one.get("year")), default=0),
        ]
        for name, releases in having.items()
    }


@pytest.fixture
def _some_releases(db):
    for number in (1, 2, 3):
        record(Artist, number)
        record(Label, number)
    for number, each in enumerate(SOME_RELEASES, start=1):
        release(number, **each)


@pytest.mark.usefixtures("_some_releases")
def test_figures_equal_a_brute_force_count():
    assert statistics.count_genres() == count_releases("genres", "styles")
    assert statistics.count_styles() == count_releases("styles", "genres")
    labels = count_releases("labels", "genres")
    expected = [
        [each, [labels[each][n] for n in (0, 1, 3)] if each in labels else [0, 0, 0]] for each in ("1", "2", "3")
    ]
    assert list(statistics.count_labels()) == expected


def test_an_entry_without_an_id_or_with_null_counts_nothing(db):
    record(Label, 1)
    record(Release, 1, genres=["Rock"], artists=[{"name": "x"}, {"id": None}], labels=[{"id": "1"}, {"name": "y"}])

    assert statistics.count_genres() == {"Rock": [1, 0, 1, 0, 0]}
    assert list(statistics.count_labels()) == [["1", [1, 0, 1]]]


@pytest.mark.usefixtures("_some_releases")
def test_statistics_are_written_and_a_second_time_changes_nothing(graph):
    tags(graph, genres=["Rock", "Jazz", "Blues"], styles=["Bop", "Punk"])
    graph.run("UNWIND ['1', '2', '3'] AS id CREATE (:Label {id: id, name: id})").consume()

    assert maintenance.write_statistics() == Counters(nodes_written=8)
    assert maintenance.write_statistics() == Counters()

    genres = nodes(graph, "Genre")
    counts = {"release_count": 3, "artist_count": 2, "label_count": 2, "style_count": 2}
    assert genres["Rock"] == {"name": "Rock", **counts, "first_year": 1979}
    counts = {"release_count": 0, "artist_count": 0, "label_count": 0, "style_count": 0}
    assert genres["Blues"] == {"name": "Blues", **counts}
    counts = {"release_count": 2, "artist_count": 2, "label_count": 1, "genre_count": 2}
    assert nodes(graph, "Style")["Bop"] == {"name": "Bop", **counts, "first_year": 1979}
    labels = nodes(graph, "Label")
    assert labels["1"] == {"id": "1", "name": "1", "release_count": 2, "artist_count": 2, "genre_count": 1}
    assert labels["3"] == {"id": "3", "name": "3", "release_count": 0, "artist_count": 0, "genre_count": 0}


def test_statistics_follow_a_release_that_went(db, graph):
    tags(graph, genres=["Rock"])
    release(1, genres=["Rock"], year=1990)
    maintenance.write_statistics()
    Release.objects.all().delete()

    assert maintenance.write_statistics() == Counters(nodes_written=1)
    counts = {"release_count": 0, "artist_count": 0, "label_count": 0, "style_count": 0}
    assert nodes(graph, "Genre")["Rock"] == {"name": "Rock", **counts}


def test_nested_facts_are_one_copy_and_leave_nothing_behind(db):
    with statistics.facts():
        release(1, genres=["Rock"])
        assert statistics.count_genres() == {}
    assert statistics.count_genres() == {"Rock": [1, 0, 0, 0, 0]}
    assert temporary_tables() == set()


def temporary_tables():
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = pg_my_temp_schema()")
        return {name for (name,) in cursor.fetchall()}


@pytest.mark.parametrize("step", [tallies, profiles, collaborations, leading_names], ids=lambda step: step.__name__)
def test_tables_that_a_failed_step_has_left_in_the_session_do_no_harm(transactional_db, step):
    made = set()

    def note(execute, sql, *given):
        result = execute(sql, *given)
        made.update(temporary_tables() if "CREATE" in sql else ())
        return result

    with connection.execute_wrapper(note):
        step.rebuild()
    release(1, genres=["Rock"])
    with connection.cursor() as cursor:
        for name in made - {"different"}:  # which goes with its transaction
            cursor.execute(f"CREATE TEMPORARY TABLE {name} (unfinished int)")

    step.rebuild()

    assert len(made) > len(statistics.FACTS)
    assert temporary_tables() == set()


def operators(plan):
    yield plan["operatorType"].partition("@")[0]
    for child in plan.get("children", ()):
        yield from operators(child)


@pytest.mark.parametrize("name", WITH_ROWS)
def test_statements_over_rows_seek_in_an_index(graph, name):
    found = set(operators(graph.run(f"EXPLAIN {WITH_ROWS[name]}", rows=[]).consume().plan))

    assert not {operator for operator in found if operator.endswith("Scan")}
    assert {operator for operator in found if "IndexSeek" in operator}


def test_linking_people_needs_no_more_memory_with_more_people(graph):
    plan = graph.run(f"EXPLAIN {cypher.LINK_PEOPLE}").consume().plan
    batches = plan["children"][0]["children"][0]

    assert batches["operatorType"].startswith("TransactionForeach")
    # The people stream into the batches: nothing gathers them before.
    assert list(operators(batches["children"][0])) == ["Filter", "NodeByLabelScan"]
