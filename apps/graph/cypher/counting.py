"""Cypher of how much there is of what, from the server's own counts."""

COUNT_NODES = """
RETURN COUNT { (:Artist) } AS artists,
    COUNT { (:Label) } AS labels,
    COUNT { (:Release) } AS releases,
    COUNT { (:Master) } AS masters,
    COUNT { (:Genre) } AS genres,
    COUNT { (:Style) } AS styles
"""
