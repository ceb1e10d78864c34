"""Endpoints by which administrators log in and out. The token opens those below ``/api/admin/``."""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request

from apps.accounts import audit, logins, passwords, serializers, tokens, two_factor
from apps.accounts.authentication import AdminView
from apps.accounts.errors import WrongCredentials
from apps.accounts.models import AuditEvent, User, normalise_email
from apps.accounts.views.auth import TOKEN, WRONG, AccountView, give_token
from apps.api.limits import Limit
from apps.api.responses import format_utc, reply

MOST_ON_A_PAGE = 100
# Beyond it a page is empty: PostgreSQL skips one row after the other.
MOST_EVENTS = 1_000_000
NO_SECOND_FACTOR = "Admin access needs a second factor: log in to the admin's pages once and enrol a phone"


class AdminLoginView(AccountView):
    """``POST /api/admin/auth/login``: log in as an administrator."""

    operation = "logInAdmin"
    body_parameters = serializers.AdminLoginBody
    limits = (Limit(5),)
    output = serializers.TokenSerializer
    errors = (401, 403, 503)
    example = TOKEN

    def post(self, request: Request) -> HttpResponse:
        issued, bare = int(time.time()), request._request  # noqa: SLF001
        email = normalise_email(self.body["email"])
        user = passwords.check_login(email, self.body["password"], bare)
        if user is None:
            record_login(bare, User.objects.filter(email=email).first(), success=False)
            raise WrongCredentials(WRONG, auth_header="Bearer")
        if not user.is_superuser:
            record_login(bare, user, success=False, reason="not_admin")
            raise PermissionDenied("Admin access required")
        if two_factor.is_enabled(user):
            return reply(two_factor.make_challenge(user, issued, is_admin=True))
        if settings.STAFF_TWO_FACTOR:
            record_login(bare, user, success=False, reason="no_second_factor")
            raise PermissionDenied(NO_SECOND_FACTOR)
        return finish_admin_login(bare, user, issued)


def finish_admin_login(request: HttpRequest, user: User, issued: int, **more: Any) -> HttpResponse:
    """Return the answer to the login of an administrator that has everything."""
    given = give_token(request, user, issued, tokens.ADMIN_SECONDS, tokens.ADMIN)
    record_login(request, user, success=True)
    return reply({**given, **more})


def record_login(request: HttpRequest, user: User | None, **details: Any) -> None:
    """Write the audit log, of accounts that exist."""
    if user is not None:
        audit.record("admin.login", actor=user.pk, target=user.email, details=details, request=request)


class AuditLogView(AdminView):
    """``GET /api/admin/audit-log``: what administrators did in the last 90 days, the newest first."""

    operation = "listAuditEvents"
    query_parameters = serializers.AuditLogQuery
    output = serializers.AuditLogSerializer
    errors = (401, 403)
    example = {
        "entries": [
            {
                "id": "17",
                "admin_id": "6f1c1f0e-6a3c-4d0a-9a57-0d6f5b0c5d11",
                "admin_email": "nina@example.com",
                "action": "admin.login",
                "target": "nina@example.com",
                "details": {"success": True},
                "created_at": "2026-11-30T12:00:00Z",
            }
        ],
        "total": 1,
        "page": 1,
        "page_size": 50,
    }

    def get(self, request: Request) -> HttpResponse:
        # The contract clamps them instead of refusing.
        page, size = max(self.query["page"], 1), min(max(self.query["page_size"], 1), MOST_ON_A_PAGE)
        action, admin_id = self.query.get("action"), self.query.get("admin_id")
        found = audit.list_admin_events(action=action, admin_id=admin_id)
        audit.record("admin.read", actor=self.caller.id, target="audit-log", request=request._request)  # noqa: SLF001
        begin = min((page - 1) * size, MOST_EVENTS)
        entries = [describe_event(each) for each in found[begin : begin + size]]
        return self.reply({"entries": entries, "total": found.count(), "page": page, "page_size": size})


def describe_event(event: AuditEvent) -> dict[str, Any]:
    """Return an event as the audit log shows it."""
    return {
        "id": str(event.pk),
        "admin_id": str(event.actor_id),
        "admin_email": getattr(event, "email", None) or "",
        "action": event.action,
        "target": event.target or None,
        "details": event.details,
        "created_at": format_utc(event.at),
    }


class AdminLogoutView(AdminView):
    """``POST /api/admin/auth/logout``: end the login with which it is sent."""

    operation = "logOutAdmin"
    output = serializers.LoggedOutSerializer
    errors = (401, 403)
    example = {"logged_out": True}

    def post(self, request: Request) -> HttpResponse:
        claims = self.caller.claims
        logins.end_token(self.caller.id, claims.get("jti"), claims.get("exp"))
        audit.record("admin.logout", actor=self.caller.id, request=request._request)  # noqa: SLF001
        return self.reply(self.example)
