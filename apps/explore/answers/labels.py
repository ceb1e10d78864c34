"""The DNA of a label: its releases in figures, compared with other labels, and labels like it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import log10
from typing import Any

import orjson
from rest_framework.exceptions import NotFound

from apps.api import caching
from apps.api.caching import DAY
from apps.api.responses import NotEnough, encode_as
from apps.explore.serializers import labels as serializers
from apps.graph.readers import labels
from apps.graph.readers.likeness import TooFewReleases

Dna = dict[str, Any]

MOST_COMPARED = 5
# The axes of a character, and the values at their rims.
AXES = ("Artists", "Output", "Life span", "Genre", "Format")
RIM_YEARS = 50
RIM_RELEASES_A_YEAR = 1000


def make_dna_key(label_id: str) -> str:
    """Return the cache key of a label's figures."""
    return f"label-dna:{label_id}"


def get_cached_dna(label_id: str) -> Dna:
    """Return a label's figures as ``get_dna`` does, from the cache entry that the endpoint of one label uses."""
    found = caching.get_or_compute(
        make_dna_key(label_id), DAY, lambda: encode_as(serializers.DnaSerializer, get_dna(label_id))
    )
    dna: Dna = orjson.loads(found.body)
    return dna


def get_dna(label_id: str) -> Dna:
    """Return a label's figures, see ``DnaSerializer``.

    Raises:
        NotFound: there is no such label.
        NotEnough: it has too few releases for figures.
    """
    try:
        found = labels.compute_dna(label_id)
    except TooFewReleases as error:
        raise NotEnough(str(error)) from error
    if found is None:
        raise NotFound(f"Label {label_id} not found")
    return found


def compare_labels(ids: Sequence[str]) -> dict[str, Any]:
    """Return the figures of labels side by side, ``{labels: [{dna}]}``, in the order of their ids.

    Raises:
        NotFound, NotEnough: as ``get_dna``.
    """
    return {"labels": [{"dna": get_cached_dna(label_id)} for label_id in ids]}


def find_similar_labels(label_id: str, limit: int) -> dict[str, Any]:
    """Return the labels that are most like one, ``{label_id, label_name, similar}``.

    Raises:
        NotFound: there is no such label.
        NotEnough: it has too few releases for figures.
    """
    try:
        found = labels.find_similar(label_id, limit)
    except TooFewReleases as error:
        raise NotEnough(str(error)) from error
    if found is None:
        raise NotFound(f"Label {label_id} not found")
    return {"label_id": label_id, "label_name": found.name, "similar": found.labels}


def compute_character(dna: Dna) -> list[float]:
    """Return where a label stands on each of ``AXES``, 0 to 1.

    Artists for each release; releases a year, by their logarithm; years from the first to the last; the share of the
    largest genre; that of the largest format.
    """
    return [
        dna["artist_diversity"],
        min(1.0, log10(1 + dna["prolificacy"]) / log10(1 + RIM_RELEASES_A_YEAR)),
        min(1.0, compute_life_span(dna) / RIM_YEARS),
        get_largest_share(dna["genres"]),
        get_largest_share(dna["formats"]),
    ]


def compute_life_span(dna: Dna) -> int:
    """Return the years from a label's first release to its last, both counted; 0 if none has a year."""
    years = dna["active_years"]
    return years[-1] - years[0] + 1 if years else 0


def get_largest_share(shares: Sequence[dict[str, Any]]) -> float:
    """Return the first share of 1 of a list whose largest come first; 0 if there is none."""
    return shares[0]["percentage"] / 100 if shares else 0.0


def distinguish_names(dnas: Sequence[Dna]) -> list[str]:
    """Return the names of labels; if several share a name, with their ids."""
    names = Counter(each["label_name"] for each in dnas)
    return [
        f"{each['label_name']} (No. {each['label_id']})" if names[each["label_name"]] > 1 else each["label_name"]
        for each in dnas
    ]


def count_by_decade(dnas: Sequence[Dna]) -> list[tuple[int, list[int]]]:
    """Return the decades in which any of some labels has releases, with the number of those of each label."""
    counts = [{each["decade"]: each["count"] for each in dna["decades"]} for dna in dnas]
    return [(decade, [each.get(decade, 0) for each in counts]) for decade in sorted(set().union(*counts))]


def compare_shares(dnas: Sequence[Dna], kind: str, most: int) -> list[tuple[str, list[float]]]:
    """Return up to ``most`` of a kind, genre, style or format, with their percentages in each of some labels.

    Those come first that have the largest share in any of them; what has less than one percent in each is left out.
    """
    shares = [{each["name"]: each["percentage"] for each in dna[f"{kind}s"]} for dna in dnas]
    largest = {name: max(each.get(name, 0.0) for each in shares) for name in set().union(*shares)}
    names = sorted((name for name in largest if largest[name] >= 1), key=lambda name: (-largest[name], name))
    return [(name, [each.get(name, 0.0) for each in shares]) for name in names[:most]]
