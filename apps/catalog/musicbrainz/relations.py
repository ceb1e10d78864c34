"""SQL for the relations and external links of entities, for the statements of ``loading`` and ``purge``.

Both ends of a relation state it, mostly in different chunks. Its row has a column for each end, which is not null if
that end states the relation. So when one end is rewritten, it withdraws only its own statement.
"""

# The relations that the entities of the batch state, each in the one direction that both of its ends agree upon.
MAKE_PRINTED = """
CREATE TEMPORARY TABLE printed ON COMMIT DROP AS
SELECT
    CASE WHEN is_source THEN mbid ELSE other END AS source_mbid,
    CASE WHEN is_source THEN other ELSE mbid END AS target_mbid,
    CASE WHEN is_source THEN %(entity)s ELSE target_type END AS source_entity_type,
    CASE WHEN is_source THEN target_type ELSE %(entity)s END AS target_entity_type,
    type AS relationship_type, begin_date, end_date, attributes,
    bool_and(ended) FILTER (WHERE is_source) AS source_ended,
    bool_and(ended) FILTER (WHERE NOT is_source) AS target_ended
FROM (
    SELECT batch.mbid, target_mbid::uuid AS other, direction = 'forward' AS is_source, relation.*
    FROM batch, jsonb_to_recordset(batch.data->'relations') AS relation(
        type text, target_type text, target_mbid text, direction text, attributes jsonb, begin_date text, end_date text,
        ended boolean
    )
    WHERE type IS NOT NULL AND target_type IS NOT NULL AND target_mbid <> ''
) AS relations
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
"""

# The relations that one of their ends withdrew in this transaction.
MAKE_WITHDRAWN = "CREATE TEMPORARY TABLE withdrawn (id bigint) ON COMMIT DROP"

# A rewritten entity withdraws the relations that it stated before, as their source or their target, unless …
WITHDRAW_AS_SOURCE = """
WITH taken_back AS (
    UPDATE musicbrainz.relationships AS stored
    SET source_ended = NULL
    FROM {gone} AS gone
    WHERE stored.source_mbid = gone.mbid AND stored.source_entity_type = %(entity)s AND stored.source_ended IS NOT NULL
        {unless_source}
    RETURNING stored.id
)
INSERT INTO withdrawn SELECT id FROM taken_back
"""

WITHDRAW_AS_TARGET = """
WITH taken_back AS (
    UPDATE musicbrainz.relationships AS stored
    SET target_ended = NULL
    FROM {gone} AS gone
    WHERE stored.target_mbid = gone.mbid AND stored.target_entity_type = %(entity)s AND stored.target_ended IS NOT NULL
        {unless_target}
    RETURNING stored.id
)
INSERT INTO withdrawn SELECT id FROM taken_back
"""

# … it still states them.
PRINTED_AS_SOURCE = """
    AND NOT EXISTS (
        SELECT FROM printed
        WHERE printed.source_ended IS NOT NULL AND printed.source_mbid = stored.source_mbid
            AND printed.target_mbid = stored.target_mbid AND printed.target_entity_type = stored.target_entity_type
            AND printed.relationship_type = stored.relationship_type AND printed.attributes = stored.attributes
            AND printed.begin_date IS NOT DISTINCT FROM stored.begin_date
            AND printed.end_date IS NOT DISTINCT FROM stored.end_date
    )
"""

PRINTED_AS_TARGET = """
    AND NOT EXISTS (
        SELECT FROM printed
        WHERE printed.target_ended IS NOT NULL AND printed.target_mbid = stored.target_mbid
            AND printed.source_mbid = stored.source_mbid AND printed.source_entity_type = stored.source_entity_type
            AND printed.relationship_type = stored.relationship_type AND printed.attributes = stored.attributes
            AND printed.begin_date IS NOT DISTINCT FROM stored.begin_date
            AND printed.end_date IS NOT DISTINCT FROM stored.end_date
    )
"""

# All writers insert in the same order, so that they do not deadlock.
MERGE_RELATIONSHIPS = """
INSERT INTO musicbrainz.relationships AS stored (
    source_mbid, target_mbid, source_entity_type, target_entity_type, relationship_type, begin_date, end_date,
    attributes, source_ended, target_ended
)
SELECT source_mbid, target_mbid, source_entity_type, target_entity_type, relationship_type, begin_date, end_date,
    attributes, source_ended, target_ended
FROM printed
ORDER BY source_mbid, target_mbid, relationship_type, begin_date, end_date, attributes
ON CONFLICT ON CONSTRAINT relationships_natural_key DO UPDATE
SET source_ended = coalesce(excluded.source_ended, stored.source_ended),
    target_ended = coalesce(excluded.target_ended, stored.target_ended)
WHERE excluded.source_ended IS NOT NULL AND excluded.source_ended IS DISTINCT FROM stored.source_ended
    OR excluded.target_ended IS NOT NULL AND excluded.target_ended IS DISTINCT FROM stored.target_ended
"""

# Deletes the withdrawn relations that the other end does not state either.
DROP_RELATIONSHIPS = """
DELETE FROM musicbrainz.relationships AS stored
USING withdrawn
WHERE stored.id = withdrawn.id AND stored.source_ended IS NULL AND stored.target_ended IS NULL
"""

MAKE_LINKED = """
CREATE TEMPORARY TABLE linked ON COMMIT DROP AS
SELECT DISTINCT batch.mbid, service AS service_name, url
FROM batch, jsonb_to_recordset(batch.data->'external_links') AS link(service text, url text)
WHERE service IS NOT NULL AND url IS NOT NULL
"""

DROP_LINKS = """
DELETE FROM musicbrainz.external_links AS stored
USING {gone} AS gone
WHERE stored.mbid = gone.mbid AND stored.entity_type = %(entity)s
    {unless_linked}
"""

LINKED = """
    AND NOT EXISTS (
        SELECT FROM linked
        WHERE linked.mbid = stored.mbid AND linked.service_name = stored.service_name AND linked.url = stored.url
    )
"""

MERGE_LINKS = """
INSERT INTO musicbrainz.external_links (mbid, entity_type, service_name, url)
SELECT mbid, %(entity)s, service_name, url
FROM linked
ORDER BY mbid
ON CONFLICT ON CONSTRAINT external_links_natural_key DO NOTHING
"""

# Parts of the statements that delete relations and links: replaced entities lose those that they no longer have, and
# gone entities lose all.
REPLACED = {
    "gone": "replaced",
    "unless_source": PRINTED_AS_SOURCE,
    "unless_target": PRINTED_AS_TARGET,
    "unless_linked": LINKED,
}

GONE = {"gone": "gone", "unless_source": "", "unless_target": "", "unless_linked": ""}
