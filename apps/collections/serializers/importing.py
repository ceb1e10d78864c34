"""What the import of a collection answers."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class RowErrorSerializer(serializers.Serializer[Any]):
    """A row that was left out."""

    line = serializers.IntegerField()
    message = serializers.CharField()


class ImportSerializer(serializers.Serializer[Any]):
    """What came of a file: numbers of copies, and of rows that were left out."""

    added = serializers.IntegerField()
    changed = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    refused = serializers.IntegerField(help_text="rows without a copy that can be stored")
    errors = RowErrorSerializer(many=True, help_text="the first hundred of them")  # type: ignore[assignment]
