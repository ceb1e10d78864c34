"""The tools over the catalogue, which need no token: each asks the API and returns its answer as it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

from mcp.types import CallToolResult
from pydantic import AfterValidator, Field

from linernotes_mcp.answering import ArtistId, Caller, LabelId, ReleaseId, answer, clamp, open_api

Tool = Callable[..., Any]
# Function → title, in the order of the list.
TITLES: dict[Tool, str] = {}

Kind = Literal["artist", "label", "genre", "style"]
Limit = Annotated[int, AfterValidator(clamp(1, 100)), Field(description="1 to 100; another number becomes the nearest")]
Depth = Annotated[int, AfterValidator(clamp(1, 10)), Field(description="1 to 10; another number becomes the nearest")]
Name = Annotated[str, Field(min_length=1, max_length=2000)]


def tool(title: str) -> Callable[[Tool], Tool]:
    """Add a function to the tools, with a title for people."""

    def add(function: Tool) -> Tool:
        TITLES[function] = title
        return function

    return add


@tool("Search the catalogue")
async def search(
    context: Caller,
    query: Annotated[str, Field(min_length=3, max_length=2000, examples=["miles davis", "blue note"])],
    types: Annotated[str, Field(description="some of artist, label, master and release, with commas")] = (
        "artist,label,master,release"
    ),
    limit: Limit = 20,
) -> CallToolResult:
    """Search artists, labels, masters and releases by name; a query has three characters at least.

    Returns the hits, the best first, with their ids, and how many there are by type, genre and decade. Most other tools
    need an id that this one finds.
    """
    found = await open_api(context).get("/api/search", q=query, types=types, limit=limit)
    best = ", ".join(f"{each['name']} ({each['type']} {each['id']})" for each in found["results"][:3])
    return answer(found, f"{found['total']} matches" + (f"; the best: {best}" if best else ""))


@tool("Look at an artist")
async def get_artist_details(context: Caller, artist_id: ArtistId) -> CallToolResult:
    """Return an artist's name, genres, styles, groups and number of releases, by the Discogs id."""
    return await read_node(context, "artist", artist_id)


@tool("Look at a label")
async def get_label_details(context: Caller, label_id: LabelId) -> CallToolResult:
    """Return a label's name and number of releases, by the Discogs id."""
    return await read_node(context, "label", label_id)


@tool("Look at a release")
async def get_release_details(context: Caller, release_id: ReleaseId) -> CallToolResult:
    """Return a release's title, year, artists, labels, genres and styles, by the Discogs id."""
    return await read_node(context, "release", release_id)


@tool("Look at a genre")
async def get_genre_details(
    context: Caller, genre_name: Annotated[Name, Field(examples=["Jazz", "Funk / Soul"])]
) -> CallToolResult:
    """Return a genre and how many artists have it, by its exact name."""
    return await read_node(context, "genre", genre_name)


@tool("Look at a style")
async def get_style_details(
    context: Caller, style_name: Annotated[Name, Field(examples=["Dub", "Hard Bop"])]
) -> CallToolResult:
    """Return a style and how many artists have it, by its exact name."""
    return await read_node(context, "style", style_name)


async def read_node(context: Caller, kind: str, key: str) -> CallToolResult:
    """Return what the API says of an entity."""
    found = await open_api(context).get("/api/node/{}", key, type=kind)
    figures = [
        f"{found[name]} {name.partition('_')[0]}s" for name in ("release_count", "artist_count") if name in found
    ]
    return answer(found, ", ".join([f"{found['name']} ({kind} {found['id']})", *figures]))


@tool("Find how two are connected")
async def find_path(
    context: Caller,
    from_name: Annotated[Name, Field(examples=["Miles Davis"])],
    to_name: Annotated[Name, Field(examples=["Daft Punk"])],
    from_type: Kind = "artist",
    to_type: Kind = "artist",
    max_depth: Depth = 10,
) -> CallToolResult:
    """Find a shortest path between two artists, labels, genres or styles, by their exact names.

    ``path`` has the nodes from one end to the other, each with the relationship that leads to it.
    """
    found = await open_api(context).get(
        "/api/path", from_name=from_name, from_type=from_type, to_name=to_name, to_type=to_type, max_depth=max_depth
    )
    if not found["found"]:
        return answer(found, f"No path within {max_depth} steps")
    return answer(found, f"{found['length']} steps: " + " - ".join(each["name"] for each in found["path"]))


@tool("Releases by year")
async def get_trends(
    context: Caller,
    name: Annotated[Name, Field(examples=["Techno"])],
    entity_type: Kind = "artist",
) -> CallToolResult:
    """Return how many releases an artist, label, genre or style has in each year, by its exact name."""
    found = await open_api(context).get("/api/trends", name=name, type=entity_type)
    years = found["data"]
    if not years:
        return answer(found, f"{found['name']} has no releases with a year")
    peak = max(years, key=lambda each: each["count"])
    span = f"{years[0]['year']} to {years[-1]['year']}"
    return answer(found, f"{found['name']}: {span}, most in {peak['year']} ({peak['count']} releases)")


@tool("Size of the graph")
async def get_graph_stats(context: Caller) -> CallToolResult:
    """Return how many artists, labels, releases, masters, genres and styles there are."""
    found = await open_api(context).get("/api/graph/stats")
    return answer(found, ", ".join(f"{count} {name}" for name, count in found["counts"].items()))


@tool("Collaborators of an artist")
async def get_collaborators(context: Caller, artist_id: ArtistId, limit: Limit = 20) -> CallToolResult:
    """Return the artists that share releases with an artist, those with most first, with the years of these."""
    found = await open_api(context).get("/api/collaborators/{}", artist_id, limit=limit)
    best = ", ".join(f"{each['artist_name']} ({each['release_count']})" for each in found["collaborators"][:3])
    return answer(found, f"{found['artist_name']}: {found['total']} collaborators" + (f"; {best}" if best else ""))


@tool("Genres and their styles")
async def get_genre_tree(context: Caller) -> CallToolResult:
    """Return all genres, the largest first, each with its styles and numbers of releases."""
    found = await open_api(context).get("/api/genre-tree")
    return answer(found, f"{len(found['genres'])} genres: " + ", ".join(each["name"] for each in found["genres"]))
