"""What the endpoints of snapshots take and answer.

Version 1 has nodes and a centre. Version 2 (``"schema": 2``) has the picture: names, categories, places, links, years.
"""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.fields import empty

from apps.api.parameters import Integer, Text

ID_CHARACTERS, TYPE_CHARACTERS = 128, 32
NAME_CHARACTERS, TITLE_CHARACTERS, DESCRIPTION_CHARACTERS = 500, 120, 500
PICTURE = 2
LAYOUTS = ("rings", "free")
# Pixels of a canvas, and the place of something on it.
SMALLEST, LARGEST, FARTHEST = 100, 10_000, 100_000
LAST_YEAR = 9999
MOST_CATEGORIES, MOST_LINKS, MOST_KINDS = 8, 5000, 8


class Number(serializers.FloatField):
    """A number of JSON: no text, no NaN."""

    def to_internal_value(self, data: Any) -> float:
        """Take a number as it is."""
        if isinstance(data, bool) or not isinstance(data, int | float):
            self.fail("invalid")
        return float(data)


class Whole(serializers.IntegerField):
    """An integer of JSON: no text."""

    def to_internal_value(self, data: Any) -> int:
        """Take an integer as it is."""
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return data


class Pair(serializers.ListField):
    """Two integers."""

    default_error_messages = {"invalid": "Give two whole numbers"}  # noqa: RUF012 - as DRF has it
    child = Whole(min_value=0)

    def to_internal_value(self, data: Any) -> Any:
        """Take a list of two integers that are not negative."""
        if not isinstance(data, list) or len(data) != 2 or not all(type(each) is int and each >= 0 for each in data):
            self.fail("invalid")
        return data


def make_optional(field: type[serializers.Field[Any, Any, Any, Any]], **options: Any) -> Any:
    """Return a field that may be absent or null."""
    return field(required=False, allow_null=True, **options)


class Picture(serializers.Serializer[Any]):
    """What version 2 has beside nodes and centre: how the map looked."""

    schema = make_optional(Whole)
    title = make_optional(Text, max_length=TITLE_CHARACTERS, for_sql=True)
    description = make_optional(Text, max_length=DESCRIPTION_CHARACTERS, for_sql=True)
    layout = make_optional(serializers.ChoiceField, choices=LAYOUTS)
    width = make_optional(Number, min_value=SMALLEST, max_value=LARGEST, help_text="of the canvas, in pixels")
    height = make_optional(Number, min_value=SMALLEST, max_value=LARGEST)
    before_year = make_optional(Whole, min_value=1, max_value=LAST_YEAR)
    compare_years = make_optional(Pair, help_text="two years, the earlier one first")
    ring_years = make_optional(Pair, help_text="years of the inner and the outer ring")
    hidden = make_optional(
        serializers.ListField, child=Text(max_length=TYPE_CHARACTERS, for_sql=True), max_length=MOST_KINDS
    )
    links = make_optional(
        serializers.ListField, child=Pair(), max_length=MOST_LINKS, help_text="pairs of positions in nodes"
    )

    def validate_compare_years(self, value: Any) -> Any:
        """Refuse years that are none, or not in order."""
        return check_years(value)

    def validate_ring_years(self, value: Any) -> Any:
        """Refuse years that are none, or not in order."""
        return check_years(value)


def check_years(value: Any) -> Any:
    """Return two years in order.

    Raises:
        ValidationError: they are not.
    """
    if value is not None and not 1 <= value[0] <= value[1] <= LAST_YEAR:
        raise serializers.ValidationError(f"Give two years from 1 to {LAST_YEAR} in order", "value_error")
    return value


class SnapshotCategory(serializers.Serializer[Any]):
    """A category of a map."""

    name = Text(max_length=TYPE_CHARACTERS, for_sql=True)
    title = Text(max_length=NAME_CHARACTERS, for_sql=True)
    total = Whole(min_value=0)
    totals = make_optional(serializers.ListField, child=Whole(min_value=0), max_length=2)
    size = Whole(min_value=0, help_text="members that were asked for; 0: it was closed")
    x = make_optional(Number, min_value=-FARTHEST, max_value=FARTHEST)
    y = make_optional(Number, min_value=-FARTHEST, max_value=FARTHEST)


class Entity(serializers.Serializer[Any]):
    """An entity of what is saved."""

    id = Text(max_length=ID_CHARACTERS, for_sql=True)
    type = Text(max_length=TYPE_CHARACTERS, for_sql=True)
    name = make_optional(Text, max_length=NAME_CHARACTERS, for_sql=True)


class SnapshotMember(Entity):
    """A member of a map."""

    category = make_optional(Text, max_length=TYPE_CHARACTERS, for_sql=True)
    x = make_optional(Number, min_value=-FARTHEST, max_value=FARTHEST)
    y = make_optional(Number, min_value=-FARTHEST, max_value=FARTHEST)
    quiet = make_optional(serializers.BooleanField, help_text="its name is not written")
    first = make_optional(Whole, min_value=1, max_value=LAST_YEAR)
    last = make_optional(Whole, min_value=1, max_value=LAST_YEAR)
    releases = make_optional(Whole, min_value=0)


# Of a node in version 1.
PLAIN = ("id", "type")


class SnapshotBody(Picture):
    """What is on the map."""

    nodes = SnapshotMember(many=True)
    center = Entity()
    categories = SnapshotCategory(many=True, required=False, allow_null=True)

    def __init__(self, instance: Any = None, data: Any = empty, **options: Any) -> None:
        super().__init__(instance, data, **options)
        # Of version 1 all other fields are dropped, whatever they are.
        if data is not empty and not is_picture(data):
            nodes: Any = self.fields["nodes"]
            keep(self.fields, ("nodes", "center"))
            keep(nodes.child.fields, PLAIN)
            keep(self.fields["center"].fields, PLAIN)  # type: ignore[attr-defined]

    def validate_nodes(self, value: Any) -> Any:
        """Refuse an empty map, as a rule of its own, with the contract's ``value_error``."""
        if not value:
            raise serializers.ValidationError("There must be a node", "value_error")
        return value

    def validate_categories(self, value: Any) -> Any:
        """Refuse more categories than a map has."""
        if value and len(value) > MOST_CATEGORIES:
            raise serializers.ValidationError(f"A map has {MOST_CATEGORIES} categories at most", "value_error")
        return value

    def validate(self, attrs: Any) -> Any:
        """Drop links to nodes that are not there."""
        count = len(attrs["nodes"])
        if attrs.get("links"):
            attrs["links"] = [each for each in attrs["links"] if max(each) < count]
        return attrs


def is_picture(data: Any) -> bool:
    """Tell whether a body, or a snapshot, is of version 2."""
    return type(data.get("schema")) is int and data["schema"] == PICTURE


def keep(fields: Any, names: tuple[str, ...]) -> None:
    """Forget all fields but some."""
    for name in set(fields) - set(names):
        fields.pop(name)


class SnapshotQuery(serializers.Serializer[Any]):
    """How a snapshot is answered."""

    schema = Integer(required=False, min_value=1, max_value=PICTURE, help_text="2: with names and the picture")


class SnapshotSerializer(Picture):
    """What was explored when a snapshot was taken; with ``schema=2`` names, and the picture if there is one."""

    nodes = SnapshotMember(many=True)
    center = Entity()
    created_at = serializers.CharField()
    categories = SnapshotCategory(many=True, required=False, allow_null=True)


class SavedSnapshotSerializer(serializers.Serializer[Any]):
    """Where a snapshot is."""

    token = serializers.CharField()
    url = serializers.CharField()
    expires_at = serializers.CharField()
