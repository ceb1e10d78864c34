"""The tools over a user's own collection and wantlist, which need an app token with a scope."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from mcp.types import CallToolResult
from pydantic import BeforeValidator, Field

from linernotes_mcp.answering import (
    DIGITS,
    Caller,
    Cursor,
    Limit,
    PageLimit,
    Tools,
    answer,
    open_api,
    say_how_many,
    spell,
)
from linernotes_mcp.api import ApiError

COLLECTION_READ = "collection:read"
LIBRARY_READ = "library:read"
# The most items that the API gives at once.
MOST_AT_ONCE = 200

Order = Literal[
    "added",
    "-added",
    "artist",
    "-artist",
    "label",
    "-label",
    "rating",
    "-rating",
    "title",
    "-title",
    "year",
    "-year",
]
Text = Annotated[str | None, Field(max_length=200)]
Decade = Annotated[int | None, Field(ge=0, le=9990, examples=[1970])]


async def get_my_collection(  # noqa: PLR0913, PLR0917 - filters, by name alone
    context: Caller,
    limit: PageLimit = 50,
    cursor: Cursor = None,
    q: Text = None,
    genre: Text = None,
    decade: Decade = None,
    format: Text = None,  # noqa: A002 - the API's name
    folder: Annotated[int | None, Field(ge=0)] = None,
    sort: Order = "-added",
) -> CallToolResult:
    """Return the copies in the user's collection, the latest added first; ``q`` looks for a text in them.

    Needs an app token with the scope collection:read. While ``next_cursor`` is not null there is more: call again with
    it as ``cursor`` and the same filters.
    """
    filters = {"q": q, "genre": genre, "decade": decade, "format": format, "folder": folder, "sort": sort}
    found = await read_page(
        context, "/api/user/collection", key="releases", scope=COLLECTION_READ, limit=limit, cursor=cursor, **filters
    )
    return answer_page(found, found, "releases", "copies")


async def get_my_wantlist(
    context: Caller,
    limit: PageLimit = 50,
    cursor: Cursor = None,
    q: Text = None,
    genre: Text = None,
    decade: Decade = None,
    format: Text = None,  # noqa: A002 - the API's name
    sort: Order = "-added",
) -> CallToolResult:
    """Return the releases that the user wants, the latest added first; ``q`` looks for a text in them.

    Needs an app token with the scope library:read. Pages go on as those of get_my_collection do.
    """
    filters = {"q": q, "genre": genre, "decade": decade, "format": format, "sort": sort}
    found = await read_page(
        context, "/api/user/wantlist", key="releases", scope=LIBRARY_READ, limit=limit, cursor=cursor, **filters
    )
    return answer_page(found, found, "releases", "wanted releases")


async def get_my_collection_stats(context: Caller) -> CallToolResult:
    """Return the user's collection in figures: size, rating, genres, decades and labels. Needs collection:read."""
    found = await open_api(context).get("/api/user/collection/stats", scope=COLLECTION_READ)
    genres = ", ".join(f"{each['name']} {each['count']}" for each in found["by_genre"][:3])
    return answer(found, f"{found['total']} copies, {found['unique_artists']} artists; {genres}")


async def get_my_gaps(
    context: Caller,
    entity_type: Literal["artist", "label", "master"],
    id: Annotated[str, DIGITS, BeforeValidator(spell)],  # noqa: A002 - the name that assistants know
    limit: PageLimit = 50,
    cursor: Cursor = None,
    exclude_wantlist: bool = False,  # noqa: FBT001, FBT002 - by name alone
    formats: Annotated[list[str] | None, Field(max_length=20, examples=[["Vinyl"]])] = None,
) -> CallToolResult:
    """Return the releases of an artist, a label or a master that the user does not own. Needs library:read."""
    found = await read_page(
        context,
        f"/api/collection/gaps/{entity_type}/{{}}",
        id,
        key="results",
        scope=LIBRARY_READ,
        limit=limit,
        cursor=cursor,
        exclude_wantlist=str(exclude_wantlist).lower(),
        formats=formats,
    )
    return answer_page(found, found["pagination"], "results", f"gaps of {found['entity']['name']}")


async def get_my_taste(context: Caller) -> CallToolResult:
    """Return the user's taste: genres by decade, rarity, change over the years, blind spots. Needs library:read."""
    found = await open_api(context).get("/api/user/taste/fingerprint", scope=LIBRARY_READ)
    blind = ", ".join(each["genre"] for each in found["blind_spots"][:3])
    return answer(found, f"Peak decade {found['peak_decade']}; blind spots: {blind or 'none'}")


async def get_recommendations(
    context: Caller, limit: Limit = 20, strategy: Literal["artist", "multi"] = "artist"
) -> CallToolResult:
    """Return releases that the user could want, by artists alone or by several signals. Needs library:read."""
    found = await open_api(context).get("/api/user/recommendations", scope=LIBRARY_READ, limit=limit, strategy=strategy)
    best = ", ".join(f"{each['title']} by {each['artist']}" for each in found["recommendations"][:3])
    return answer(found, f"{found['total']} recommendations" + (f": {best}" if best else ""))


async def read_page(
    context: Caller, path: str, *segments: str, key: str, limit: int, cursor: str | None, **parameters: Any
) -> dict[str, Any]:
    """Return a page of a list, of several pages of the API if it is longer than those.

    A limit of the API is waited for. If it would last too long, the page ends early, and its cursor goes on there.
    """
    api, start = open_api(context), int(cursor or 0)
    items: list[Any] = []
    page: dict[str, Any] = {}
    while True:
        at_once = min(MOST_AT_ONCE, limit - len(items))
        try:
            page = await api.get_patiently(path, *segments, limit=at_once, offset=start + len(items), **parameters)
        except ApiError as error:
            if error.code == "rate_limited" and items:
                break
            raise
        items += page[key]
        position = page.get("pagination", page)
        # A list that becomes shorter while it is read may end before its total.
        if len(items) >= limit or not position["has_more"] or not page[key]:
            break
        await context.report_progress(len(items), min(limit, position["total"] - start))
    position = page.get("pagination", page)
    end = start + len(items)
    has_more = bool(items) and end < position["total"]
    position |= {"offset": start, "limit": limit, "has_more": has_more}
    return {**page, key: items, "next_cursor": str(end) if has_more else None}


def answer_page(found: dict[str, Any], position: dict[str, Any], key: str, things: str) -> CallToolResult:
    """Return a page with a line that says which part of the list it is."""
    start = position["offset"]
    return answer(found, say_how_many(things, start, start + len(found[key]), position["total"]))


TOOLS: Tools = {
    get_my_collection: "My collection",
    get_my_wantlist: "My wantlist",
    get_my_collection_stats: "My collection in figures",
    get_my_gaps: "What I lack",
    get_my_taste: "My taste",
    get_recommendations: "What I could want",
}
