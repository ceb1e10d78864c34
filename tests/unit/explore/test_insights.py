"""What the pane of insights says of the last computations."""

from datetime import UTC, datetime

import pytest

from apps.explore.pages.insights import TITLES, summarise_statuses

EARLY, LATE = datetime(2026, 11, 1, 4, tzinfo=UTC), datetime(2026, 11, 1, 5, tzinfo=UTC)


def statuses(**ended):
    """Return the statuses of all insights: those that are not named never ran."""
    never = ("never_run", None)
    return [
        {"insight_type": each, "status": ended.get(each, never)[0], "last_computed": ended.get(each, never)[1]}
        for each in (*TITLES, "community_enrichment")
    ]


@pytest.mark.parametrize(
    ("ended", "said"),
    [
        ({}, ("idle", "Not computed yet", None)),
        ({"genre_trends": ("completed", LATE)}, ("busy", "1 of 6 computed", LATE)),
        (
            {**dict.fromkeys(TITLES, ("completed", LATE)), "anniversaries": ("completed", EARLY)},
            ("good", "All 6 computed", EARLY),
        ),
        (
            {**dict.fromkeys(TITLES, ("completed", LATE)), "release_rarity": ("failed", LATE)},
            ("warn", "1 of 6 failed: Rarity", None),
        ),
    ],
)
def test_the_page_says_how_the_last_computations_ended(ended, said):
    assert summarise_statuses(statuses(**ended)) == said
