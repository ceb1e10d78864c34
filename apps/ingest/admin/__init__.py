"""The ledger in the admin: everything to look at, and runs to start, resume and cancel."""

from apps.ingest.admin import details, runs, schedule

__all__ = ["details", "runs", "schedule"]
