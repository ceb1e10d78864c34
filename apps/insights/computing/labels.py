"""How long labels have been releasing, from one pass over the releases."""

from apps.graph.statistics import ids_in
from apps.insights.computing.steps import Insight, Result, Step

YEARS, LABELS = "insights.staged_label_years", "insights.staged_labels"
# The longest of the public answer, and of those from which the others choose.
LONGEST, LEADING = 50, 500
# A label's early years are isolated if no more than a hundredth of its releases came out in them, or one, and more than
# so many years lie between them and the next.
GAP_YEARS = 15
# A label with fewer releases has no settled years.
LEAST_RELEASES = 3

MAKE = f"CREATE TABLE {YEARS} (label bigint, year int, releases bigint)"
COUNT = f"""
INSERT INTO {YEARS}
SELECT label, year, count(*)
FROM (
    SELECT unnest({ids_in("record.labels")}) AS label, record.year
    FROM releases, jsonb_to_record(data) AS record (year int, labels jsonb)
    WHERE data_id > %(after)s AND data_id <= %(upto)s AND record.year > 0
) AS released
GROUP BY label, year
"""
# Only labels that have a record.
ADD_UP = f"""
CREATE TABLE {LABELS} AS
WITH by_year AS (
    SELECT label, year, sum(releases) AS releases
    FROM {YEARS}
    WHERE EXISTS (SELECT FROM labels WHERE data_id = label)
    GROUP BY label, year
), early AS (
    SELECT label, year, releases,
        sum(releases) OVER (PARTITION BY label ORDER BY year) AS so_far,
        lead(year) OVER (PARTITION BY label ORDER BY year) - year AS gap,
        sum(releases) OVER (PARTITION BY label) AS total
    FROM by_year
), isolated AS (
    SELECT label, max(year) AS last
    FROM early
    WHERE gap > {GAP_YEARS} AND so_far <= ceil((total - 1) / 100)
    GROUP BY label
), peak AS (
    SELECT DISTINCT ON (label) label, decade
    FROM (
        SELECT label, year / 10 * 10 AS decade, sum(releases) AS releases
        FROM by_year
        GROUP BY label, year / 10 * 10
    ) AS by_decade
    ORDER BY label, releases DESC, decade
)
SELECT label, min(year) AS first_year, max(year) AS last_year, sum(releases)::bigint AS total_releases,
    min(peak.decade) AS peak_decade,
    min(year) FILTER (WHERE isolated.last IS NULL OR year > isolated.last) AS settled_year
FROM by_year
LEFT JOIN isolated USING (label)
JOIN peak USING (label)
GROUP BY label
"""
LONGEST_LABELS = f"""
SELECT row_number() OVER (ORDER BY years_active DESC, label_id) AS rank, *,
    last_year >= %(year)s - 2 AS still_active
FROM (
    SELECT label::text COLLATE "C" AS label_id, coalesce(data->>'name', 'Label ' || label) AS label_name, first_year,
        last_year, last_year - first_year + 1 AS years_active, total_releases, peak_decade
    FROM {LABELS}
    JOIN labels ON data_id = label
    ORDER BY last_year - first_year DESC, label::text COLLATE "C"
    LIMIT {LONGEST}
) AS longest
"""
LEADING_LABELS = f"""
SELECT label::text AS label_id, data->>'name' AS label_name, first_year, last_year, total_releases, peak_decade,
    settled_year
FROM (
    (SELECT * FROM {LABELS} ORDER BY last_year - first_year DESC, label::text COLLATE "C" LIMIT {LEADING})
    UNION
    (
        SELECT *
        FROM {LABELS}
        WHERE total_releases >= {LEAST_RELEASES}
        ORDER BY last_year - settled_year DESC, label::text COLLATE "C"
        LIMIT {LEADING}
    )
) AS chosen
JOIN labels ON data_id = label
"""

LABEL_LONGEVITY = Insight(
    steps=(Step(MAKE), Step(COUNT, over="releases"), Step(ADD_UP)),
    staged=(YEARS, LABELS),
    results=(
        Result(
            '"insights"."label_longevity"',
            (
                "rank",
                "label_id",
                "label_name",
                "first_year",
                "last_year",
                "years_active",
                "total_releases",
                "peak_decade",
                "still_active",
            ),
            LONGEST_LABELS,
        ),
        Result(
            '"insights"."leading_labels"',
            (
                "label_id",
                "label_name",
                "first_year",
                "last_year",
                "total_releases",
                "peak_decade",
                "settled_year",
            ),
            LEADING_LABELS,
        ),
    ),
)
