"""The endpoint that takes a collection as a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from drf_spectacular.types import OpenApiTypes
from rest_framework.exceptions import ParseError
from rest_framework.request import Request

from apps.accounts.authentication import PersonalView
from apps.api.limits import Limit
from apps.api.responses import Conflict, TooLarge
from apps.collections import importing
from apps.collections.answers import syncing
from apps.collections.importing import LinkedError, Outcome, UnreadableFileError
from apps.collections.serializers import importing as serializers

MOST_BYTES = 20 * 1024**2
# For the schema.
FORM = {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}, "required": ["file"]}


class ImportView(PersonalView):
    """``POST /api/user/collection/import``: store the copies of a CSV file with the columns of Discogs' export."""

    operation = "importCollection"
    limits = (Limit(10),)
    body_file = {"text/csv": OpenApiTypes.STR, "multipart/form-data": FORM}
    output = serializers.ImportSerializer
    errors = (400, 401, 403, 404, 409, 413, 503)
    example = {
        "added": 412,
        "changed": 3,
        "unchanged": 20,
        "refused": 1,
        "errors": [{"line": 17, "message": "no release_id"}],
    }

    def post(self, request: Request) -> HttpResponse:
        return self.reply(import_file(self.caller.load_user().pk, request._request))  # noqa: SLF001


def import_file(user_id: UUID, request: HttpRequest) -> Outcome:
    """Store the copies of the file that a request brings.

    Raises:
        Conflict: the user has a link to Discogs.
        ParseError: there is no file, or it is no such file.
        TooLarge: it is too large.
    """
    try:
        found = importing.import_copies(user_id, decode_lines(find_file(request)))
    except LinkedError:
        raise Conflict("The account is linked to Discogs: synchronise it, or take away the link first") from None
    except UnreadableFileError as error:
        raise ParseError(str(error)) from error
    # The graph gets them after this answer.
    syncing.send_watch()
    return found


def find_file(request: HttpRequest) -> Iterable[bytes]:
    """Return the lines of the file that a request brings: its body, or its part ``file``.

    Raises:
        ParseError: there is none.
    """
    # A request without a length has no body here.
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
        raise TooLarge(f"The file has more than {MOST_BYTES} bytes")
    if request.content_type != "multipart/form-data":
        return request
    try:
        file = request.FILES.get("file")
    except MultiPartParserError as error:
        raise ParseError(f"The form cannot be read: {error}") from error
    if file is None:
        raise ParseError("The form has no part file")
    return file


def decode_lines(lines: Iterable[bytes]) -> Iterator[str]:
    """Yield lines as texts, without the mark that Excel puts before the first one."""
    for number, line in enumerate(lines):
        yield line.decode("utf-8" if number else "utf-8-sig")
