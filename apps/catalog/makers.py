"""The makers of masters and releases: the names of their artists as written in the records."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from apps.catalog import reading

SECONDS = 5
MAKERS = """
SELECT 'master', data_id::text, jsonb_path_query_array(data, '$.artists[*].name')::json
FROM masters
WHERE data_id = ANY(%(master)s::bigint[])
UNION ALL
SELECT 'release', data_id::text, jsonb_path_query_array(data, '$.artists[*].name')::json
FROM releases
WHERE data_id = ANY(%(release)s::bigint[])
"""


def list_makers(records: Iterable[tuple[str, str]]) -> dict[tuple[str, str], list[str]]:
    """Return (type, id) → names of artists, for masters and releases. Records of other types are left out."""
    wanted = list(records)
    ids: dict[str, Any] = {
        type_: [int(id_) for other, id_ in wanted if other == type_] for type_ in ("master", "release")
    }
    if not any(ids.values()):
        return {}
    found = reading.rows(MAKERS, seconds=SECONDS, **ids)
    return {(type_, id_): [name for name in names if name] for type_, id_, names in found}
