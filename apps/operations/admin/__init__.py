"""The ledger in the admin. Everything is shown read-only; runs and dead letters have actions."""

from apps.operations.admin import dead_letters, details, findings, insights, runs, schedule

__all__ = ["dead_letters", "details", "findings", "insights", "runs", "schedule"]
