from apps.graph import schema

UNIQUE = {
    "artist_id",
    "label_id",
    "master_id",
    "release_id",
    "user_id",
    "genre_name",
    "style_name",
    "person_name",
}
RANGE = {
    "artist_name",
    "label_name",
    "release_year_index",
    "release_year_id",
    "master_year_index",
    "genre_first_year_index",
    "style_first_year_index",
    "person_credit_count",
    "person_production_count",
    "person_engineering_count",
    "person_mastering_count",
    "person_session_count",
    "person_design_count",
    "person_management_count",
    "person_other_count",
    "artist_mbid",
    "label_mbid",
    "release_mbid",
    "master_mbid",
    "credited_on_artist_id",
}
FULLTEXT = {
    "artist_name_fulltext",
    "label_name_fulltext",
    "genre_name_fulltext",
    "style_name_fulltext",
    "person_name_fulltext",
    "release_title_fulltext",
    "master_title_fulltext",
}
LEGACY = {"artist_sha256", "label_sha256", "master_sha256", "release_sha256"}


def constraints(graph):
    return set(graph.run("SHOW CONSTRAINTS YIELD name").value())


def indexes(graph, kind):
    rows = graph.run("SHOW INDEXES YIELD name, type, state, owningConstraint AS owner")
    return {name for name, found, state, owner in rows if found == kind and owner is None and state == "ONLINE"}


def test_constraints_are_there_and_a_second_time_changes_nothing(graph):
    schema.create_constraints(graph)
    schema.create_constraints(graph)

    assert constraints(graph) == UNIQUE


def test_indexes_are_online_and_a_second_time_changes_nothing(graph):
    schema.create_indexes(graph)
    schema.create_indexes(graph)

    assert indexes(graph, "RANGE") - LEGACY == RANGE
    assert indexes(graph, "FULLTEXT") == FULLTEXT


def test_the_legacy_indexes_come_only_on_request(graph, settings):
    settings.NEO4J_LEGACY_INDEXES = True
    schema.create_indexes(graph)
    try:
        assert indexes(graph, "RANGE") == RANGE | LEGACY
    finally:
        for name in LEGACY:
            graph.run(f"DROP INDEX {name}").consume()

    settings.NEO4J_LEGACY_INDEXES = False
    schema.create_indexes(graph)

    assert indexes(graph, "RANGE") == RANGE
