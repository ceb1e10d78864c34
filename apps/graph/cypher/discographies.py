"""Cypher of which releases an artist or a label has."""

# $id: str. One row if there is such an artist, with the ids of its releases.
RELEASES_OF_ARTIST = """
MATCH (artist:Artist {id: $id})
RETURN COLLECT {
    MATCH (artist)<-[:BY]-(release:Release)
    RETURN release.id
} AS ids
"""

# $id: str.
RELEASES_OF_LABEL = """
MATCH (label:Label {id: $id})
RETURN COLLECT {
    MATCH (label)<-[:ON]-(release:Release)
    RETURN release.id
} AS ids
"""
