"""Which artists are the most connected, from passes over the records and from the collaborations of the last run."""

from apps.graph.musicbrainz.relationships import RELATIONSHIPS
from apps.graph.rows import NAME_CHARACTERS
from apps.graph.statistics import ids_in
from apps.ingest.sources.discogs_ids import LAST_ID
from apps.insights.computing.steps import Insight, Result, Step

# Various, Unknown Artist, No Artist.
PLACEHOLDERS = "194, 355, 118760"
# The most connected of the public answer, and how many of each order the others choose from.
MOST_CONNECTED, LEADING = 100, 500
# An artist's rank passes so much of itself on to its collaborators, by the releases that they share.
PASSED_ON = 0.85
ROUNDS = 12


def valid_id(field: str) -> str:
    """Return an SQL condition: a text is a valid id."""
    return f"{field} ~ '^[1-9][0-9]{{0,18}}$' AND lpad({field}, 19, '0') <= '{LAST_ID}' COLLATE \"C\""


def text_of(field: str) -> str:
    """Return an SQL expression: the text of a JSON value, maybe an object with ``#text``; null without one."""
    return f"""
        nullif(CASE jsonb_typeof({field}) WHEN 'string' THEN {field} #>> '{{}}' ELSE {field} ->> '#text' END, '')"""


class Relationships:
    """The steps that count the relationships of every artist, as the graph has them, and the table of the counts.

    ``table`` gets a row ``(artist bigint PRIMARY KEY, edges bigint)`` for each artist with a relationship. There are no
    relationships with artists that have no record.
    """

    def __init__(self, prefix: str) -> None:
        self.table = f"{prefix}_edges"
        self.parts, self.pairs, self.people = f"{prefix}_parts", f"{prefix}_pairs", f"{prefix}_people"
        self.staged = (self.table, self.parts, self.pairs, self.people)

    def list_steps(self) -> tuple[Step, ...]:
        """Return the steps."""
        return (
            Step(
                f"""
                CREATE TABLE {self.parts} (artist bigint, edges bigint);
                CREATE TABLE {self.pairs} (source bigint, kind text, target bigint);
                CREATE TABLE {self.people} (artist bigint, person bigint)
                """
            ),
            Step(self.count_records("releases"), over="releases"),
            Step(self.count_records("masters"), over="masters"),
            Step(self.list_people(), over="releases"),
            Step(self.list_pairs(), over="artists"),
            Step(self.list_pairs_of_musicbrainz()),
            Step(self.add_up()),
        )

    def count_records(self, table: str) -> str:
        """Return the statement that counts the records of a page that each artist has."""
        return f"""
            INSERT INTO {self.parts}
            SELECT artist, count(*)
            FROM (
                SELECT unnest({ids_in("record.artists")}) AS artist
                FROM {table}, jsonb_to_record(data) AS record (artists jsonb)
                WHERE data_id > %(after)s AND data_id <= %(upto)s
            ) AS named
            GROUP BY artist
        """

    def list_people(self) -> str:
        """Return the statement that lists which people are credited under which artist: each has a SAME_AS."""
        # A hash stands for the name: two people of one artist have the same one once in 10^13 artists of a thousand.
        return f"""
            INSERT INTO {self.people}
            SELECT DISTINCT (entry->>'id')::bigint,
                hashtextextended(left({text_of("(entry->'name')")}, {NAME_CHARACTERS}), 0)
            FROM releases, jsonb_to_record(data) AS record (extraartists jsonb),
                jsonb_array_elements(CASE jsonb_typeof(extraartists) WHEN 'array' THEN extraartists END) AS entry
            WHERE data_id > %(after)s AND data_id <= %(upto)s AND {valid_id("(entry->>'id')")}
                AND {text_of("(entry->'name')")} IS NOT NULL AND {text_of("(entry->'role')")} IS NOT NULL
        """

    def list_pairs(self) -> str:
        """Return the statement that lists which artists a page of artists names."""
        return f"""
            INSERT INTO {self.pairs}
            SELECT data_id, 'ALIAS_OF', unnest({ids_in("record.aliases")})
            FROM artists, jsonb_to_record(data) AS record (aliases jsonb)
            WHERE data_id > %(after)s AND data_id <= %(upto)s AND record.aliases IS NOT NULL
            UNION ALL
            SELECT unnest({ids_in("record.members")}), 'MEMBER_OF', data_id
            FROM artists, jsonb_to_record(data) AS record (members jsonb)
            WHERE data_id > %(after)s AND data_id <= %(upto)s AND record.members IS NOT NULL
            UNION ALL
            SELECT data_id, 'MEMBER_OF', unnest({ids_in("record.groups")})
            FROM artists, jsonb_to_record(data) AS record (groups jsonb)
            WHERE data_id > %(after)s AND data_id <= %(upto)s AND record.groups IS NOT NULL
        """

    def list_pairs_of_musicbrainz(self) -> str:
        """Return the statement that lists the relationships that MusicBrainz asserts."""
        kinds = ", ".join(f"('{relation}', '{kind}')" for relation, kind in RELATIONSHIPS.items())
        return f"""
            INSERT INTO {self.pairs}
            SELECT source.discogs_artist_id, kind.name, target.discogs_artist_id
            FROM musicbrainz.relationships AS relation
            JOIN (VALUES {kinds}) AS kind (relation, name) ON kind.relation = relation.relationship_type
            JOIN musicbrainz.artists AS source ON source.mbid = relation.source_mbid
            JOIN musicbrainz.artists AS target ON target.mbid = relation.target_mbid
            WHERE relation.source_entity_type = 'artist' AND relation.target_entity_type = 'artist'
                AND source.discogs_artist_id <> target.discogs_artist_id
        """

    def add_up(self) -> str:
        """Return the statement that adds up all relationships of each artist."""
        # A relationship of an artist with itself counts once.
        return f"""
            CREATE TABLE {self.table} AS
            WITH pair AS (
                SELECT DISTINCT source, kind, target
                FROM {self.pairs}
                WHERE EXISTS (SELECT FROM artists WHERE data_id = source)
                    AND EXISTS (SELECT FROM artists WHERE data_id = target)
            ), counted AS (
                SELECT artist, edges FROM {self.parts}
                UNION ALL
                SELECT source, count(*) FROM pair GROUP BY source
                UNION ALL
                SELECT target, count(*) FROM pair WHERE target <> source GROUP BY target
                UNION ALL
                SELECT artist, count(DISTINCT person) FROM {self.people} GROUP BY artist
            )
            SELECT artist, sum(edges)::bigint AS edges
            FROM counted
            WHERE EXISTS (SELECT FROM artists WHERE data_id = artist)
            GROUP BY artist;
            ALTER TABLE {self.table} ADD PRIMARY KEY (artist);
            ANALYZE {self.table}
        """


EDGES = Relationships("insights.staged_artist")
RANKS, NEXT_RANKS = "insights.staged_artist_ranks", "insights.staged_artist_next_ranks"
# Placeholders share releases with everybody and pass nothing on.
BEGIN_RANKS = f"""
CREATE TABLE {RANKS} AS
SELECT artist, 1::float AS score, count(*)::bigint AS collaborators,
    sum(releases) FILTER (WHERE other NOT IN ({PLACEHOLDERS})) AS shared
FROM collaboration
WHERE artist <> other
GROUP BY artist
"""
PASS_ON = f"""
CREATE TABLE {NEXT_RANKS} AS
SELECT own.artist, {1 - PASSED_ON:.2f} + {PASSED_ON} * coalesce(gained.score, 0) AS score, own.collaborators, own.shared
FROM {RANKS} AS own
LEFT JOIN (
    SELECT collaboration.other AS artist, sum(giver.score * collaboration.releases / giver.shared) AS score
    FROM collaboration
    JOIN {RANKS} AS giver ON giver.artist = collaboration.artist
    WHERE collaboration.artist <> collaboration.other AND giver.artist NOT IN ({PLACEHOLDERS})
        AND collaboration.other NOT IN ({PLACEHOLDERS})
    GROUP BY collaboration.other
) AS gained USING (artist);
DROP TABLE {RANKS};
ALTER TABLE {NEXT_RANKS} RENAME TO {RANKS.partition(".")[2]}
"""
MOST_CONNECTED_ARTISTS = f"""
SELECT row_number() OVER (ORDER BY edges DESC, artist::text COLLATE "C") AS rank, artist::text AS artist_id,
    data->>'name' AS artist_name, edges AS edge_count
FROM (SELECT * FROM {EDGES.table} ORDER BY edges DESC, artist::text COLLATE "C" LIMIT {MOST_CONNECTED}) AS first
JOIN artists ON data_id = artist
WHERE data->>'name' <> ''
"""
LEADING_ARTISTS = f"""
WITH figure AS (
    SELECT artist, edges, coalesce(collaborators, 0) AS collaborators,
        CASE WHEN artist IN ({PLACEHOLDERS}) THEN 0 ELSE coalesce(score, 0) END AS pagerank,
        artist IN ({PLACEHOLDERS}) AS is_placeholder
    FROM {EDGES.table}
    LEFT JOIN {RANKS} USING (artist)
), chosen AS (
    (SELECT * FROM figure ORDER BY edges DESC, artist::text COLLATE "C" LIMIT {LEADING + 3})
    UNION
    (SELECT * FROM figure ORDER BY collaborators DESC, artist::text COLLATE "C" LIMIT {LEADING + 3})
    UNION
    (SELECT * FROM figure ORDER BY pagerank DESC, artist::text COLLATE "C" LIMIT {LEADING})
)
SELECT artist::text AS artist_id, nullif(data->>'name', '') AS artist_name, edges AS edge_count, collaborators,
    pagerank, is_placeholder
FROM chosen
JOIN artists ON data_id = artist
"""

ARTIST_CENTRALITY = Insight(
    steps=(*EDGES.list_steps(), Step(BEGIN_RANKS), *[Step(PASS_ON)] * ROUNDS),
    staged=(*EDGES.staged, RANKS, NEXT_RANKS),
    results=(
        Result(
            '"insights"."artist_centrality"',
            ("rank", "artist_id", "artist_name", "edge_count"),
            MOST_CONNECTED_ARTISTS,
        ),
        Result(
            '"insights"."leading_artists"',
            ("artist_id", "artist_name", "edge_count", "collaborators", "pagerank", "is_placeholder"),
            LEADING_ARTISTS,
        ),
    ),
)
