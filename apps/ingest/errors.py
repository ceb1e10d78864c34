"""What can go wrong, by what is done about it: retried, noted for one record, or told to the operator."""

from __future__ import annotations


class IngestError(Exception):
    """Base of the errors of loading; its text is one sentence that says what to do."""


class DumpError(IngestError):
    """A dump file is missing, damaged or not what it claims to be: its file fails."""


class SpoolError(IngestError):
    """The spool has no room, or lacks a blob that the ledger names."""


class MalformedError(IngestError):
    """One record cannot be read: it is dropped with a finding."""


class RunError(IngestError):
    """A run cannot be started, resumed or cancelled as asked."""


class FeedError(IngestError):
    """The broker did not take a message of the feed: it is told again later."""


class SiteError(IngestError):
    """A publisher's site does not answer, or not as it should: what was asked of it may be tried again."""


class RefusedError(SiteError):
    """A publisher's site does not have what was asked for, or does not give it to us: asking again is of no use."""


class NothingToDoError(RunError):
    """There is nothing to load: what is newest is loaded, or nothing complete is published."""


class WaitError(IngestError):
    """Something else has to end first: the task comes again in a while."""
