"""Parameters and answers of questions in plain words."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.api.parameters import Text
from apps.nlq.suggestions import DEFAULT_PANE, OF_PANES, OF_TYPES


class NlqSuggestionsQuery(serializers.Serializer[Any]):
    """Parameters of ``/api/nlq/suggestions``."""

    pane = Text(default=DEFAULT_PANE, choices=OF_PANES, help_text="of the site")
    focus = Text(default=None, help_text="name of what somebody looks at; counts together with its type")
    focus_type = Text(default=None, choices=OF_TYPES, help_text="in capitals or not")


class NlqSuggestionsSerializer(serializers.Serializer[Any]):
    """Questions to ask."""

    suggestions = serializers.ListField(child=serializers.CharField())


class NlqStatusSerializer(serializers.Serializer[Any]):
    """Whether questions are answered."""

    enabled = serializers.BooleanField()


class NlqQuery(serializers.Serializer[Any]):
    """Parameters of ``/api/nlq/query``."""

    query = Text()
    context = serializers.DictField(  # type: ignore[assignment] # a field, which DRF takes out of the class
        default=None,
        allow_null=True,
        help_text="entity_id, the name of what somebody looks at, and entity_type; each may be null",
    )


class NlqEntitySerializer(serializers.Serializer[Any]):
    """An entity that an answer speaks of."""

    id = serializers.CharField()
    name = serializers.CharField()
    type = serializers.CharField()


class NlqAnswerSerializer(serializers.Serializer[Any]):
    """An answer, and actions that a page may offer."""

    query = serializers.CharField()
    summary = serializers.CharField()
    entities = NlqEntitySerializer(many=True)
    tools_used = serializers.ListField(child=serializers.CharField())
    actions = serializers.ListField(child=serializers.DictField())
    cached = serializers.BooleanField()
