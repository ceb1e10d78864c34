"""The audit log: logins, changes of accounts, what administrators do and read."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.http import HttpRequest
from django.utils import timezone

from apps.accounts.models import AuditEvent
from apps.api.limits import get_client_address

TARGET_CHARACTERS = 255


def record(
    action: str,
    *,
    actor: UUID | None = None,
    target: str = "",
    details: dict[str, Any] | None = None,
    request: HttpRequest | None = None,
) -> None:
    """Write an event. ``actor``: the id of the user who did it; none where a command or a stranger did."""
    AuditEvent.objects.create(
        action=action,
        actor_id=actor,
        target=target[:TARGET_CHARACTERS],
        details=details,
        address=get_client_address(request) if request else None,
    )


def prune() -> int:
    """Delete the events that are older than ``AUDIT_KEEP_DAYS``; return how many."""
    with transaction.atomic(), connection.cursor() as cursor:
        # The table's trigger refuses to delete without it.
        cursor.execute("SET LOCAL linernotes.pruning = 'on'")
        before = timezone.now() - timedelta(days=settings.AUDIT_KEEP_DAYS)
        deleted, _ = AuditEvent.objects.filter(at__lt=before).delete()
        cursor.execute("SET LOCAL linernotes.pruning = 'off'")
    return deleted
