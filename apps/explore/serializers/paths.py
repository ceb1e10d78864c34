"""Parameters and answer of the endpoint of paths."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework import serializers

from apps.api.parameters import ID_HELP, CommaList, Integer, NamesOrIds, Text
from apps.graph.readers.entities import KINDS
from apps.graph.readers.paths import CREDITS, EDGES

MOST_ALTERNATIVES = 5
VIA = ("credits",)


class PathQuery(NamesOrIds):
    """Parameters of ``/api/path``."""

    ids: ClassVar = {"from_name": "from_id", "to_name": "to_id"}

    from_name = Text(default=None, help_text="exact name, or what an artist or label is shown as if it has none")
    to_name = Text(default=None, help_text="likewise")
    from_type = Text(default="artist", choices=KINDS, help_text="in capitals or not")
    to_type = Text(default="artist", choices=KINDS, help_text="in capitals or not")
    max_depth = Integer(default=6, min_value=1, max_value=10, help_text="most edges")
    from_id = Text(default=None, help_text=ID_HELP)
    to_id = Text(default=None, help_text=ID_HELP)
    exclude = CommaList(
        default=list, help_text=f"some of {', '.join(EDGES)}: edges not to go along; IS: not through genres and styles"
    )
    via = Text(default=None, choices=VIA, help_text="credits: go through those who are credited on releases as well")
    alternatives = Integer(
        default=None, min_value=0, max_value=MOST_ALTERNATIVES, help_text="how many other ways are wanted at most"
    )


class StepSerializer(serializers.Serializer[Any]):
    """A node of a path, and the type of the edge that leads to it."""

    id = serializers.CharField()
    name = serializers.CharField(allow_blank=True)
    type = serializers.ChoiceField(choices=["artist", "genre", "label", "master", "person", "release", "style"])
    rel = serializers.ChoiceField(choices=(*EDGES, *CREDITS), allow_null=True)


class WaySerializer(serializers.Serializer[Any]):
    """Another path, at least as long. Apart from its ends it shares no node and no edge with earlier ones."""

    length = serializers.IntegerField()
    path = StepSerializer(many=True)


class PathSerializer(serializers.Serializer[Any]):
    """A shortest path if there is one, and other paths if they are asked for."""

    found = serializers.BooleanField()
    length = serializers.IntegerField(allow_null=True)
    path = StepSerializer(many=True)
    alternatives = WaySerializer(many=True, required=False)
