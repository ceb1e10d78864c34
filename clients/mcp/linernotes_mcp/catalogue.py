"""The tools over the catalogue, which need no token: each asks the API and returns its answer as it is."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from mcp.types import CallToolResult
from pydantic import Field

from linernotes_mcp.answering import (
    ArtistId,
    Caller,
    Cursor,
    Depth,
    LabelId,
    Limit,
    PageLimit,
    ReleaseId,
    SimilarLimit,
    Tools,
    answer,
    open_api,
    say_how_many,
)

Kind = Literal["artist", "label", "genre", "style"]
Name = Annotated[str, Field(min_length=1, max_length=2000)]


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


async def get_artist_details(context: Caller, artist_id: ArtistId) -> CallToolResult:
    """Return an artist's name, genres, styles, groups and number of releases, by the Discogs id."""
    return await read_node(context, "artist", artist_id)


async def get_label_details(context: Caller, label_id: LabelId) -> CallToolResult:
    """Return a label's name and number of releases, by the Discogs id."""
    return await read_node(context, "label", label_id)


async def get_release_details(context: Caller, release_id: ReleaseId) -> CallToolResult:
    """Return a release's title, year, artists, labels, genres and styles, by the Discogs id."""
    return await read_node(context, "release", release_id)


async def get_genre_details(
    context: Caller, genre_name: Annotated[Name, Field(examples=["Jazz", "Funk / Soul"])]
) -> CallToolResult:
    """Return a genre and how many artists have it, by its exact name."""
    return await read_node(context, "genre", genre_name)


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


async def get_graph_stats(context: Caller) -> CallToolResult:
    """Return how many artists, labels, releases, masters, genres and styles there are."""
    found = await open_api(context).get("/api/graph/stats")
    return answer(found, ", ".join(f"{count} {name}" for name, count in found["counts"].items()))


async def get_collaborators(context: Caller, artist_id: ArtistId, limit: Limit = 20) -> CallToolResult:
    """Return the artists that share releases with an artist, those with most first, with the years of these."""
    found = await open_api(context).get("/api/collaborators/{}", artist_id, limit=limit)
    best = ", ".join(f"{each['artist_name']} ({each['release_count']})" for each in found["collaborators"][:3])
    return answer(found, f"{found['artist_name']}: {found['total']} collaborators" + (f"; {best}" if best else ""))


async def get_genre_tree(context: Caller) -> CallToolResult:
    """Return all genres, the largest first, each with its styles and numbers of releases."""
    found = await open_api(context).get("/api/genre-tree")
    return answer(found, f"{len(found['genres'])} genres: " + ", ".join(each["name"] for each in found["genres"]))


# What the API has beyond the first eleven.

Insight = Literal[
    "top-artists",
    "genre-trends",
    "label-longevity",
    "this-month",
    "data-completeness",
    "release-rarity",
    "status",
]
# Those of which there is a given number.
RANKED = ("top-artists", "label-longevity", "release-rarity")


async def get_similar_artists(context: Caller, artist_id: ArtistId, limit: SimilarLimit = 20) -> CallToolResult:
    """Return artists like one, by genres, styles, labels and collaborators, the most similar first.

    The artist must have three releases at least.
    """
    found = await open_api(context).get("/api/recommend/similar/artist/{}", artist_id, limit=limit)
    best = ", ".join(f"{each['artist_name']} ({each['similarity']})" for each in found["similar"][:5])
    return answer(found, f"Like {found['artist_name']}: {best or 'nobody'}")


async def get_label_dna(context: Caller, label_id: LabelId) -> CallToolResult:
    """Return a label in figures: size, years, decades, and its genres, styles and formats with their shares."""
    found = await open_api(context).get("/api/label/{}/dna", label_id)
    genres = ", ".join(f"{each['name']} {each['percentage']} %" for each in found["genres"][:3])
    return answer(found, f"{found['label_name']}: {found['release_count']} releases; {genres}")


async def get_credits(
    context: Caller,
    person: Annotated[Name, Field(examples=["Rudy Van Gelder"])],
    limit: PageLimit = 100,
    cursor: Cursor = None,
) -> CallToolResult:
    """Return what a person is credited with on releases, by the exact name: undated ones, then the latest first.

    If there are more than ``limit``, ``next_cursor`` is the cursor that goes on.
    """
    found = await open_api(context).get("/api/credits/person/{}", person)
    total, start = len(found["credits"]), int(cursor or 0)
    end = min(start + limit, total)
    page: dict[str, Any] = {**found, "credits": found["credits"][start:end]}
    page["next_cursor"] = str(end) if end < total else None
    return answer(page, f"{found['name']}: {say_how_many('credits', start, end, total)}")


async def get_artist_musicbrainz(context: Caller, artist_id: ArtistId) -> CallToolResult:
    """Return what MusicBrainz says of an artist: type, dates, places, relationships to others, and pages elsewhere."""
    api = open_api(context)
    found = await api.get("/api/artist/{}/musicbrainz", artist_id)
    related = (await api.get("/api/artist/{}/relationships", artist_id))["relationships"]
    links = (await api.get("/api/artist/{}/external-links", artist_id))["links"]
    facts = [found["type"], found["area"], found["begin_date"]]
    return answer(
        {**found, "relationships": related, "links": links},
        f"MusicBrainz {found['mbid']}: {', '.join(filter(None, facts))}; "
        f"{len(related)} relationships, {len(links)} links",
    )


async def get_insights(
    context: Caller,
    kind: Insight,
    limit: Limit = 20,
    genre: Annotated[str | None, Field(max_length=2000, description="for genre-trends alone, which needs it")] = None,
) -> CallToolResult:
    """Return what the site computes on a schedule.

    Kinds: artists with the most relationships, decades of a genre, labels that have released for longest, anniversaries
    of this month, how complete the data are, the rarest releases, and when each was computed.
    """
    parameters: dict[str, Any] = {"limit": limit} if kind in RANKED else {}
    found = await open_api(context).get(
        f"/api/insights/{kind}", genre=genre if kind == "genre-trends" else None, **parameters
    )
    entries = found.get("items") or found.get("trends") or found.get("statuses") or []
    return answer(found, f"{kind}: {len(entries)} entries")


async def nlq_query(
    context: Caller,
    query: Annotated[Name, Field(examples=["Which labels did Miles Davis record for?"])],
) -> CallToolResult:
    """Ask the site a question in words. It works where the site has a language model of its own; prefer other tools."""
    found = await open_api(context).post("/api/nlq/query", {"query": query})
    return answer(found, str(found["summary"]))


TOOLS: Tools = {
    search: "Search the catalogue",
    get_artist_details: "Look at an artist",
    get_label_details: "Look at a label",
    get_release_details: "Look at a release",
    get_genre_details: "Look at a genre",
    get_style_details: "Look at a style",
    find_path: "Find how two are connected",
    get_trends: "Releases by year",
    get_graph_stats: "Size of the graph",
    get_collaborators: "Collaborators of an artist",
    get_genre_tree: "Genres and their styles",
    get_similar_artists: "Artists like one",
    get_label_dna: "A label in figures",
    get_credits: "Credits of a person",
    get_artist_musicbrainz: "An artist in MusicBrainz",
    get_insights: "Insights",
    nlq_query: "Ask in words",
}
