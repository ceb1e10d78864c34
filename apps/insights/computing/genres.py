"""Releases of each genre by decade, from the tallies of the last run."""

from apps.insights.computing.steps import Insight, Result

TRENDS = """
SELECT parent AS genre, child::int / 10 * 10 AS decade, sum(releases)::bigint AS release_count
FROM tally
WHERE kind = 'genre year'
GROUP BY parent, child::int / 10 * 10
"""

GENRE_TRENDS = Insight(
    steps=(),
    staged=(),
    results=(Result('"insights"."genre_trends"', ("genre", "decade", "release_count"), TRENDS),),
)
