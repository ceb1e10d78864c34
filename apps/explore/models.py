"""Snapshots of explorations, which users share."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class Snapshot(models.Model):
    """What a user saw on the map. Whoever has the token may open it until it expires."""

    token = models.CharField(primary_key=True, max_length=16, help_text="12 random bytes, in Base64 for addresses")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, db_index=False, related_name="snapshots")
    data = models.JSONField(help_text="nodes, center, created_at")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    expires_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("user", "expires_at"), name="snapshots_of_a_user"),)

    def __str__(self) -> str:
        return f"snapshot {self.token} of {self.user}"
