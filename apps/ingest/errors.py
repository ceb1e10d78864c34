"""The errors of loading. Their classes decide what happens: a retry, a finding about one record, or a failure."""

from __future__ import annotations


class IngestError(Exception):
    """The base class. Its text is one sentence for the operator that says what to do."""


class DumpError(IngestError):
    """A dump file is missing, damaged or not what it claims to be. The file fails."""


class SpoolError(IngestError):
    """The spool is full, or lacks a blob that the ledger names."""


class MalformedError(IngestError):
    """A record cannot be read. It is dropped with a finding."""


class RunError(IngestError):
    """A run cannot be started, resumed or cancelled as asked."""


class FeedError(IngestError):
    """The broker did not take a message of the feed. The message is published again later."""


class NothingToDoError(RunError):
    """There is nothing to load: the newest version is loaded, or no complete version is published."""


class WaitError(IngestError):
    """Something else has to end first. The task is retried after a while."""
