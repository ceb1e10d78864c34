"""The ledger in the admin: everything to look at; runs and dead letters to act upon."""

from apps.operations.admin import dead_letters, details, findings, runs, schedule

__all__ = ["dead_letters", "details", "findings", "runs", "schedule"]
