"""The errors of requests to other sites."""

from __future__ import annotations


class SiteError(Exception):
    """A site does not answer, or not as it should. The request may be tried again."""


class RefusedError(SiteError):
    """A site refuses a request. Trying it again is of no use."""
