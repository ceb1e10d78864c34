"""Warms a process of the site up: at its start it requests every address once, in the background (decision 123).

At the first request of a kind Neo4j plans a statement and opens an index, PostgreSQL reads pages, and Python imports
modules. Together these take seconds, which the first visitors would wait for.
"""

from __future__ import annotations

import gc
import logging
import os
import threading
import time
from collections.abc import Iterator
from http import HTTPStatus
from io import BytesIO
from urllib.parse import quote, unquote

from django.core.handlers.wsgi import WSGIRequest
from django.db import DatabaseError, InterfaceError, connection
from django.urls import get_resolver, resolve

from apps.api import caching, limits
from apps.api.middleware import answer_request
from apps.graph.readers.credits import LEADERS
from apps.graph.readers.entities import CATEGORIES
from apps.graph.readers.examples import find_example
from apps.graph.reading import GraphAway, GraphTimeOut

logger = logging.getLogger(__name__)

# One address for each statement, not for each endpoint: Neo4j caches plans by the text of a statement.
# Addresses of the API, with names of ``find_example``. Each runs another statement, or another view.
ADDRESSES = (
    *(f"/api/autocomplete?q={{{kind}}}&type={kind}" for kind in CATEGORIES),
    *(f"/api/autocomplete?q=the&type={kind}" for kind in ("artist", "label")),
    "/api/autocomplete?q={artist}&type=any&fields=hint",
    *(f"/api/explore?name={{{kind}}}&type={kind}" for kind in CATEGORIES),
    # A full page also runs the statement that counts the children.
    *(
        f"/api/expand?node_id={{{kind}}}&type={kind}&category={category}&limit=1"
        for kind, categories in CATEGORIES.items()
        for category in categories
    ),
    # Statements that no other address runs.
    "/api/explore?id={artist_id}",
    *(f"/api/expand?node_id={{{kind}}}&type={kind}&category=releases&limit=1&order=year" for kind in CATEGORIES),
    *(f"/api/expand?node_id={{{kind}}}&type={kind}&category=releases&limit=1&order=sample" for kind in CATEGORIES),
    "/api/expand/batch?node_id={artist}&type=artist&categories=labels,aliases&limit=1&fields=years",
    "/api/expand/batch?node_id={label}&type=label&categories=artists,genres&limit=1&fields=years",
    "/api/links?nodes=release:{release},artist:{artist_id},label:{label_id},master:1",
    "/api/node/{artist_id}",
    "/api/node/{artist}",
    "/api/node/{label_id}?type=label",
    "/api/node/{label}?type=label",
    "/api/node/{release}?type=release",
    "/api/node/{genre}?type=genre",
    "/api/node/{style}?type=style",
    *(f"/api/trends?name={{{kind}}}&type={kind}" for kind in CATEGORIES),
    "/api/explore/year-range",
    "/api/explore/genre-emergence?before_year=1990",
    "/api/search?q={artist}",
    "/api/search?q={artist}&rank=names",
    "/api/search?q=5021603054066&rank=names",
    "/api/release/{release}",
    "/api/master/1",
    "/api/path?from_name={artist}&to_name={label}&to_type=label",
    "/api/path?from_name={artist}&to_name={label}&to_type=label&exclude=IS",
    "/api/label/{label_id}/dna",
    "/api/label/{label_id}/similar",
    "/api/label/dna/compare?ids={label_id},{label_id}",
    "/api/recommend/similar/artist/{artist_id}",
    "/api/collaborators/{artist_id}",
    "/api/network/artist/{artist_id}/collaborators",
    "/api/network/artist/{artist_id}/centrality",
    "/api/network/cluster/{artist_id}",
    "/api/genre-tree",
    "/api/graph/stats",
    "/api/artist/{artist_id}/musicbrainz",
    "/api/artist/{artist_id}/relationships",
    "/api/artist/{artist_id}/external-links",
    "/api/enrichment/status",
    "/api/credits/person/{person}",
    "/api/credits/person/{person}/timeline",
    "/api/credits/person/{person}/profile",
    "/api/credits/release/{release}",
    *(f"/api/credits/role/{role}/top" for role in LEADERS),
    "/api/credits/shared?person1={person}&person2=None",
    "/api/credits/connections/{person}",
    "/api/credits/autocomplete?q={person}",
    "/api/insights/top-artists",
    "/api/insights/top-artists?metric=pagerank",
    "/api/insights/genre-trends?genre={genre}",
    "/api/insights/label-longevity",
    "/api/insights/label-longevity?isolated_years=false",
    "/api/insights/this-month",
    "/api/insights/this-month?by_month=true",
    "/api/insights/data-completeness",
    "/api/insights/status",
    "/api/insights/release-rarity",
    "/api/rarity/leaderboard",
    "/api/rarity/hidden-gems",
    "/api/rarity/artist/{artist_id}",
    "/api/rarity/label/{label_id}",
    "/api/rarity/{release}",
    "/api/nlq/suggestions",
)
# Pages: they have statements and templates of their own.
PAGES = (
    "/",
    "/?type=artist&id={artist_id}",
    "/?type=label&id={label_id}",
    "/?type=genre&id={genre}",
    "/?type=style&id={style}",
    "/artist/{artist_id}",
    "/label/{label_id}",
    "/label/{label_id}/dna/",
    "/master/1",
    "/release/{release}",
    "/genre/{genre}/",
    "/style/{style}/",
    "/person/{person}/",
    "/names/?q={artist}&type=artist",
    "/path/?from_type=artist&from_id={artist_id}&to_type=label&to_id={label_id}",
    "/trends/?type=artist&id={artist_id}",
    "/search/?q={artist}",
    "/insights/",
    "/genres/",
    "/credits/",
    "/credits/?name={person}",
    "/dna/",
)
# Processes warm up one after the other, to spare a server that has just started. The number of the lock is arbitrary;
# the connection holds it.
TAKE_TURN = "SELECT pg_advisory_lock(7301)"
# Seconds between two attempts while a store is away.
AWAY_SECONDS = 5.0

_warm = threading.Event()
# Held during a request. A fork in between would leave the child with half-imported modules.
_asking = threading.Lock()


def is_warm() -> bool:
    """Tell whether this process has warmed up."""
    return _warm.is_set()


def start() -> None:
    """Begin in the background, also in each child of a server that loads the site before it forks."""
    _begin()
    # gunicorn loads the site once and forks. A child inherits the modules, but no thread and no connection, so each
    # child warms its own connections.
    os.register_at_fork(before=_asking.acquire, after_in_parent=_asking.release, after_in_child=_begin_in_child)


def _begin_in_child() -> None:
    _asking.release()
    _begin()


def _begin() -> None:
    _warm.clear()
    threading.Thread(target=run, name="warming", daemon=True).start()


def run() -> None:
    """Warm up as soon as the stores answer."""
    try:
        began = time.monotonic()
        # The addresses of pages and admin, which import their views.
        with _asking:
            len(get_resolver().url_patterns)
        # All addresses again, also those that were answered: a store that was away may have lost its caches.
        while not ask_for_everything():
            time.sleep(AWAY_SECONDS)
        # Modules, templates and the like stay for good: otherwise the collector goes over all of them after a request
        # with many objects, which doubles what an answer about a large collection costs.
        gc.collect()
        gc.freeze()
        logger.info("the site is warm", extra={"seconds": round(time.monotonic() - began, 1)})
    except Exception:
        # The top of a thread. Without warming the first requests are slow, but right.
        logger.exception("the site could not be warmed")
    finally:
        _warm.set()


def ask_for_everything() -> bool:
    """Request each address while no other process does; return False if a store is away."""
    try:
        with connection.cursor() as cursor:
            # On a connection that does nothing else. It is closed below, which frees the lock even if a request fails.
            cursor.execute(TAKE_TURN)
        with _asking:
            asked = list(list_addresses())
        return all(ask(address) != HTTPStatus.SERVICE_UNAVAILABLE for address in asked)
    except (GraphAway, GraphTimeOut, DatabaseError, InterfaceError):
        return False
    finally:
        connection.close()


def list_addresses() -> Iterator[str]:
    """Return the addresses to request."""
    names = {key: quote(value, safe="") for key, value in find_example().items()}
    return (address.format(**names) for address in (*ADDRESSES, *PAGES))


def ask(address: str) -> int:
    """Request an address past the cache; return the status.

    No rate limit counts the request and the answer is not cached.
    """
    path, _, query = address.partition("?")
    request = WSGIRequest(
        {
            "REQUEST_METHOD": "GET",
            # As WSGI servers pass it: one character for each byte of the path.
            "PATH_INFO": unquote(path, encoding="latin-1"),
            "QUERY_STRING": query,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "wsgi.input": BytesIO(),
            # An empty list of windows means: counted already, and by no limit.
            limits.COUNTED: [],
        }
    )
    try:
        # Past the cache, since a cached answer would warm neither a plan nor a page of PostgreSQL.
        with _asking, caching.bypass_cache():
            if path.startswith("/api/"):
                return answer_request(request).status_code
            page = resolve(request.path_info)
            status: int = page.func(request, *page.args, **page.kwargs).status_code
            return status
    except Exception:
        # What fails here fails for visitors too, and is reported there; the other addresses are still warmed up.
        logger.warning("%s could not be asked for", address, exc_info=True)
        return HTTPStatus.INTERNAL_SERVER_ERROR
