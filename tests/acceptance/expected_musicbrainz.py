"""What tables and graph must hold after a MusicBrainz dump was loaded, computed in another way than the loader does.

Straight from the lines of the folder, with plain dicts and sets, everything in memory at once; nothing of the product
is used. The readings of the specification are in docs/contract/musicbrainz.md.
"""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from tests.acceptance.dump_lines import ENTITIES, ID_KEYS, Finding, Json, Lines, read
from tests.acceptance.expected import Edge, Expected

Rows: TypeAlias = dict[str, Json]

TABLES = {"artist": "artists", "label": "labels", "release-group": "release_groups", "release": "releases"}
NODE_LABELS = {"artist": "Artist", "label": "Label", "release-group": "Master", "release": "Release"}
RELATIONSHIPS = {
    "member of band": "MEMBER_OF",
    "collaboration": "COLLABORATED_WITH",
    "teacher": "TAUGHT",
    "tribute": "TRIBUTE_TO",
    "founder": "FOUNDED",
    "supporting musician": "SUPPORTED",
    "instrumental supporting musician": "SUPPORTED",
    "vocal supporting musician": "SUPPORTED",
    "subgroup": "SUBGROUP_OF",
    "artist rename": "RENAMED_TO",
}


class Relation(NamedTuple):
    """The natural key of a row of ``relationships``."""

    source_mbid: str
    target_mbid: str
    source_entity_type: str
    target_entity_type: str
    relationship_type: str
    begin_date: str | None
    end_date: str | None
    attributes: tuple[str, ...]


class Link(NamedTuple):
    """A row of ``external_links``."""

    mbid: str
    entity_type: str
    service_name: str
    url: str


@dataclass
class Tables:
    """The rows of the six tables; ``entities`` by table and id, ``relationships`` with their ``ended``."""

    entities: dict[str, Rows] = field(default_factory=dict)
    relationships: dict[Relation, bool] = field(default_factory=dict)
    external_links: set[Link] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)


@dataclass
class Enrichment:
    """What MusicBrainz adds to the graph; relationships by type, start and end."""

    properties: dict[str, dict[str, Json]] = field(default_factory=dict)
    relationships: dict[tuple[str, str, str], Json] = field(default_factory=dict)
    conflicts: list[Finding] = field(default_factory=list)
    figures: Counter[str] = field(default_factory=Counter)
    coverage: dict[str, dict[str, int]] = field(default_factory=dict)


def tables(folder: Path, before: Tables | None = None) -> Tables:
    """Return what the six tables hold after a load of the dump, into empty ones or over those of an earlier dump."""
    found = Tables()
    for entity, table in TABLES.items():
        lines = read(folder, entity)
        found.findings += lines.findings
        records = {**find_kept(lines, before.entities[table] if before else {}), **lines.records}
        found.entities[table] = {mbid: COLUMNS[entity](record) for mbid, record in records.items()}
        for record in records.values():
            add_relations(found, entity, record)
            add_links(found, entity, record)
    return found


def find_kept(lines: Lines, before: Rows) -> Rows:
    """Return the records that a load leaves as they were, though the dump has no good line of them.

    A line that cannot be used is no sign that its entity is gone; where nothing says whose line it is, no entity is.
    """
    return {mbid: row["data"] for mbid, row in before.items() if lines.has_unknown or mbid in lines.dropped}


def enrichment(rows: Tables, present: Mapping[str, Collection[str]]) -> Enrichment:
    """Return what a graph gets that has these nodes: ids, as the graph has them, by label of node."""
    found = Enrichment()
    for entity in ENTITIES:
        add_properties(found, rows, entity, present.get(NODE_LABELS[entity], ()))
    add_relationships(found, rows, present.get("Artist", ()))
    return found


def add_enrichment(expected: Expected, found: Enrichment) -> Expected:
    """Return what the graph holds that Discogs made and MusicBrainz enriched, to be compared by ``stored``."""
    nodes = {
        label: {key: {**node, **found.properties.get(label, {}).get(key, {})} for key, node in of_label.items()}
        for label, of_label in expected.nodes.items()
    }
    marks = {edge[:5]: dict(edge[5:]) for edge in expected.edges if edge[0] == "MEMBER_OF"}
    edges = {edge for edge in expected.edges if edge[0] != "MEMBER_OF"}
    for (type_, start, end), properties in found.relationships.items():
        ends = (type_, "Artist", start, "Artist", end)
        marks[ends] = {**marks.get(ends, {}), **properties, "attributes": tuple(properties["attributes"])}
    return replace(expected, nodes=nodes, edges=edges | {add_properties_to(*each) for each in marks.items()})


def add_properties_to(ends: Edge, properties: Json) -> Edge:
    return (*ends, *sorted(properties.items()))


def content_hash(record: Json) -> str:
    """Return the hash that a row and its node have: that of the record's canonical JSON."""
    canonical = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


# --- rows -----------------------------------------------------------------------------------------------------
def columns(record: Json, *names: str, **others: str) -> Json:
    """Return columns of a record under their own and under other names, with those that every entity has."""
    given = {name: record[name] for name in ("name", *names)} | {name: record[key] for name, key in others.items()}
    id_key = next(key for key in ID_KEYS.values() if key in record)
    link = {id_key: record[id_key], "discogs_link_ended": record["discogs_link_ended"]}
    return given | link | {"data": record}


def life(record: Json) -> Json:
    span = record["life_span"]
    return {"begin_date": span["begin"], "end_date": span["end"], "ended": span["ended"]}


def artist_row(record: Json) -> Json:
    names = ("sort_name", "gender", "area", "begin_area", "end_area", "disambiguation", "aliases", "tags")
    return columns(record, *names, type="mb_type") | life(record)


def label_row(record: Json) -> Json:
    return columns(record, "label_code", "area", "disambiguation", type="mb_type") | life(record)


def release_group_row(record: Json) -> Json:
    return columns(record, "secondary_types", "first_release_date", "disambiguation", type="mb_type")


def release_row(record: Json) -> Json:
    return columns(record, "barcode", "status", "release_group_mbid")


COLUMNS = {"artist": artist_row, "label": label_row, "release-group": release_group_row, "release": release_row}


def add_relations(found: Tables, entity: str, record: Json) -> None:
    for relation in record["relations"]:
        if relation["type"] and relation["target_type"] and relation["target_mbid"]:
            key = direct_relation(entity, record["id"], relation)
            # Ended is what every printing says is ended.
            found.relationships[key] = relation["ended"] and found.relationships.get(key, True)


def direct_relation(entity: str, mbid: str, relation: Json) -> Relation:
    """Return the row of a relation, from its source to its target whichever of them prints it."""
    own, other = (mbid, entity), (relation["target_mbid"], relation["target_type"])
    source, target = (other, own) if relation["direction"] == "backward" else (own, other)
    return Relation(
        source[0],
        target[0],
        source[1],
        target[1],
        relation["type"],
        relation["begin_date"],
        relation["end_date"],
        tuple(relation["attributes"]),
    )


def add_links(found: Tables, entity: str, record: Json) -> None:
    for link in record["external_links"]:
        if link["service"] and link["url"]:
            found.external_links.add(Link(record["id"], entity, link["service"], link["url"]))


# --- graph ----------------------------------------------------------------------------------------------------
def add_properties(found: Enrichment, rows: Tables, entity: str, present: Collection[str]) -> None:
    label, table = NODE_LABELS[entity], rows.entities[TABLES[entity]]
    claims = by_discogs_id(table, entity)
    nodes = {}
    for node, claimants in claims.items():
        first, *others = sorted(claimants, key=lambda mbid: (table[mbid]["discogs_link_ended"], mbid))
        found.conflicts += [(entity, mbid, "discogs-id-conflict", ID_KEYS[entity]) for mbid in others]
        if node in present:
            nodes[node] = PROPERTIES[entity](first, table[first])
            found.figures["entities_skipped_conflict"] += len(others)
        else:
            found.figures["entities_skipped_no_discogs_match"] += len(claimants)
    matched = sum(map(len, claims.values()))
    found.properties[label] = nodes
    found.coverage[TABLES[entity]] = {"total": len(table), "matched": matched, "enriched": len(nodes)}
    found.figures["entities_enriched"] += len(nodes)
    found.figures["entities_skipped_no_discogs_match"] += len(table) - matched


def by_discogs_id(table: Rows, entity: str) -> dict[str, list[str]]:
    """Return which entities claim a Discogs id: an integer in the table, a string in the graph."""
    claims = defaultdict(list)
    for mbid, row in table.items():
        if (discogs_id := row[ID_KEYS[entity]]) is not None:
            claims[str(discogs_id)].append(mbid)
    return claims


def drop_unknown(**properties: Any) -> Json:
    return {name: value for name, value in properties.items() if value is not None}


def artist_properties(mbid: str, row: Json) -> Json:
    return drop_unknown(
        mbid=mbid,
        mb_type=row["type"],
        mb_gender=row["gender"],
        mb_begin_date=row["begin_date"],
        mb_end_date=row["end_date"],
        mb_area=row["area"],
        mb_begin_area=row["begin_area"],
        mb_end_area=row["end_area"],
        mb_disambiguation=row["disambiguation"],
    )


def label_properties(mbid: str, row: Json) -> Json:
    return drop_unknown(
        mbid=mbid,
        mb_type=row["type"],
        mb_label_code=row["label_code"],
        mb_begin_date=row["begin_date"],
        mb_end_date=row["end_date"],
        mb_area=row["area"],
    )


def master_properties(mbid: str, row: Json) -> Json:
    return drop_unknown(
        mbid=mbid,
        mb_type=row["type"],
        mb_secondary_types=row["secondary_types"],
        mb_first_release_date=row["first_release_date"],
        mb_disambiguation=row["disambiguation"],
    )


def release_properties(mbid: str, row: Json) -> Json:
    return drop_unknown(
        mbid=mbid,
        mb_barcode=row["barcode"],
        mb_status=row["status"],
        mb_release_group_mbid=row["release_group_mbid"],
    )


PROPERTIES = {
    "artist": artist_properties,
    "label": label_properties,
    "release-group": master_properties,
    "release": release_properties,
}


def add_relationships(found: Enrichment, rows: Tables, present: Collection[str]) -> None:
    groups = defaultdict(list)
    for relation, ended in rows.relationships.items():
        is_between_artists = relation.source_entity_type == relation.target_entity_type == "artist"
        if relation.relationship_type not in RELATIONSHIPS or not is_between_artists:
            continue
        ends = [node_of(mbid, rows, present) for mbid in (relation.source_mbid, relation.target_mbid)]
        if None in ends:
            found.figures["relationships_skipped_missing_side"] += 1
        elif ends[0] == ends[1]:
            found.figures["relationships_skipped_same_node"] += 1
        else:
            groups[RELATIONSHIPS[relation.relationship_type], str(ends[0]), str(ends[1])].append((relation, ended))
    found.relationships = {key: combine(group) for key, group in groups.items()}
    found.figures["relationships"] = len(groups)
    found.coverage["relationships"] = {"total": len(rows.relationships), "created": len(groups)}


def node_of(mbid: str, rows: Tables, present: Collection[str]) -> str | None:
    discogs_id = rows.entities["artists"].get(mbid, {}).get("discogs_artist_id")
    return str(discogs_id) if discogs_id is not None and str(discogs_id) in present else None


def combine(relations: Iterable[tuple[Relation, bool]]) -> Json:
    """Return the properties of the one relationship that several rows are."""
    rows = list(relations)
    begins = [relation.begin_date for relation, _ in rows if relation.begin_date]
    ends = [relation.end_date for relation, _ in rows if relation.end_date]
    is_open = any(not ended and not relation.end_date for relation, ended in rows)
    return {
        "source": "musicbrainz",
        "ended": all(ended for _, ended in rows),
        "attributes": sorted({attribute for relation, _ in rows for attribute in relation.attributes}),
        **drop_unknown(begin_date=min(begins, default=None), end_date=None if is_open else max(ends, default=None)),
    }
