"""Cypher of the graph's constraints and indexes.

All are ``IF NOT EXISTS`` and nothing is ever dropped. A unique constraint brings the index that MERGE and MATCH use.
"""

CONSTRAINTS = (
    "CREATE CONSTRAINT artist_id IF NOT EXISTS FOR (artist:Artist) REQUIRE artist.id IS UNIQUE",
    "CREATE CONSTRAINT label_id IF NOT EXISTS FOR (label:Label) REQUIRE label.id IS UNIQUE",
    "CREATE CONSTRAINT master_id IF NOT EXISTS FOR (master:Master) REQUIRE master.id IS UNIQUE",
    "CREATE CONSTRAINT release_id IF NOT EXISTS FOR (release:Release) REQUIRE release.id IS UNIQUE",
    "CREATE CONSTRAINT user_id IF NOT EXISTS FOR (user:User) REQUIRE user.id IS UNIQUE",
    "CREATE CONSTRAINT genre_name IF NOT EXISTS FOR (genre:Genre) REQUIRE genre.name IS UNIQUE",
    "CREATE CONSTRAINT style_name IF NOT EXISTS FOR (style:Style) REQUIRE style.name IS UNIQUE",
    "CREATE CONSTRAINT person_name IF NOT EXISTS FOR (person:Person) REQUIRE person.name IS UNIQUE",
)

# Names in order, years in a span, releases of a year in order, the most credited people, of all and in each category of
# roles, look-up by MBID; and the credits that name an artist who came after them (``MARK_CREDITED``).
RANGE_INDEXES = (
    "CREATE INDEX artist_name IF NOT EXISTS FOR (artist:Artist) ON (artist.name)",
    "CREATE INDEX label_name IF NOT EXISTS FOR (label:Label) ON (label.name)",
    "CREATE INDEX release_year_index IF NOT EXISTS FOR (release:Release) ON (release.year)",
    "CREATE INDEX release_year_id IF NOT EXISTS FOR (release:Release) ON (release.year, release.id)",
    "CREATE INDEX master_year_index IF NOT EXISTS FOR (master:Master) ON (master.year)",
    "CREATE INDEX genre_first_year_index IF NOT EXISTS FOR (genre:Genre) ON (genre.first_year)",
    "CREATE INDEX style_first_year_index IF NOT EXISTS FOR (style:Style) ON (style.first_year)",
    "CREATE INDEX person_credit_count IF NOT EXISTS FOR (person:Person) ON (person.credit_count)",
    "CREATE INDEX person_production_count IF NOT EXISTS FOR (person:Person) ON (person.production_count)",
    "CREATE INDEX person_engineering_count IF NOT EXISTS FOR (person:Person) ON (person.engineering_count)",
    "CREATE INDEX person_mastering_count IF NOT EXISTS FOR (person:Person) ON (person.mastering_count)",
    "CREATE INDEX person_session_count IF NOT EXISTS FOR (person:Person) ON (person.session_count)",
    "CREATE INDEX person_design_count IF NOT EXISTS FOR (person:Person) ON (person.design_count)",
    "CREATE INDEX person_management_count IF NOT EXISTS FOR (person:Person) ON (person.management_count)",
    "CREATE INDEX person_other_count IF NOT EXISTS FOR (person:Person) ON (person.other_count)",
    "CREATE INDEX artist_mbid IF NOT EXISTS FOR (artist:Artist) ON (artist.mbid)",
    "CREATE INDEX label_mbid IF NOT EXISTS FOR (label:Label) ON (label.mbid)",
    "CREATE INDEX release_mbid IF NOT EXISTS FOR (release:Release) ON (release.mbid)",
    "CREATE INDEX master_mbid IF NOT EXISTS FOR (master:Master) ON (master.mbid)",
    "CREATE INDEX credited_on_artist_id IF NOT EXISTS FOR ()-[credit:CREDITED_ON]-() ON (credit.artist_id)",
)

# Search by words.
FULLTEXT_INDEXES = (
    "CREATE FULLTEXT INDEX artist_name_fulltext IF NOT EXISTS FOR (artist:Artist) ON EACH [artist.name]",
    "CREATE FULLTEXT INDEX label_name_fulltext IF NOT EXISTS FOR (label:Label) ON EACH [label.name]",
    "CREATE FULLTEXT INDEX genre_name_fulltext IF NOT EXISTS FOR (genre:Genre) ON EACH [genre.name]",
    "CREATE FULLTEXT INDEX style_name_fulltext IF NOT EXISTS FOR (style:Style) ON EACH [style.name]",
    "CREATE FULLTEXT INDEX person_name_fulltext IF NOT EXISTS FOR (person:Person) ON EACH [person.name]",
    "CREATE FULLTEXT INDEX release_title_fulltext IF NOT EXISTS FOR (release:Release) ON EACH [release.title]",
    "CREATE FULLTEXT INDEX master_title_fulltext IF NOT EXISTS FOR (master:Master) ON EACH [master.title]",
)

# No statement of ours uses these; they cost a write on every node and exist for readers of older graphs.
LEGACY_INDEXES = (
    "CREATE INDEX artist_sha256 IF NOT EXISTS FOR (artist:Artist) ON (artist.sha256)",
    "CREATE INDEX label_sha256 IF NOT EXISTS FOR (label:Label) ON (label.sha256)",
    "CREATE INDEX master_sha256 IF NOT EXISTS FOR (master:Master) ON (master.sha256)",
    "CREATE INDEX release_sha256 IF NOT EXISTS FOR (release:Release) ON (release.sha256)",
)

# $seconds: int. Returns when all indexes serve queries; raises when one failed or the time is over.
AWAIT_INDEXES = "CALL db.awaitIndexes($seconds)"

# One row if the graph has a node.
ANY_NODE = """
MATCH (node)
RETURN 1 AS one
LIMIT 1
"""
