"""Count rows exactly where that is fast, and estimate them in tables that are too big to count for every page."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, cast

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.utils.functional import cached_property

EXACT_BELOW = 100_000
PAGED_EXACTLY = 10_000
# More digits would look exact. An estimate of the planner is rarely better than one percent.
SIGNIFICANT_DIGITS = 3


@dataclass(frozen=True, slots=True)
class Amount:
    """A number of rows, counted or estimated."""

    value: int
    is_exact: bool


def count_or_estimate(rows: QuerySet[Any], exact_below: int = EXACT_BELOW) -> Amount:
    """Count rows if the planner expects fewer than ``exact_below``, else return the planner's estimate.

    PostgreSQL scales ``reltuples`` to the present size of the table, so the estimate holds after a load as well. The
    count stops at the limit, in case the estimate is far too low.
    """
    expected = estimate_rows(rows)
    if expected >= exact_below:
        return Amount(round(expected, SIGNIFICANT_DIGITS - len(str(expected))), is_exact=False)
    # The limit bounds the time: without statistics, as just after a bulk load, the planner may expect 10 rows of a
    # million.
    counted = rows.order_by()[:exact_below].count()
    return Amount(counted, is_exact=counted < exact_below)


def estimate_rows(rows: QuerySet[Any]) -> int:
    """Return the number of rows that the planner expects. The query is only explained, not run."""
    explained = rows.order_by().explain(format="json")
    # For a query that cannot match, such as one on an empty list, Django returns "" without asking PostgreSQL.
    return int(json.loads(explained)[0]["Plan"]["Plan Rows"]) if explained else 0


class EstimatePaginator(Paginator):  # type: ignore[type-arg] # it is generic in the stubs only
    """A paginator for big tables: its count is an estimate where counting would be slow."""

    @cached_property
    def count(self) -> int:
        """The number of rows, estimated from ``PAGED_EXACTLY`` rows on."""
        return count_or_estimate(cast("QuerySet[Any]", self.object_list), PAGED_EXACTLY).value
