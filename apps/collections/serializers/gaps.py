"""What the endpoints of gaps take and what they answer."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.api.parameters import Boolean, Integer, Text
from apps.collections.answers.gaps import KINDS, UNITS


class GapsFilters(serializers.Serializer[Any]):
    """Of files of gaps."""

    exclude_wantlist = Boolean(default=False)
    formats = serializers.ListField(
        child=Text(), default=list, help_text="names of formats, of which a release must have one"
    )
    by = serializers.ChoiceField(
        choices=UNITS,
        default=UNITS[0],
        help_text="master: one entry for each master of which the user has no release, the earliest of its releases",
    )


class GapsQuery(GapsFilters):
    """Of ``/api/collection/gaps/…``."""

    limit = Integer(default=50, min_value=1, max_value=200)
    offset = Integer(default=0, min_value=0)


class GapEntitySerializer(serializers.Serializer[Any]):
    """What is looked at."""

    id = serializers.CharField()
    name = serializers.CharField(allow_null=True)
    type = serializers.ChoiceField(choices=KINDS)


class GapSummarySerializer(serializers.Serializer[Any]):
    """How much of it the user owns: distinct releases, whatever the filters."""

    total = serializers.IntegerField()
    owned = serializers.IntegerField()
    missing = serializers.IntegerField()


class GapFiltersSerializer(serializers.Serializer[Any]):
    """What was asked for."""

    formats = serializers.ListField(child=serializers.CharField())
    by = serializers.ChoiceField(choices=UNITS, required=False, help_text="only if it is master")


class MissingReleaseSerializer(serializers.Serializer[Any]):
    """A release that the user does not own."""

    id = serializers.CharField()
    title = serializers.CharField(allow_null=True)
    year = serializers.IntegerField(allow_null=True)
    formats = serializers.ListField(child=serializers.CharField(), allow_null=True)
    artist = serializers.CharField(allow_null=True, required=False, help_text="not of an artist's gaps")
    label = serializers.CharField(allow_null=True, required=False, help_text="not of a label's gaps")  # type: ignore[assignment]
    genres = serializers.ListField(child=serializers.CharField())
    on_wantlist = serializers.BooleanField()
    master_id = serializers.CharField(allow_null=True, required=False, help_text="by master; null: it has none")
    versions = serializers.IntegerField(required=False, help_text="by master: so many of its releases are missing")


class GapPageSerializer(serializers.Serializer[Any]):
    """Which part of the results this is."""

    total = serializers.IntegerField()
    offset = serializers.IntegerField()
    limit = serializers.IntegerField()
    has_more = serializers.BooleanField()


class GapsSerializer(serializers.Serializer[Any]):
    """What a user lacks of an entity."""

    entity = GapEntitySerializer()
    summary = GapSummarySerializer()
    filters = GapFiltersSerializer()
    results = MissingReleaseSerializer(many=True)
    pagination = GapPageSerializer()
