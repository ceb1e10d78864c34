"""The graph's schema: every node, property, index and relationship, and which records assert a relationship.

``apps.graph.schema`` creates constraints and indexes from these classes. ``apps.graph.dangling`` and
``apps.graph.removal`` have tables of who asserts what, and single nodes are read as objects of these classes. Loading
is plain Cypher (``apps/graph/cypher``), which writes 22,000 nodes a second; ``save`` writes 700.

A property's help text says where its value comes from. Without a value a property is absent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from neomodel import (
    ArrayProperty,
    BooleanProperty,
    FulltextIndex,
    IntegerProperty,
    RelationshipFrom,
    RelationshipTo,
    StringProperty,
    StructuredNode,
    StructuredRel,
)


@dataclass(frozen=True, slots=True)
class Assertion:
    """A list of ids in a record that asserts a relationship.

    record_type: the type of the record. key: the list in its link row. direction: ``out`` if the record is the start of
    the relationship, ``in`` if it is the end. target_type: the type of the records that the ids name.
    """

    record_type: str
    key: str
    direction: str
    target_type: str


class Asserted(StructuredRel):
    """A relationship that records assert; the base class."""

    assertions: ClassVar[tuple[Assertion, ...]] = ()


class By(Asserted):
    """A release or master is by an artist: ``artists[].id``."""

    assertions = (
        Assertion("releases", "artists", "out", "artists"),
        Assertion("masters", "artists", "out", "artists"),
    )


class On(Asserted):
    """A release is on a label: ``labels[].id``."""

    assertions = (Assertion("releases", "labels", "out", "labels"),)


class DerivedFrom(Asserted):
    """A release is a version of a master: ``master_id``."""

    assertions = (Assertion("releases", "masters", "out", "masters"),)


class AliasOf(Asserted):
    """An artist is an alias of the artist whose record lists it: ``aliases[].id``. The reverse is not added."""

    assertions = (Assertion("artists", "aliases", "in", "artists"),)


class Is(Asserted):
    """A release or master has a genre or style: ``genres[]``, ``styles[]``. The records make those nodes as well."""


class Marked(Asserted):
    """A relationship that the record at either end may assert. It is deleted when neither mark is left."""

    by_source = BooleanProperty(help_text="the record of the start node asserts it")
    by_target = BooleanProperty(help_text="the record of the end node asserts it")


class Enriched(StructuredRel):
    """A relationship that MusicBrainz asserts (docs/contract/data.md#enrichment)."""

    provenance = StringProperty(db_property="source", help_text="musicbrainz")
    begin_date = StringProperty(help_text="earliest known begin, of partial precision")
    end_date = StringProperty(help_text="latest known end; absent if one is open")
    ended = BooleanProperty(help_text="whether every relation has ended")
    attributes = ArrayProperty(StringProperty(), help_text="of all relations, sorted")


class MemberOf(Marked, Enriched):
    """An artist is a member of a group: ``members[].id`` of the group, ``groups[].id`` of the member, MusicBrainz."""

    assertions = (
        Assertion("artists", "members", "in", "artists"),
        Assertion("artists", "groups", "out", "artists"),
    )


class SublabelOf(Marked):
    """A label is a sublabel of another: ``parentLabel.id`` of the sublabel, ``sublabels[].id`` of the parent."""

    assertions = (
        Assertion("labels", "parents", "out", "labels"),
        Assertion("labels", "sublabels", "in", "labels"),
    )


class CreditedOn(StructuredRel):
    """A credit: ``extraartists[]`` of a release with a name and a role. Unique for its ends, role and artist."""

    role = StringProperty(help_text="the whole role")
    category = StringProperty(help_text="category of its first part that has one (apps/graph/roles.py)")
    artist_id = StringProperty(index=True, help_text="the credit's artist, if it names one")


class SameAs(StructuredRel):
    """A person is an artist: derived by maintenance from credits with that artist's id."""

    credits = IntegerProperty(help_text="how many credits say so")


class PartOf(StructuredRel):
    """A style is part of a genre: derived by maintenance from releases and masters with exactly one genre."""

    weight = IntegerProperty(help_text="how many of them")


class Collected(StructuredRel):
    """A user has a copy of a release. Unique for its ends and ``instance_id``."""

    instance_id = StringProperty()
    rating = IntegerProperty()
    folder_id = IntegerProperty()
    date_added = StringProperty()
    synced_at = StringProperty()


class Wants(StructuredRel):
    """A user wants a release."""

    rating = IntegerProperty()
    date_added = StringProperty()
    synced_at = StringProperty()


class Record(StructuredNode):
    """A node of a Discogs record."""

    __abstract_node__ = True

    discogs_id = StringProperty(db_property="id", unique_index=True, help_text="Discogs id, a string of digits")
    sha256 = StringProperty(help_text="hash of the record; set when its relationships are written")
    rev = IntegerProperty(help_text="revision of the code that wrote it")
    mbid = StringProperty(index=True, help_text="id of the MusicBrainz entity that has this page")
    mb_sha256 = StringProperty(help_text="hash of that entity")
    mb_rev = IntegerProperty(help_text="revision of the code that wrote its properties")
    mb_updated_at = StringProperty(help_text="when that entity last changed, ISO 8601")


class Artist(Record):
    """An artist of Discogs."""

    name = StringProperty(index=True, fulltext_index=FulltextIndex(), help_text="name")
    resource_url = StringProperty(help_text="address in Discogs' API")
    releases_url = StringProperty(help_text="address of its releases in Discogs' API")
    mb_type = StringProperty(help_text="type")
    mb_gender = StringProperty(help_text="gender")
    mb_begin_date = StringProperty(help_text="begin of its life span")
    mb_end_date = StringProperty(help_text="end of its life span")
    mb_area = StringProperty(help_text="area")
    mb_begin_area = StringProperty(help_text="begin area")
    mb_end_area = StringProperty(help_text="end area")
    mb_disambiguation = StringProperty(help_text="disambiguation")

    aliases = RelationshipFrom("Artist", "ALIAS_OF", model=AliasOf)
    groups = RelationshipTo("Artist", "MEMBER_OF", model=MemberOf)
    collaborated_with = RelationshipTo("Artist", "COLLABORATED_WITH", model=Enriched)
    taught = RelationshipTo("Artist", "TAUGHT", model=Enriched)
    tribute_to = RelationshipTo("Artist", "TRIBUTE_TO", model=Enriched)
    founded = RelationshipTo("Artist", "FOUNDED", model=Enriched)
    supported = RelationshipTo("Artist", "SUPPORTED", model=Enriched)
    subgroup_of = RelationshipTo("Artist", "SUBGROUP_OF", model=Enriched)
    renamed_to = RelationshipTo("Artist", "RENAMED_TO", model=Enriched)


class Label(Record):
    """A label of Discogs."""

    name = StringProperty(index=True, fulltext_index=FulltextIndex(), help_text="name")
    release_count = IntegerProperty(help_text="counted by maintenance")
    artist_count = IntegerProperty(help_text="counted by maintenance")
    genre_count = IntegerProperty(help_text="counted by maintenance")
    mb_type = StringProperty(help_text="type")
    mb_label_code = IntegerProperty(help_text="label code")
    mb_begin_date = StringProperty(help_text="begin of its life span")
    mb_end_date = StringProperty(help_text="end of its life span")
    mb_area = StringProperty(help_text="area")

    parent = RelationshipTo("Label", "SUBLABEL_OF", model=SublabelOf)


class Master(Record):
    """A master of Discogs."""

    title = StringProperty(fulltext_index=FulltextIndex(), help_text="title")
    year = IntegerProperty(index=True, help_text="derived from year")
    mb_type = StringProperty(help_text="primary type of the release group")
    mb_secondary_types = ArrayProperty(StringProperty(), help_text="secondary types")
    mb_first_release_date = StringProperty(help_text="first release date, of partial precision")
    mb_disambiguation = StringProperty(help_text="disambiguation")

    artists = RelationshipTo("Artist", "BY", model=By)
    genres = RelationshipTo("Genre", "IS", model=Is)
    styles = RelationshipTo("Style", "IS", model=Is)


class Release(Record):
    """A release of Discogs."""

    title = StringProperty(fulltext_index=FulltextIndex(), help_text="title")
    year = IntegerProperty(index=True, help_text="derived from released")
    formats = ArrayProperty(StringProperty(), help_text="names of its formats in order, repeats kept")
    catalog_number = StringProperty(help_text="catalogue number of its first label")
    gone = BooleanProperty(help_text="no dump has it any more, and a user collected or wants it")
    mb_barcode = StringProperty(help_text="barcode")
    mb_status = StringProperty(help_text="status")
    mb_release_group_mbid = StringProperty(help_text="its release group")

    artists = RelationshipTo("Artist", "BY", model=By)
    on_labels = RelationshipTo("Label", "ON", model=On)
    master = RelationshipTo("Master", "DERIVED_FROM", model=DerivedFrom)
    genres = RelationshipTo("Genre", "IS", model=Is)
    styles = RelationshipTo("Style", "IS", model=Is)


class Genre(StructuredNode):
    """A genre of releases and masters; deleted when nothing has it."""

    name = StringProperty(unique_index=True, fulltext_index=FulltextIndex(), help_text="name")
    release_count = IntegerProperty(help_text="counted by maintenance")
    artist_count = IntegerProperty(help_text="counted by maintenance")
    label_count = IntegerProperty(help_text="counted by maintenance")
    style_count = IntegerProperty(help_text="counted by maintenance")
    first_year = IntegerProperty(index=True, help_text="counted by maintenance; absent if no release has a year")


class Style(StructuredNode):
    """A style of releases and masters; deleted when nothing has it."""

    name = StringProperty(unique_index=True, fulltext_index=FulltextIndex(), help_text="name")
    release_count = IntegerProperty(help_text="counted by maintenance")
    artist_count = IntegerProperty(help_text="counted by maintenance")
    label_count = IntegerProperty(help_text="counted by maintenance")
    genre_count = IntegerProperty(help_text="counted by maintenance")
    first_year = IntegerProperty(index=True, help_text="counted by maintenance; absent if no release has a year")

    genres = RelationshipTo("Genre", "PART_OF", model=PartOf)


class Person(StructuredNode):
    """A name in credits; deleted when nothing credits it."""

    name = StringProperty(unique_index=True, fulltext_index=FulltextIndex(), help_text="name")
    credit_count = IntegerProperty(index=True, help_text="credits; absent: the person is due to be counted")
    production_count = IntegerProperty(index=True, help_text="releases with a role of that category")
    engineering_count = IntegerProperty(index=True, help_text="releases with a role of that category")
    mastering_count = IntegerProperty(index=True, help_text="releases with a role of that category")
    session_count = IntegerProperty(index=True, help_text="releases with a role of that category")
    design_count = IntegerProperty(index=True, help_text="releases with a role of that category")
    management_count = IntegerProperty(index=True, help_text="releases with a role of that category")
    other_count = IntegerProperty(index=True, help_text="releases with a role of that category")

    credits = RelationshipTo("Release", "CREDITED_ON", model=CreditedOn)
    artists = RelationshipTo("Artist", "SAME_AS", model=SameAs)


class User(StructuredNode):
    """A user who linked their Discogs account."""

    account_id = StringProperty(db_property="id", unique_index=True, help_text="UUID of the account")
    discogs_username = StringProperty(help_text="name at Discogs")

    collected = RelationshipTo("Release", "COLLECTED", model=Collected)
    wants = RelationshipTo("Release", "WANTS", model=Wants)


NODES: tuple[Any, ...] = (Artist, Label, Master, Release, Genre, Style, Person, User)


@dataclass(frozen=True, slots=True)
class Relationship:
    """A declared relationship: the labels of its start and end node, and the class of its properties."""

    type: str
    start: str
    end: str
    model: Any


def relationships() -> list[Relationship]:
    """Return every declared relationship, in the order of the node classes."""
    found = []
    for node in NODES:
        for declared in node.defined_properties(aliases=False, properties=False).values():
            definition, other = declared.definition, declared._raw_class  # noqa: SLF001 - neomodel has no other way
            is_out = isinstance(declared, RelationshipTo)
            start, end = (node.__label__, other) if is_out else (other, node.__label__)
            found.append(Relationship(definition["relation_type"], start, end, definition["model"]))
    return found


def assertions() -> dict[Assertion, str]:
    """Return assertion → type of the relationship that it asserts."""
    return {each: found.type for found in relationships() for each in getattr(found.model, "assertions", ())}
