"""What of accounts is deleted by age: logins and mailed links that have expired, old events of the audit log."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.utils import timezone

from apps.accounts.models import AuditEvent, Login, MailedToken

# Logins are kept so long after they have expired: the clocks of hosts differ.
KEPT = timedelta(hours=1)


def tidy() -> None:
    """Delete what has expired, and the events that are older than ``AUDIT_KEEP_DAYS``."""
    now = timezone.now()
    Login.objects.filter(expires_at__lt=now - KEPT).delete()
    MailedToken.objects.filter(expires_at__lt=now).delete()
    Session.objects.filter(expire_date__lt=now).delete()
    prune_audit(now - timedelta(days=settings.AUDIT_KEEP_DAYS))


def prune_audit(before: object) -> None:
    """Delete the events of before a time. The table's trigger refuses it elsewhere."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL linernotes.pruning = 'on'")
        AuditEvent.objects.filter(at__lt=before).delete()
        cursor.execute("SET LOCAL linernotes.pruning = 'off'")
