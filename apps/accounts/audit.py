"""The audit log: logins, changes of accounts, what administrators do and read."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest
from django.utils import timezone

from apps.accounts.models import AuditEvent, User
from apps.api.limits import get_client_address

TARGET_CHARACTERS = 255
# What the audit log of administrators shows.
SHOWN = timedelta(days=90)
OF_ADMINS = Q(action__startswith="admin.") | Q(action__in=("extraction.trigger", "dlq.purge"))


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


def list_admin_events(*, action: str | None, admin_id: str | None) -> QuerySet[AuditEvent]:
    """Return what administrators did in the last 90 days, the newest first, each with the ``email`` of who did it."""
    email = User.objects.filter(pk=OuterRef("actor_id")).values("email")
    found = AuditEvent.objects.filter(at__gte=timezone.now() - SHOWN, actor_id__isnull=False)
    found = found.filter(action=action) if action else found.filter(OF_ADMINS)
    if admin_id:
        found = found.filter(actor_id=admin_id)
    return found.annotate(email=Subquery(email)).order_by("-at", "-pk")
