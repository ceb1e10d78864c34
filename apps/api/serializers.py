"""Shapes of errors, for the schema alone: ``apps.api.responses`` makes the bodies."""

from __future__ import annotations

from rest_framework import serializers


class ErrorSerializer(serializers.Serializer[None]):
    """An error of an endpoint over the catalogue."""

    error = serializers.CharField()


class DetailSerializer(serializers.Serializer[None]):
    """An error of authentication, or of an endpoint over accounts and MusicBrainz."""

    detail = serializers.CharField()


class InvalidValueSerializer(serializers.Serializer[None]):
    """One invalid value."""

    type = serializers.CharField(help_text="such as missing, int_parsing, less_than_equal")
    loc = serializers.ListField(help_text="query, path or body, then the name")
    msg = serializers.CharField()
    input = serializers.JSONField(allow_null=True)
    ctx = serializers.DictField(required=False)


class InvalidSerializer(serializers.Serializer[None]):
    """Invalid values."""

    detail = InvalidValueSerializer(many=True)
