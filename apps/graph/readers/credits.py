"""Credits: people, their releases, roles and years, and the people they worked with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from apps.graph.cypher import credits as cypher
from apps.graph.reading import Rows, read_list, row, rows

# Category of roles → the statement of who has most releases in it.
LEADERS = {
    "production": cypher.LEADERS_OF_PRODUCTION,
    "engineering": cypher.LEADERS_OF_ENGINEERING,
    "mastering": cypher.LEADERS_OF_MASTERING,
    "session": cypher.LEADERS_OF_SESSION,
    "design": cypher.LEADERS_OF_DESIGN,
    "management": cypher.LEADERS_OF_MANAGEMENT,
    "other": cypher.LEADERS_OF_OTHER,
}
# The most rows of an answer without pages; only placeholder names, such as Traditional, come near (decision 91).
MOST_ROWS = 100_000


@dataclass(frozen=True, slots=True)
class Profile:
    """The figures of a person's credits. ``categories``: credits by category, the most frequent first."""

    categories: dict[str, int]
    first_year: int | None
    last_year: int | None
    artist_id: str | None
    artist_name: str | None


def list_person_credits(name: str) -> Rows:
    """Return a row for each release and role of a person, the latest release first and those without a year before it.

    A row is ``{release_id, title, year, role, category, artists, labels}`` with up to three names of artists and one of
    a label.
    """
    return [
        {
            "release_id": release_id,
            "title": title,
            "year": year,
            "role": role,
            "category": category,
            "artists": sorted(set(artists))[:3],
            "labels": sorted(labels)[:1],
        }
        for release_id, title, year, roles, artists, labels in read_list(
            cypher.PERSON_CREDITS, name=name, limit=MOST_ROWS
        )
        for role, category in sorted(roles)
    ]


def list_person_page(name: str, category: str | None, *, is_newest_first: bool, offset: int, limit: int) -> Rows:
    """Return up to ``limit`` releases of a person, in the order of their years, those without a year last.

    ``{release_id, title, year, roles, artists, labels}``: the roles of a category, or all of them; artists and labels
    as (id, name).
    """
    return [
        {
            "release_id": release_id,
            "title": title,
            "year": year,
            "roles": sorted(roles),
            "artists": sorted(artists, key=lambda each: each[1]),
            "labels": sorted(labels, key=lambda each: each[1]),
        }
        for release_id, title, year, roles, artists, labels in read_list(
            cypher.PERSON_PAGE,
            name=name,
            category=category,
            is_newest_first=is_newest_first,
            offset=offset,
            limit=limit,
        )
    ]


def find_person_of_artist(artist_id: str) -> str | None:
    """Return the name under which an artist is credited most; None if it never is."""
    found = row(cypher.PERSON_OF_ARTIST, id=artist_id)
    return found["name"] if found else None


def count_years(name: str) -> Rows:
    """Return ``{year, category, count}`` of a person's credits that have a year, years ascending."""
    return [
        {"year": year, "category": category, "count": count}
        for year, category, count in read_list(cypher.PERSON_YEARS, name=name)
    ]


def get_profile(name: str) -> Profile | None:
    """Return a person's figures; None if nobody of that name has a credit."""
    found = row(cypher.PERSON_PROFILE, name=name)
    if found is None or not found["categories"]:
        return None
    categories, credits_, first, last = zip(*found["categories"], strict=True)
    artist: list[Any] = next(iter(found["artists"]), [None, None])
    return Profile(
        categories=dict(zip(categories, credits_, strict=True)),
        first_year=min(filter(None, first), default=None),
        last_year=max(filter(None, last), default=None),
        artist_id=artist[0],
        artist_name=artist[1],
    )


def list_release_credits(release_id: str) -> Rows:
    """Return ``{name, role, category, artist_id, artist_name}`` by category and name: a row for each person, role and
    artist that the person is the same as, with nulls if there is none.
    """
    return rows(cypher.RELEASE_CREDITS, id=release_id, limit=MOST_ROWS)


def list_leaders(category: str, limit: int) -> Rows:
    """Return ``{name, credit_count}`` of those with the most releases in a category of roles.

    Maintenance counts them: until its first end there are none.
    """
    return rows(LEADERS[category], limit=limit)


def list_shared_credits(person1: str, person2: str) -> Rows:
    """Return a row for each pair of roles that two people have on one release, the latest first.

    A row is ``{release_id, title, year, person1_role, person2_role, artists}``.
    """
    return rows(cypher.SHARED_CREDITS, person1=person1, person2=person2, limit=MOST_ROWS)


def list_connections(name: str, limit: int) -> Rows:
    """Return ``{name, shared_count}`` of those who are credited on the same releases, on the most of them first."""
    return rows(cypher.CONNECTED_PEOPLE, name=name, limit=limit)
