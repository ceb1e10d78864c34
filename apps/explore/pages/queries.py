"""The query of a page, read by the parameters of the endpoint that has the same answer."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from apps.api.parameters import Invalid, Parameters, Values, read_query


def read_or_default(parameters: Parameters, given: QueryDict) -> Values:
    """Return the parameters of an address; all of them as if none was given if one is wrong.

    An empty choice of a form is none.
    """
    pairs: list[tuple[str, Any]] = [(name, value) for name, values in given.lists() for value in values if value]
    try:
        return read_query(parameters, urlencode(pairs))
    except Invalid:
        return read_query(parameters, "")
