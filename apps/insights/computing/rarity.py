"""How rare every release is (decision 181).

A pass over the releases makes a narrow copy of what the signals need; a pass over that copy scores each release. The
signals and their weights are those of docs/contract/rest.md#rarity.
"""

from apps.graph.rows import NAME_CHARACTERS
from apps.graph.statistics import ids_in, names_in
from apps.insights.computing.artists import Relationships, text_of, valid_id
from apps.insights.computing.steps import Insight, Result, Step
from apps.insights.rarity import WEIGHTS

EDGES = Relationships("insights.staged_rarity")
RELEASES, MASTERS, LABELS, GENRES, SCORED, SHARES = (
    f"insights.staged_rarity_{name}" for name in ("releases", "masters", "labels", "genres", "scored", "shares")
)
# Years within which another release of the same master makes an old one less scarce.
RECENT_YEARS = 10

FORMATS = {
    "Test Pressing": 100,
    "Lathe Cut": 98,
    "Flexi-disc": 95,
    "Shellac": 90,
    "Blu-spec CD": 80,
    "Box Set": 70,
    '10"': 65,
    "8-Track Cartridge": 60,
    "CDr": 50,
    "Vinyl": 40,
    "Cassette": 35,
    "LP": 30,
    "CD": 10,
    "File": 5,
}
FORMAT_ROWS = ", ".join(f"('{name}', {score})" for name, score in FORMATS.items())

MAKE = f"""
CREATE TABLE {RELEASES} (
    data_id bigint PRIMARY KEY, title text, year int, master bigint, artists bigint[], labels bigint[], genres text[],
    degree int, format_rarity int
)
"""
# The credits of a release are relationships by name, role and artist; a name is that of the Person.
CREDITS = f"""
    (
        SELECT count(DISTINCT (
            left({text_of("(entry->'name')")}, {NAME_CHARACTERS}), {text_of("(entry->'role')")},
            CASE WHEN {valid_id("(entry->>'id')")} THEN entry->>'id' END
        ))
        FROM jsonb_array_elements(
            CASE jsonb_typeof(record.extraartists) WHEN 'array' THEN record.extraartists END
        ) AS entry
        WHERE {text_of("(entry->'name')")} IS NOT NULL AND {text_of("(entry->'role')")} IS NOT NULL
    )"""
# References to records that are in no dump make no relationship.
COPY = f"""
INSERT INTO {RELEASES}
SELECT data_id, title, year, master, artists, labels, genres,
    cardinality(artists) + cardinality(labels) + (master IS NOT NULL)::int + coalesce(cardinality(genres), 0)
        + coalesce(cardinality(styles), 0) + credits,
    coalesce(format_rarity, 50)
FROM (
    SELECT releases.data_id, {text_of("record.title")} AS title, record.year,
        (
            SELECT masters.data_id
            FROM masters
            WHERE masters.data_id
                = CASE WHEN {valid_id(text_of("record.master_id"))} THEN ({text_of("record.master_id")})::bigint END
        ) AS master,
        ARRAY(SELECT artists.data_id FROM artists WHERE artists.data_id = ANY({ids_in("record.artists")})) AS artists,
        ARRAY(SELECT labels.data_id FROM labels WHERE labels.data_id = ANY({ids_in("record.labels")})) AS labels,
        {names_in("record.genres")} AS genres, {names_in("record.styles")} AS styles, {CREDITS} AS credits,
        (
            SELECT max(coalesce(score, 50))
            FROM jsonb_array_elements(
                CASE jsonb_typeof(record.formats) WHEN 'array' THEN record.formats END
            ) AS entry
            LEFT JOIN (VALUES {FORMAT_ROWS}) AS format (name, score) ON format.name = entry->>'name'
            WHERE jsonb_typeof(entry->'name') = 'string'
        ) AS format_rarity
    FROM releases, jsonb_to_record(data) AS record (
        title jsonb, year int, master_id jsonb, artists jsonb, labels jsonb, genres jsonb, styles jsonb,
        extraartists jsonb, formats jsonb
    )
    WHERE releases.data_id > %(after)s AND releases.data_id <= %(upto)s
) AS release
"""
COUNT = f"""
CREATE TABLE {MASTERS} AS
SELECT master, count(*)::int AS pressings, count(*) FILTER (WHERE year >= %(year)s - {RECENT_YEARS})::int AS recent
FROM {RELEASES}
WHERE master IS NOT NULL
GROUP BY master;
ALTER TABLE {MASTERS} ADD PRIMARY KEY (master);
CREATE TABLE {LABELS} AS
SELECT label, count(*)::int AS releases FROM {RELEASES}, unnest(labels) AS label GROUP BY label;
ALTER TABLE {LABELS} ADD PRIMARY KEY (label);
CREATE TABLE {GENRES} AS
SELECT genre, count(*)::int AS releases FROM {RELEASES}, unnest(genres) AS genre GROUP BY genre;
CREATE TABLE {SCORED} (
    release_id bigint, title text, artist_name text, year int, pressing_scarcity int, label_catalog int,
    format_rarity int, temporal_scarcity numeric, graph_isolation int, collection_prevalence int, artist bigint,
    label bigint, genre bigint
);
ANALYZE {RELEASES}, {MASTERS}, {LABELS}
"""
SCORE = f"""
INSERT INTO {SCORED}
SELECT data_id, title, (
        SELECT min(left(data->>'name', {NAME_CHARACTERS}) COLLATE "C")
        FROM artists
        WHERE artists.data_id = ANY(artists_of) AND data->>'name' <> ''
    ), year,
    CASE WHEN pressings IS NULL THEN 90 WHEN pressings = 1 THEN 100 WHEN pressings = 2 THEN 85
        WHEN pressings <= 5 THEN 60 WHEN pressings <= 10 THEN 35 ELSE 10 END,
    CASE WHEN least_label < 10 THEN 100 WHEN least_label <= 50 THEN 75 WHEN least_label <= 200 THEN 50
        WHEN least_label <= 1000 THEN 25 ELSE 10 END,
    format_rarity,
    CASE WHEN year IS NULL THEN 50 ELSE greatest(
        least(greatest((%(year)s - year) * 1.5, 0), 100)
            - CASE WHEN recent > (year >= %(year)s - {RECENT_YEARS})::int THEN 40 ELSE 0 END,
        0
    ) END,
    CASE WHEN degree <= 2 THEN 90 WHEN degree <= 4 THEN 70 WHEN degree <= 7 THEN 50 WHEN degree <= 12 THEN 30
        ELSE 10 END,
    CASE WHEN have_count IS NULL THEN 50 ELSE least(100,
        CASE WHEN have_count <= 0 THEN 95 WHEN have_count <= 10 THEN 85 WHEN have_count <= 100 THEN 70
            WHEN have_count <= 1000 THEN 50 WHEN have_count <= 10000 THEN 25 ELSE 10 END
        + CASE WHEN want_count > have_count THEN 5 ELSE 0 END
    ) END,
    artist, label, genre
FROM (
    SELECT own.*, own.artists AS artists_of, pressings, recent, have_count, want_count,
        (SELECT max(edges) FROM {EDGES.table} WHERE {EDGES.table}.artist = ANY(own.artists)) AS artist,
        coalesce(size.least, 0) AS least_label, size.most AS label,
        (SELECT max(releases) FROM {GENRES} AS tag WHERE tag.genre = ANY(own.genres)) AS genre
    FROM {RELEASES} AS own
    LEFT JOIN {MASTERS} USING (master)
    LEFT JOIN insights.community_counts ON community_counts.release_id = own.data_id
    CROSS JOIN LATERAL (
        SELECT min(releases) AS least, max(releases) AS most
        FROM {LABELS} AS named
        WHERE named.label = ANY(own.labels)
    ) AS size
    WHERE own.data_id > %(after)s AND own.data_id <= %(upto)s
) AS figure
"""
# Value → the share of the releases with a value of that kind whose value is smaller.
SHARE = f"""
CREATE TABLE {SHARES} AS
SELECT kind, value, (sum(releases) OVER (PARTITION BY kind ORDER BY value) - releases)::float
    / sum(releases) OVER (PARTITION BY kind) AS share
FROM (
    SELECT kind, value, count(*) AS releases
    FROM {SCORED}, LATERAL (VALUES ('artist', artist), ('label', label), ('genre', genre)) AS each (kind, value)
    WHERE value > 0
    GROUP BY kind, value
) AS counted
"""


def round_exactly(value: str) -> str:
    """Return an SQL expression: a double from 0 to 100 rounded to one decimal as Python's ``round`` does.

    That is by its binary value, half to even. PostgreSQL has numerics, which round half away from zero.
    """
    # Times 2^52 a double is a whole number; the factor behind it is 2^-52. So ``tenfold`` is exact.
    tenfold = f"(({value} * 4503599627370496)::bigint * 2.220446049250313080847263336181640625e-15)"
    return f"""(
        CASE WHEN {tenfold} - floor({tenfold}) = 0.5 THEN 2 * round({tenfold} / 2) ELSE round({tenfold}) END / 10
    )::float"""


# Tiers are those of the exact sum. Its double is what Python would add up to.
SUM = " + ".join(f"{weight} * {signal}" for signal, weight in WEIGHTS.items())
FAME = "(0.4 * coalesce(artist.share, 0) + 0.3 * coalesce(label.share, 0) + 0.3 * coalesce(genre.share, 0))"
RARITY = f"""
SELECT release_id, title, artist_name, year, {round_exactly("total::float")} AS rarity_score,
    CASE WHEN total >= 80 THEN 'ultra-rare' WHEN total >= 60 THEN 'rare' WHEN total >= 40 THEN 'scarce'
        WHEN total >= 20 THEN 'uncommon' ELSE 'common' END AS tier,
    {round_exactly(f"(total::float * {FAME})")} AS hidden_gem_score,
    {", ".join(f"{signal}::float AS {signal}" for signal in WEIGHTS)}
FROM (SELECT *, {SUM} AS total FROM {SCORED}) AS scored
LEFT JOIN {SHARES} AS artist ON artist.kind = 'artist' AND artist.value = scored.artist
LEFT JOIN {SHARES} AS label ON label.kind = 'label' AND label.value = scored.label
LEFT JOIN {SHARES} AS genre ON genre.kind = 'genre' AND genre.value = scored.genre
"""

RELEASE_RARITY = Insight(
    steps=(
        *EDGES.list_steps(),
        Step(MAKE),
        Step(COPY, over="releases"),
        Step(COUNT),
        Step(SCORE, over=RELEASES),
        Step(SHARE),
    ),
    staged=(*EDGES.staged, RELEASES, SCORED, SHARES, MASTERS, LABELS, GENRES),
    results=(
        Result(
            '"insights"."release_rarity"',
            ("release_id", "title", "artist_name", "year", "rarity_score", "tier", "hidden_gem_score", *WEIGHTS),
            RARITY,
            key="release_id",
        ),
    ),
)
