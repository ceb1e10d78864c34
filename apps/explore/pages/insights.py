"""The pane of insights: figures over the whole catalogue, as they were last computed. Each card fails alone."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from rest_framework.exceptions import ParseError

from apps.api.limits import Limit
from apps.catalog.reading import TablesTimeOut, limit_time
from apps.explore import charts
from apps.explore.pages import addresses
from apps.explore.pages.base import Page
from apps.explore.pages.states import State
from apps.insights import rarity, reading
from apps.insights.models import ComputationStatus, LabelLongevity

logger = logging.getLogger(__name__)

# Insight → its name on the page.
TITLES = {
    "artist_centrality": "Most connected",
    "genre_trends": "Genres by decade",
    "label_longevity": "Longest-lived labels",
    "anniversaries": "Anniversaries",
    "data_completeness": "How complete the data is",
    "release_rarity": "Rarity",
}
SIZES = (10, 25, 50, 100)
GENRES = 9
LABELS = 10
OF_AN_AGE = 6
RAREST = 8
# What a card reads is a few rows of an index.
CARD_SECONDS = 3
# Gems are at least as rare as the REST interface asks for by default.
GEMS_FROM = 41.0
FIELDS = (("with_year", "year"), ("with_genre", "genre"), ("with_country", "country"), ("with_image", "image"))
NUMBER = re.compile("[0-9]{1,3}")
TOO_SLOW = State(504, "This took too long.", "Everything else is here.")


@dataclass(frozen=True, slots=True)
class Card:
    """A part of the page with its title.

    ``found`` is what it shows: nothing before the first computation. ``failure`` says why it cannot be read;
    ``data_from`` is when the data were computed, if a later computation failed.
    """

    title: str
    found: Any
    failure: State | None
    data_from: datetime | None


class Insights(Page):
    """``GET /insights/``: artists, genres, labels, anniversaries, completeness and rarity.

    ``top=25`` is how many artists are told, ``genres=all`` shows all genres and not the largest ones alone.
    """

    template = "explore/insights.html"
    tab = "insights"
    classes = "wrap figured"
    limits = (Limit(60),)

    def compose(self, fragment: str) -> dict[str, Any]:  # noqa: ARG002
        """Return the cards, and how their last computations ended."""
        query = self.request.GET
        top, has_all_genres = query.get("top", str(SIZES[0])), query.get("genres") == "all"
        if not NUMBER.fullmatch(top) or int(top) not in SIZES:
            raise ParseError(f"Give one of {', '.join(map(str, SIZES))} as top")
        size = int(top)
        statuses = reading.list_statuses()
        self.failed = {each["insight_type"] for each in statuses if each["status"] == ComputationStatus.FAILED}
        self.completed = reading.get_completion_times() if self.failed else {}
        return {
            "title": "Insights",
            "canonical": addresses.pane("insights"),
            "summary": summarise_statuses(statuses),
            "sizes": [(each, self.address(top=str(each)), each == size) for each in SIZES],
            "artists": self.card("artist_centrality", lambda: reading.list_top_artists(size)),
            "genres": self.card("genre_trends", lambda: list_genres_by_decade(None if has_all_genres else GENRES)),
            "has_all_genres": has_all_genres,
            "genres_address": self.address(genres="" if has_all_genres else "all"),
            "labels": self.card("label_longevity", list_longest_lived),
            "born": self.card("anniversaries", anniversaries),
            "completeness": self.card("data_completeness", completeness),
            "rarity": self.card("release_rarity", list_rarest),
        }

    def card(self, name: str, compute: Callable[[], Any]) -> Card:
        """Return a card with what ``compute`` returns, or why it has nothing."""
        found, failure = None, None
        try:
            with limit_time(CARD_SECONDS):
                found = compute()
        except TablesTimeOut as error:
            logger.warning("%s hit the limit of a query: %s", name, error)
            failure = TOO_SLOW
        return Card(TITLES[name], found, failure, self.completed.get(name) if name in self.failed else None)

    def address(self, **changes: str) -> str:
        """Return the address of this page with some parameters changed."""
        kept = {name: self.request.GET.get(name, "") for name in ("top", "genres")}
        return addresses.pane("insights", **{name: value for name, value in {**kept, **changes}.items() if value})


def summarise_statuses(statuses: Sequence[dict[str, Any]]) -> tuple[str, str, datetime | None]:
    """Say how the last computations of what the page shows ended: a state's class, words, when the oldest one ended."""
    shown = [each for each in statuses if each["insight_type"] in TITLES]
    failed = [TITLES[each["insight_type"]] for each in shown if each["status"] == ComputationStatus.FAILED]
    done = [each["last_computed"] for each in shown if each["status"] == ComputationStatus.COMPLETED]
    oldest = min(filter(None, done), default=None)
    if failed:
        return "warn", f"{len(failed)} of {len(shown)} failed: {', '.join(failed)}", None
    if not done:
        return "idle", "Not computed yet", None
    if len(done) < len(shown):
        return "busy", f"{len(done)} of {len(shown)} computed", oldest
    return "good", f"All {len(shown)} computed", oldest


def list_genres_by_decade(most: int | None) -> list[dict[str, Any]]:
    """Return the largest genres, each with its releases, its decades as a chart on one axis of years, and its peak."""
    trends = reading.list_trends_of_all()
    decades = [each.decade for found in trends.values() for each in found]
    return [
        {
            "genre": genre,
            "releases": sum(each.release_count for each in found),
            "peak": reading.find_peak_decade(found),
            "points": [(each.decade, each.release_count) for each in found],
            "chart": charts.decade_bars(
                [(each.decade, each.release_count) for each in found],
                min(decades),
                max(decades),
                label=f"{genre}, releases by decade",
            ),
        }
        for genre, found in list(trends.items())[:most]
    ]


def list_longest_lived() -> dict[str, Any] | None:
    """Return the labels that have been releasing for longest, and their lives as a chart."""
    found = reading.list_longest_labels(LABELS)
    if not found:
        return None
    rows = [(each.label_name, each.first_year, get_last_year(each), each.still_active) for each in found]
    first = min(row[1] for row in rows) // 10 * 10
    return {"labels": found, "chart": charts.draw_spans(rows, first, max(row[2] for row in rows))}


def get_last_year(label: LabelLongevity) -> int:
    """Return the last year of a label that is still there, or in which it ended."""
    return label.last_year or label.first_year + label.years_active - 1


def anniversaries() -> list[tuple[int, Sequence[Any]]]:
    """Return the masters of this month by their age, the oldest first."""
    return list(reading.list_anniversaries_by_age(datetime.now(UTC).date(), OF_AN_AGE).items())


def completeness() -> list[dict[str, Any]]:
    """Return each type of record with its percentage, and the share of its records that have each field."""
    return [
        {
            "type": each.entity_type,
            "total": each.total_count,
            "percent": float(each.completeness_pct),
            "fields": [(name, count / each.total_count) for field, name in FIELDS if (count := getattr(each, field))],
        }
        for each in reading.list_completeness()
    ]


def list_rarest() -> dict[str, Any] | None:
    """Return the rarest releases, and the best of the hidden gems."""
    page = rarity.Page(1, RAREST)
    rare = rarity.list_rarest(None, page).releases
    return {"rare": rare, "gems": rarity.list_hidden_gems(GEMS_FROM, page).releases} if rare else None
