"""``manage.py compare_quality``: compare the findings of two versions, rule by rule."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.ingest.chunks import quality
from apps.ingest.errors import IngestError


class Command(BaseCommand):
    """Compare the findings of two versions."""

    help = "Compare the findings of two loaded versions: each rule improved, worsened or unchanged."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the two versions."""
        parser.add_argument("before", metavar="A", help="the version to compare with, such as 20260701")
        parser.add_argument("after", metavar="B", help="the version that is compared, of the same source")
        parser.add_argument("--json", action="store_true", help="print the result as JSON, alone on stdout")

    def handle(self, *args: Any, before: str, after: str, **options: Any) -> None:  # noqa: ARG002
        """Print a line for each rule, then how many rules improved, worsened or did not change."""
        try:
            changes = quality.compare(before, after)
        except IngestError as error:
            raise CommandError(str(error)) from error
        totals = Counter(each.change for each in changes)
        if options["json"]:
            rules = [
                {
                    "type": each.type,
                    "severity": each.severity,
                    "rule": each.rule,
                    "before": each.before,
                    "after": each.after,
                    "change": each.change,
                }
                for each in changes
            ]
            self.stdout.write(json.dumps({"before": before, "after": after, "rules": rules}))
            return
        for each in changes:
            self.stdout.write(
                f"{each.type:<14} {each.severity:<8} {each.rule:<40}"
                f" {each.before:>10,} {each.after:>10,}  {each.change}"
            )
        self.stdout.write(
            f"{before} → {after}: {totals['improved']} rules improved, {totals['worsened']} worsened,"
            f" {totals['unchanged']} unchanged"
        )
