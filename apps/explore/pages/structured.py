"""What a page is about, for machines: JSON-LD in the words of schema.org.

It is a block of data and no script, so the Content Security Policy has nothing to say about it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson
from django.utils.safestring import SafeString, mark_safe

from apps.explore.answers.records import Named
from apps.explore.pages import addresses
from apps.explore.pages.markup import strip_markup

Data = dict[str, Any]

# What could end the element, and what would end a line of JavaScript.
ESCAPES = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"})
MOST = 100
LONGEST_DESCRIPTION = 500


def script(about: Data) -> SafeString:
    """Write data as an element; what has no value is left out."""
    written = orjson.dumps({"@context": "https://schema.org", **drop_empty(about)}).decode().translate(ESCAPES)
    return mark_safe(f'<script type="application/ld+json">{written}</script>')  # noqa: S308 - escaped


def drop_empty(about: Data) -> Data:
    """Return data without what has no value."""
    return {key: value for key, value in about.items() if value not in (None, "", [], {})}


def reference(type_: str, named: Named, site: str) -> Data:
    """Return an entity that another one names."""
    address = addresses.get_page_address(named.kind, named.id, named.name) if named.id else ""
    return drop_empty({"@type": type_, "name": named.name, "url": f"{site}{address}" if address else ""})


def describe_entities(type_: str, named: Iterable[Named], site: str) -> list[Data]:
    """Return entities that another one names."""
    return [reference(type_, each, site) for each in list(named)[:MOST]]


def write_duration(seconds: int | None) -> str:
    """Write seconds as a duration of ISO 8601; empty where they are not known."""
    return f"PT{seconds // 60}M{seconds % 60}S" if seconds else ""


def release(found: Data, site: str) -> Data:
    """Return a release, with its tracks as a list. ``site`` is the address of the site, without a slash at its end."""
    artists = describe_entities("MusicGroup", found["artists"], site)
    tracks = [
        {
            "@type": "ListItem",
            "position": number,
            "item": drop_empty(
                {"@type": "MusicRecording", "name": track.title, "duration": write_duration(track.seconds)}
            ),
        }
        for number, track in enumerate((each for each in found["tracks"] if not each.is_heading), 1)
    ][:MOST]
    master = Named("master", found["master"], found["title"])
    return {
        "@type": "MusicRelease",
        "@id": f"{site}{addresses.get_page_address('release', found['id'], found['title'])}",
        "name": found["title"],
        "creditedTo": artists,
        "recordLabel": describe_entities("Organization", found["labels"], site),
        "catalogNumber": ", ".join(found["catalogue_numbers"]),
        "musicReleaseFormat": "; ".join(found["formats"]),
        "datePublished": found["released"].iso if found["released"] else "",
        "duration": write_duration(found["seconds"]),
        "genre": [*found["genres"], *found["styles"]],
        "releaseOf": {**reference("MusicAlbum", master, site), "byArtist": artists} if found["master"] else None,
        "track": {"@type": "ItemList", "numberOfItems": found["track_count"], "itemListElement": tracks}
        if tracks
        else None,
    }


def artist(found: Data, panel: Data | None, site: str) -> Data:
    """Return an artist; ``panel`` says what the graph and MusicBrainz know of it, if they do."""
    known = (panel or {}).get("musicbrainz") or {}
    type_ = "Person" if known.get("type") == "Person" else "MusicGroup"
    about = {
        "@type": type_,
        "@id": f"{site}{addresses.get_page_address('artist', found['id'], found['name'])}",
        "name": found["name"],
        "alternateName": found["variations"][:MOST],
        "description": strip_markup(found["profile"])[:LONGEST_DESCRIPTION],
        "sameAs": [addresses.discogs("artist", found["id"]), *(each["url"] for each in known.get("links", ()))],
    }
    if type_ == "Person":
        return {**about, "memberOf": describe_entities("MusicGroup", found["groups"], site)}
    return {
        **about,
        "genre": [*(panel or {}).get("genres", ()), *(panel or {}).get("styles", ())][:MOST],
        "member": describe_entities("Person", found["members"], site),
    }


def label(found: Data, first_year: int | None, site: str) -> Data:
    """Return a label. ``first_year`` is that of its first release."""
    known = found["musicbrainz"] or {"links": ()}
    return {
        "@type": "Organization",
        "@id": f"{site}{addresses.get_page_address('label', found['id'], found['name'])}",
        "name": found["name"],
        "description": strip_markup(found["profile"])[:LONGEST_DESCRIPTION],
        "foundingDate": known.get("begin_date") or (str(first_year) if first_year else ""),
        "parentOrganization": describe_entities("Organization", found["parents"], site),
        "subOrganization": describe_entities("Organization", found["sublabels"], site),
        "sameAs": [addresses.discogs("label", found["id"]), *(each["url"] for each in known["links"])],
    }


def master(found: Data, versions: Data | None, site: str) -> Data:
    """Return an album with the versions that the page lists."""
    rows = [row for _, of_decade in (versions or {"groups": ()})["groups"] for row in of_decade]
    known = found["musicbrainz"] or {"links": ()}
    return {
        "@type": "MusicAlbum",
        "@id": f"{site}{addresses.get_page_address('master', found['id'], found['title'])}",
        "name": found["title"],
        "byArtist": describe_entities("MusicGroup", found["artists"], site),
        "datePublished": str(found["year"] or ""),
        "genre": [*found["genres"], *found["styles"]],
        "albumRelease": describe_entities(
            "MusicRelease", (Named("release", row["id"], row["title"]) for row in rows), site
        ),
        "sameAs": [addresses.discogs("master", found["id"]), *(each["url"] for each in known["links"])],
    }


def tag(kind: str, found: Data, site: str) -> Data:
    """Return a genre or a style as a term of Discogs' vocabulary."""
    return {
        "@type": "DefinedTerm",
        "@id": f"{site}{addresses.get_page_address(kind, found['id'], found['name'])}",
        "name": found["name"],
        "inDefinedTermSet": f"Discogs {kind}s",
    }


def person(found: Data, site: str) -> Data:
    """Return a name in credits, with the kinds of work and the artist that it is the same as."""
    artist_ = Named("artist", found["artist_id"], found["artist_name"] or "")
    return {
        "@type": "Person",
        "@id": f"{site}{addresses.get_page_address('person', found['name'])}",
        "name": found["name"],
        "hasOccupation": [{"@type": "Occupation", "name": category} for category in found["categories"]],
        "sameAs": reference("MusicGroup", artist_, site).get("url", "") if found["artist_id"] else "",
    }
