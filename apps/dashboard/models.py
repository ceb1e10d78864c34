"""Samples of queues and servers, taken every five minutes and kept for ``METRICS_RETENTION_DAYS``."""

from __future__ import annotations

from django.db import models


class QueueSample(models.Model):
    """How much was waiting in one queue."""

    at = models.DateTimeField()
    queue = models.CharField(max_length=50)
    ready = models.BigIntegerField(help_text="messages that no worker had taken")
    consumers = models.IntegerField(null=True, help_text="null where the broker does not tell")
    # Null while no collector of the live status runs.
    unacked = models.BigIntegerField(null=True, help_text="messages that a worker had taken and not ended")
    publish_rate = models.FloatField(null=True, help_text="messages a second that came")
    deliver_rate = models.FloatField(null=True, help_text="messages a second that were done")

    class Meta:
        # A queue's course over a time; and the pruning, which takes every queue of a time.
        indexes = (
            models.Index(fields=("queue", "at"), name="samples_of_a_queue"),
            models.Index(fields=("at",), name="queue_samples_of_a_time"),
        )

    def __str__(self) -> str:
        return f"{self.queue} {self.at:%Y-%m-%d %H:%M}"


class HealthSample(models.Model):
    """How one server did."""

    at = models.DateTimeField()
    server = models.CharField(max_length=20)
    ok = models.BooleanField()
    ms = models.FloatField(help_text="how long its answer took, milliseconds")
    sizes = models.JSONField(default=dict, help_text="how much it holds: bytes; nodes and relationships of the graph")

    class Meta:
        indexes = (
            models.Index(fields=("server", "at"), name="samples_of_a_server"),
            models.Index(fields=("at",), name="health_samples_of_a_time"),
        )

    def __str__(self) -> str:
        return f"{self.server} {self.at:%Y-%m-%d %H:%M}"
