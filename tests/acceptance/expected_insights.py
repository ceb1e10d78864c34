"""What the tables of insights must hold after a load of one dump into empty stores, by plain Python over its records.

The relationships are those of ``tests.acceptance.expected``; what else a computation needs is read from the XML here.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.acceptance import expected
from tests.acceptance.dump_records import Record, genres, read_records
from tests.acceptance.dump_xml import elements, is_implausible, text, year
from tests.scoring import score_plainly

TODAY = datetime.now(UTC).date()
MILESTONES = (25, 30, 40, 50, 75, 100)
PLACEHOLDERS = {"194", "355", "118760"}
MONTH = re.compile(r"[0-9]{4}-?(0[1-9]|1[0-2])([0-9]{2}|-.*)?", re.ASCII)
CHECKED = {
    "artists": ("image",),
    "labels": ("image",),
    "masters": ("year", "genre", "image"),
    "releases": ("year", "country", "genre", "image"),
}

Table = set[tuple[Any, ...]]


class Plain:
    """A dump in memory, and each insight of it as the rows of its table."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.newest = TODAY.year + 1
        self.records = {type_: dict(read_records(folder, type_, self.newest)) for type_ in CHECKED}
        self.edges = expected.read(folder).edges
        self.releases = self.records["releases"]

    def name(self, type_: str, id_: int) -> str:
        return str(self.records[type_][id_].properties.get("name") or "")

    def ends(self, record: Record, relationship: str) -> set[int]:
        """Return the ids of the records that one is connected with, of those that exist."""
        return {
            link.target_id
            for link in record.links
            if link.relationship == relationship and link.target_id in self.records[link.target_type]
        }

    def count_edges(self, label: str) -> Counter[str]:
        """Return how many relationships each node of a label has; one with itself counts once."""
        found: Counter[str] = Counter()
        for edge in self.edges:
            start, end = edge[1:3], edge[3:5]
            found.update(key for node_label, key in {start, end} if node_label == label)
        return found

    def artist_centrality(self) -> Table:
        named = [(edges, id_) for id_, edges in self.count_edges("Artist").items() if self.name("artists", int(id_))]
        # Places are given before those without a name are left out.
        ranked = sorted(named, key=lambda each: (-each[0], each[1]))[:100]
        return {(rank, id_, self.name("artists", int(id_)), edges) for rank, (edges, id_) in enumerate(ranked, start=1)}

    def collaborations(self) -> dict[str, Counter[str]]:
        """Return artist → other artist → the releases that they share."""
        found: dict[str, Counter[str]] = defaultdict(Counter)
        for record in self.releases.values():
            together = {str(id_) for id_ in self.ends(record, "BY")}
            for artist in together:
                found[artist].update(together - {artist})
        return {artist: others for artist, others in found.items() if others}

    def pageranks(self) -> dict[str, float]:
        """Return the rank that each artist has from its collaborators, after twelve rounds."""
        pairs = self.collaborations()
        scores = dict.fromkeys(pairs, 1.0)
        for _ in range(12):
            gained: defaultdict[str, float] = defaultdict(float)
            for giver in pairs.keys() - PLACEHOLDERS:
                others = {other: n for other, n in pairs[giver].items() if other not in PLACEHOLDERS}
                for other, shared in others.items():
                    gained[other] += scores[giver] * shared / sum(others.values())
            scores = {artist: 0.15 + 0.85 * gained[artist] for artist in pairs}
        return {artist: 0.0 if artist in PLACEHOLDERS else score for artist, score in scores.items()}

    def genre_trends(self) -> Table:
        found = Counter(
            (genre, released // 10 * 10)
            for record in self.releases.values()
            if (released := record.properties.get("year"))
            for genre in record.genres
        )
        return {(*pair, n) for pair, n in found.items()}

    def years_of_labels(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = defaultdict(list)
        for record in self.releases.values():
            if released := record.properties.get("year"):
                for label in self.ends(record, "ON"):
                    found[label].append(released)
        return found

    def label_longevity(self) -> Table:
        found = []
        for label, years in self.years_of_labels().items():
            first, last = min(years), max(years)
            decades = Counter(released // 10 * 10 for released in years)
            peak = min(decades, key=lambda decade: (-decades[decade], decade))
            name = self.name("labels", label) or f"Label {label}"
            found.append((str(label), name, first, last, last - first + 1, len(years), peak, last >= TODAY.year - 2))
        found.sort(key=lambda row: (-row[4], row[0]))
        return {(rank, *row) for rank, row in enumerate(found[:50], start=1)}

    def settled_years(self) -> dict[str, int]:
        """Return label → its first year without isolated early ones: a hundredth of its releases, or one, and a gap."""
        found = {}
        for label, years in self.years_of_labels().items():
            ordered = sorted(years)
            isolated = [
                position
                for position in range(1, len(ordered))
                if ordered[position] - ordered[position - 1] > 15 and position <= max(1, len(ordered) / 100)
            ]
            found[str(label)] = ordered[max(isolated, default=0)]
        return found

    def anniversaries(self) -> Table:
        released = {id_: text(element, "released") for id_, element in elements(self.folder, "releases")}
        editions: dict[int, list[tuple[int | None, str]]] = defaultdict(list)
        for id_, record in self.releases.items():
            date = released[id_] or ""
            for master in self.ends(record, "DERIVED_FROM"):
                editions[master].append(
                    (record.properties.get("year"), "" if is_implausible(date, self.newest) else date)
                )
        found = set()
        for id_, record in self.records["masters"].items():
            came_out = record.properties.get("year")
            if not came_out or TODAY.year - came_out not in MILESTONES:
                continue
            dated = editions[id_]
            first = min((year for year, _ in dated if year), default=None)
            months = [int(match[1]) for year, date in dated if year == first and (match := MONTH.fullmatch(date))]
            month = min(months, default=None) if first else None
            names = filter(None, (self.name("artists", artist) for artist in self.ends(record, "BY")))
            title = record.properties.get("title", "")
            row = (str(id_), title, min(names, default=None), came_out, TODAY.year - came_out, month, len(dated))
            found.add(row)
        return found

    def data_completeness(self) -> Table:
        found = set()
        for type_, fields in CHECKED.items():
            # Of two records with one id the later one counts.
            held = {id_: self.held(type_, element) for id_, element in elements(self.folder, type_)}
            counts = Counter(field for each in held.values() for field in each)
            share = sum(counts[field] for field in fields) / len(fields) / len(held) if held else 0
            every = tuple(counts[field] if field in fields else 0 for field in ("image", "year", "country", "genre"))
            found.add((type_, len(held), *every, round(share * 100, 2)))
        return found

    def held(self, type_: str, element: Any) -> set[str]:
        date = {"masters": "year", "releases": "released"}.get(type_, "")
        has = {
            "image": element.find("images/image") is not None,
            "year": bool(date and year(text(element, date), self.newest)),
            "country": text(element, "country") is not None,
            "genre": bool(genres(element)),
        }
        return {field for field, is_there in has.items() if is_there}

    def release_rarity(self) -> dict[int, tuple[Any, ...]]:
        """Return release id → (score, tier, gem score, signals); nobody is asked how many people have one."""
        degrees, of_artists = self.count_edges("Release"), self.count_edges("Artist")
        of_labels = Counter(label for record in self.releases.values() for label in self.ends(record, "ON"))
        of_genres = Counter(genre for record in self.releases.values() for genre in record.genres)
        of_masters: dict[int, list[int]] = defaultdict(list)
        for id_, record in self.releases.items():
            for master in self.ends(record, "DERIVED_FROM"):
                of_masters[master].append(id_)

        def others(id_: int, masters: Iterable[int]) -> list[list[int]]:
            near = {other for master in masters for other in of_masters[master]} - {id_}
            return [[other, self.releases[other].properties.get("year", 0)] for other in near]

        rows = [
            {
                "id": id_,
                "year": record.properties.get("year"),
                "formats": record.properties.get("formats"),
                "degree": degrees[str(id_)],
                "artists": [of_artists[str(artist)] for artist in self.ends(record, "BY")],
                "labels": [of_labels[label] for label in self.ends(record, "ON")],
                "genres": [of_genres[genre] for genre in record.genres],
                "others": others(id_, self.ends(record, "DERIVED_FROM")),
                "has_master": bool(self.ends(record, "DERIVED_FROM")),
            }
            for id_, record in self.releases.items()
        ]
        scores: dict[int, tuple[Any, ...]] = score_plainly(rows, {})
        return scores
