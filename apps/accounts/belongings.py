"""What belongs to an account in all of the stores: its export, and its deletion.

The rows of an account here go with it. Other apps register what they have of one.
"""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import IO, Any
from uuid import UUID

import orjson
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest
from django.utils import timezone

from apps.accounts import audit, logins, two_factor
from apps.accounts.models import User
from apps.api.tables import stream_csv

Row = Mapping[str, Any]
# Bytes of an export that stay in memory; larger ones are in a file meanwhile.
MEMORY_BYTES = 4 * 1024**2


@dataclass(frozen=True)
class Belonging:
    """Something that users have: its rows for the export, and what its deletion needs beside that of the user's row."""

    name: str
    export: Callable[[User], Iterable[Row]]
    delete: Callable[[UUID], object] | None = None


_belongings: dict[str, Belonging] = {}


def register(
    name: str, export: Callable[[User], Iterable[Row]], delete: Callable[[UUID], object] | None = None
) -> None:
    """Let exports and deletions of accounts know of something that users have.

    ``name``: of its files in the export. ``export``: its rows, all with the same keys, of values that JSON has, dates
    and UUIDs. ``delete``: called with the user's id after the user's row was deleted; it may be called again.
    """
    _belongings[name] = Belonging(name, export, delete)


def export_account(user: User) -> IO[bytes]:
    """Return a zip with all that belongs to a user, each thing as JSON and as CSV; the caller closes it."""
    found = tempfile.SpooledTemporaryFile(MEMORY_BYTES)  # noqa: SIM115 - the caller closes it
    with zipfile.ZipFile(found, "w", zipfile.ZIP_DEFLATED) as packed:
        for each in _belongings.values():
            rows = list(each.export(user))
            packed.writestr(f"{each.name}.json", orjson.dumps(rows, option=orjson.OPT_INDENT_2))
            packed.writestr(f"{each.name}.csv", "".join(stream_csv(rows)))
    found.seek(0)
    return found


def delete_account(user: User, *, by: UUID | None, request: HttpRequest | None = None) -> None:
    """Delete a user with all that belongs to them. ``by``: the id of who wants it; None: an operator."""
    user_id, keys = user.pk, list(user.logins.exclude(session_key="").values_list("session_key", flat=True))
    logins.end_all(user)
    for key in keys:
        SessionStore(key).delete()
    user.delete()
    for each in _belongings.values():
        if each.delete is not None:
            each.delete(user_id)
    audit.record("account.delete", actor=by, target=str(user_id), request=request)


def list_account(user: User) -> list[Row]:
    """Return the row of the account itself."""
    return [
        {
            "id": user.pk,
            "email": user.email,
            "created_at": user.created_at,
            "last_login": user.last_login,
            "password_changed_at": user.password_changed_at,
            "second_factor": two_factor.is_enabled(user),
            "exported_at": timezone.now(),
        }
    ]


def list_logins(user: User) -> list[Row]:
    """Return the logins of an account that are still known."""
    return list(user.logins.order_by("begun_at").values("kind", "begun_at", "expires_at", "ended", "device", "address"))


def list_app_tokens(user: User) -> list[Row]:
    """Return the app tokens of an account, without what would open anything."""
    fields = ("name", "scopes", "created_at", "last_used_at", "revoked_at")
    return list(user.app_tokens.order_by("created_at").values(*fields))


register("account", list_account)
register("logins", list_logins)
register("app_tokens", list_app_tokens)
