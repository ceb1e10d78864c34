"""What the endpoints of accounts take and what they answer."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.api.parameters import CommaList


class UserStatusQuery(serializers.Serializer[Any]):
    """Of ``/api/user/status``."""

    ids = CommaList(help_text="ids of releases, at most 100, between commas")


class ReleaseStatusSerializer(serializers.Serializer[Any]):
    """What somebody has of a release."""

    in_collection = serializers.BooleanField()
    in_wantlist = serializers.BooleanField()


class UserStatusSerializer(serializers.Serializer[Any]):
    """What somebody has of releases: id → that, in the order in which they were asked for."""

    status = serializers.DictField(child=ReleaseStatusSerializer())
