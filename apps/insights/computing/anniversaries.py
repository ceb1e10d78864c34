"""The masters that came out a round number of years ago, from a pass over the masters and one over the releases."""

from apps.graph.rows import NAME_CHARACTERS
from apps.graph.statistics import ids_in
from apps.insights.computing.artists import text_of, valid_id
from apps.insights.computing.steps import Insight, Result, Step

MASTERS, RELEASES = "insights.staged_anniversaries", "insights.staged_anniversary_releases"
MAKE = f"""
CREATE TABLE {MASTERS} (master bigint PRIMARY KEY, title text, artist_name text, year int);
CREATE TABLE {RELEASES} (master bigint, year int, month int, owners bigint)
"""
# The smallest name of its artists, as everywhere.
FIND_MASTERS = f"""
INSERT INTO {MASTERS}
SELECT masters.data_id, {text_of("record.title")}, (
        SELECT min(left(artists.data->>'name', {NAME_CHARACTERS}) COLLATE "C")
        FROM artists
        WHERE artists.data_id = ANY({ids_in("record.artists")}) AND artists.data->>'name' <> ''
    ), record.year
FROM masters, jsonb_to_record(data) AS record (title jsonb, artists jsonb, year int)
WHERE masters.data_id > %(after)s AND masters.data_id <= %(upto)s AND record.year > 0
    AND %(year)s - record.year = ANY(%(milestones)s)
"""
# A month is known where the date has two digits for it: 1981-04-00, 1981-04, 19810400.
FIND_RELEASES = f"""
INSERT INTO {RELEASES}
SELECT master, release.year, substring(released FROM '^[0-9]{{4}}-?(0[1-9]|1[0-2])(?:[0-9]{{2}}|-.*)?$')::int,
    coalesce(have_count, 0)
FROM (
    SELECT data_id, record.year, {text_of("record.released")} AS released,
        CASE WHEN {valid_id(text_of("record.master_id"))} THEN ({text_of("record.master_id")})::bigint END AS master
    FROM releases, jsonb_to_record(data) AS record (year int, released jsonb, master_id jsonb)
    WHERE data_id > %(after)s AND data_id <= %(upto)s
) AS release
JOIN {MASTERS} USING (master)
LEFT JOIN insights.community_counts ON community_counts.release_id = data_id
"""
# The month of a master is the first known one of the releases of its earliest year.
ANNIVERSARIES = f"""
WITH first AS (
    SELECT master, min(month) FILTER (WHERE year = earliest) AS month, count(*) + sum(owners) AS popularity
    FROM (SELECT *, min(year) FILTER (WHERE year > 0) OVER (PARTITION BY master) AS earliest FROM {RELEASES}) AS dated
    GROUP BY master
)
SELECT master::text AS master_id, %(year)s AS computed_year, %(month)s AS computed_month,
    coalesce(title, '') AS title, artist_name, year AS release_year, %(year)s - year AS anniversary,
    first.month AS release_month, coalesce(popularity, 0)::bigint AS popularity
FROM {MASTERS}
LEFT JOIN first USING (master)
"""

ANNIVERSARIES_OF_MONTH = Insight(
    steps=(Step(MAKE), Step(FIND_MASTERS, over="masters"), Step(FIND_RELEASES, over="releases")),
    staged=(MASTERS, RELEASES),
    results=(
        Result(
            '"insights"."monthly_anniversaries"',
            (
                "master_id",
                "computed_year",
                "computed_month",
                "title",
                "artist_name",
                "release_year",
                "anniversary",
                "release_month",
                "popularity",
            ),
            ANNIVERSARIES,
            # Those of other months stay a year.
            replaced="(computed_year, computed_month) = (%(year)s, %(month)s)"
            " OR (computed_year, computed_month) < (%(year)s - 1, %(month)s)",
        ),
    ),
)
