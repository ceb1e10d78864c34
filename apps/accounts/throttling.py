"""Failed logins: after some the next one of the account has to wait, longer each time, and after many it is locked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from axes.attempts import get_cool_off_threshold
from axes.handlers.database import AxesDatabaseHandler
from axes.helpers import get_client_username
from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Max, Sum
from django.http import HttpRequest

FIRST_SECONDS, MOST_SECONDS = 5, 300


class DelayingHandler(AxesDatabaseHandler):  # type: ignore[misc] # axes has no types
    """Refuses a login that comes too early like one with a wrong password, and does not count it.

    Only then is a password looked at that is right. Names without an account wait as well.
    """

    def is_locked(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> bool:
        """Tell whether a login is refused without a look at its password."""
        return bool(super().is_locked(request, credentials)) or must_wait(request, credentials)


def must_wait(request: HttpRequest, credentials: dict[str, Any] | None) -> bool:
    """Tell whether the last failed login of an account was too short a time ago for another one."""
    failed = AccessAttempt.objects.filter(
        username=get_client_username(request, credentials), attempt_time__gte=get_cool_off_threshold(request)
    ).aggregate(count=Sum("failures_since_start"), last=Max("attempt_time"))
    at: Any = request.axes_attempt_time  # type: ignore[attr-defined] # axes notes it
    return bool(failed["last"]) and at < failed["last"] + compute_delay(failed["count"])


def compute_delay(failures: int) -> timedelta:
    """Return how long a login has to wait after so many failed ones: doubled with each from ``LOGIN_FAILURES`` on."""
    beyond = failures - settings.LOGIN_FAILURES
    return timedelta(seconds=min(FIRST_SECONDS * 2**beyond, MOST_SECONDS) if beyond >= 0 else 0)
