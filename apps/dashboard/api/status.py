"""Endpoints of the live status: what anyone may see of the collector's last snapshot; administrators see all of it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from rest_framework import serializers
from rest_framework.request import Request

from apps.accounts.authentication import is_administrator
from apps.api.events import MEDIA_TYPE
from apps.api.limits import Limit
from apps.api.views import ApiView
from apps.dashboard.live import relay, snapshots, store


class WaitingSerializer(serializers.Serializer[Any]):
    """What waits in a queue; rates are messages a second."""

    name = serializers.CharField()
    messages = serializers.IntegerField()
    messages_ready = serializers.IntegerField()
    messages_unacknowledged = serializers.IntegerField()
    consumers = serializers.IntegerField()
    message_rate = serializers.FloatField()
    ack_rate = serializers.FloatField()


class ServerSerializer(serializers.Serializer[Any]):
    """Whether a server answers, and how much it holds."""

    id = serializers.CharField()
    name = serializers.CharField()
    status = serializers.ChoiceField(choices=["healthy", "unhealthy", "unknown"])
    connection_count = serializers.IntegerField()
    size = serializers.CharField(allow_blank=True)
    error = serializers.CharField(allow_null=True)
    version = serializers.CharField(allow_null=True)
    ms = serializers.FloatField()
    size_bytes = serializers.IntegerField(required=False)
    nodes = serializers.IntegerField(required=False)
    relationships = serializers.IntegerField(required=False)


class WorkSerializer(serializers.Serializer[Any]):
    """What the workers of a queue do for a source."""

    name = serializers.CharField()
    status = serializers.ChoiceField(choices=["healthy", "unhealthy", "unknown", "starting", "extracting"])
    last_seen = serializers.CharField(allow_null=True)
    current_task = serializers.CharField(allow_null=True)
    progress = serializers.FloatField()
    error = serializers.CharField(allow_null=True)
    extraction_progress = serializers.DictField(child=serializers.IntegerField(), required=False)
    last_extraction_time = serializers.DictField(child=serializers.FloatField(), required=False)


class WorkBySourceSerializer(serializers.Serializer[Any]):
    """What the workers do, by source."""

    discogs = WorkSerializer(many=True)
    musicbrainz = WorkSerializer(many=True)


class PipelineSerializer(serializers.Serializer[Any]):
    """Services and queues of a source."""

    services = WorkSerializer(many=True)
    queues = WaitingSerializer(many=True)


class OverallSerializer(serializers.Serializer[Any]):
    """The state of the site, in words."""

    status = serializers.ChoiceField(choices=["operational", "degraded", "offline", "unknown"])
    heading = serializers.CharField()
    reasons = serializers.ListField(child=serializers.CharField())


class MetricsSerializer(serializers.Serializer[Any]):
    """The data of a message of ``/ws``."""

    schema = serializers.IntegerField()
    pipelines = serializers.DictField(child=PipelineSerializer())
    databases = ServerSerializer(many=True)
    app = serializers.DictField()
    queues = WaitingSerializer(many=True)
    workers = serializers.ListField(child=serializers.DictField())
    runs = serializers.ListField(child=serializers.DictField())
    timestamp = serializers.CharField()
    overall = OverallSerializer()


class WaitingLineSerializer(WaitingSerializer):
    """A queue with its dead letters and its last ten minutes: seconds since 1970 and messages that waited."""

    dead = serializers.IntegerField()
    history = serializers.ListField(child=serializers.ListField(child=serializers.IntegerField()))


class PrefixesSerializer(serializers.Serializer[Any]):
    """Prefixes of the names of the feed's exchanges."""

    discogs = serializers.CharField()
    musicbrainz = serializers.CharField()


OVERALL = {"status": "operational", "heading": "Everything works", "reasons": []}
QUEUE = {
    "name": "graphinator",
    "messages": 10,
    "messages_ready": 8,
    "messages_unacknowledged": 2,
    "consumers": 1,
    "message_rate": 4.5,
    "ack_rate": 4.0,
}
DATABASE = {
    "id": "neo4j",
    "name": "Neo4j",
    "status": "healthy",
    "connection_count": 0,
    "size": "33,800,000 nodes, 134,300,000 relationships",
    "error": None,
    "version": None,
    "ms": 1.9,
    "nodes": 33800000,
    "relationships": 134300000,
}
SERVICE = {
    "name": "extractor-discogs",
    "status": "extracting",
    "last_seen": "2026-11-30T12:00:00+00:00",
    "current_task": "extract",
    "progress": 0.42,
    "error": None,
    "extraction_progress": {"releases": 8200000, "total": 8200000},
    "last_extraction_time": {"releases": 1.5},
}
PIPELINES = {"discogs": {"services": [SERVICE], "queues": [QUEUE]}, "musicbrainz": {"services": [], "queues": []}}


class StatusView(ApiView):
    """A part of the last snapshot. One of a minute ago is the oldest; without one everything is empty."""

    limits: ClassVar[tuple[Limit, ...]] = (Limit(60),)
    is_shaped = True

    def read(self, request: Request) -> snapshots.Found:
        """Return the last snapshot for an administrator's token, else what anyone may see of it."""
        store.mark_watched()
        snapshot = store.read_snapshot() or snapshots.make_unknown()
        return snapshot if is_administrator(request._request) else snapshots.make_public(snapshot)  # noqa: SLF001

    def finalize_response(self, request: Request, response: HttpResponseBase, *args: Any, **kwargs: Any) -> Any:
        """Keep the answer to a credential out of shared caches, beside what ``ApiView`` does."""
        if "Authorization" in request.headers:
            response["Cache-Control"] = "private, no-store"
        return super().finalize_response(request, response, *args, **kwargs)


class MetricsView(StatusView):
    """``GET /api/metrics``: the data of a message of ``/ws``."""

    operation = "getMetrics"
    output = MetricsSerializer
    example = {
        "schema": 2,
        "pipelines": PIPELINES,
        "databases": [DATABASE],
        "app": {"servers": [], "insights": None, "disks": {}, "dead_letters": {}},
        "queues": [QUEUE],
        "workers": [],
        "runs": [],
        "timestamp": "2026-11-30T12:00:00+00:00",
        "overall": OVERALL,
    }

    def get(self, request: Request) -> HttpResponse:
        return self.reply(snapshots.make_frame(self.read(request))["data"])


class ServicesView(StatusView):
    """``GET /api/services``: what the workers do, by source."""

    operation = "listServices"
    output = WorkBySourceSerializer
    example = {"discogs": [SERVICE], "musicbrainz": []}

    def get(self, request: Request) -> HttpResponse:
        pipelines = self.read(request)["data"]["pipelines"]
        return self.reply({name: each["services"] for name, each in pipelines.items()})


class QueuesView(StatusView):
    """``GET /api/queues``: every queue with its last ten minutes."""

    operation = "listQueues"
    output = WaitingLineSerializer(many=True)
    example = [{**QUEUE, "dead": 0, "history": [[1796040000, 8]]}]

    def get(self, request: Request) -> HttpResponse:
        return self.reply(self.read(request)["data"]["queues"])


class QueuePrefixesView(ApiView):
    """``GET /api/queue-prefixes``: how the names of the feed's exchanges begin, by source."""

    operation = "getQueuePrefixes"
    output = PrefixesSerializer
    limits = (Limit(60),)
    example = {"discogs": "discogs", "musicbrainz": "musicbrainz"}

    def get(self, request: Request) -> HttpResponse:
        prefixes = {
            "discogs": settings.DISCOGS_EXCHANGE_PREFIX,
            "musicbrainz": settings.MUSICBRAINZ_EXCHANGE_PREFIX,
        }
        return self.reply(prefixes)


class DatabasesView(StatusView):
    """``GET /api/databases``: whether the databases answer, and how much they hold."""

    operation = "listDatabases"
    output = ServerSerializer(many=True)
    example = [DATABASE]

    def get(self, request: Request) -> HttpResponse:
        return self.reply(self.read(request)["data"]["databases"])


class StatusStreamView(StatusView):
    """``GET /api/status/stream``: Server-Sent Events, ``metrics_update`` every two seconds and ``event``.

    The process of the live status holds the stream open (config/live.py). Any other one sends a frame and ends it, so
    that no thread waits; clients come again after five seconds.
    """

    operation = "getStatusStream"
    output = OpenApiTypes.STR
    media_type = MEDIA_TYPE
    example = "retry: 5000\n\nevent: metrics_update\ndata: {…}\n\n"

    def get(self, request: Request) -> HttpResponse:
        update = relay.Update(store.read_snapshot() or snapshots.make_unknown())
        store.mark_watched()
        text = relay.RETRY + update.write_stream(is_staff=False, page=None)
        return HttpResponse(text, content_type=f"{self.media_type}; charset=utf-8")
