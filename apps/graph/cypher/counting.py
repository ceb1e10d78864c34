"""Cypher of how much there is of what, from the server's own counts."""

COUNT_NODES = """
RETURN COUNT { (:Artist) } AS artists,
    COUNT { (:Label) } AS labels,
    COUNT { (:Release) } AS releases,
    COUNT { (:Master) } AS masters,
    COUNT { (:Genre) } AS genres,
    COUNT { (:Style) } AS styles
"""

# One row: [year, releases], years ascending; of releases that have a year.
RELEASES_BY_YEAR = """
MATCH (release:Release)
WHERE release.year > 0
WITH release.year AS year, count(*) AS releases
ORDER BY year
RETURN collect([year, releases]) AS years
"""
