#!/usr/bin/env python3
"""Write a synthetic MusicBrainz JSON dump: same archives, members, keys and oddities as the real one.

    gen_musicbrainz_dump.py --out DIR --artists 200000 --relations 600000 --releases 100000

writes DIR/<version>/{artist,label,release-group,release}.tar.xz, SHA256SUMS, and manifest.json: for each archive its
lines, bytes and sums, relations by target type, shapes of Discogs links, how many lines are new, changed and unchanged
since the edition before, and which ids vanished. So a load, and an update, can be checked for completeness.

Every line is a pure function of (seed, entity, number, state of what it says), so the output depends neither on --jobs
nor on the moment. --edition K writes the K-th following dump: of the entities --churn changed, --deleted gone and
--growth new, per edition; of the relations between artists --relation-churn, of the Discogs links --link-churn are
changed, gone or new. Every other line is byte for byte as it was.

A relation between artists is printed by both, forward by its source and backward by its target. A quarter of those
that change or go in an edition do so at one end only, which a real dump has only where an edit fell between two of its
queries: there an update must not believe the first end that it reads. One relation in 32 joins the pair of another one
by the same type, as members who left and came back do.

Discogs links name the ids that gen_discogs_dump.py gives, below --discogs-artists and so on (the values of its
--artists, --labels, --masters, --releases); about --linked of the entities have one. Most are as MusicBrainz writes
them; the others have another scheme or host, a slash, slug, language or query, a kind that does not fit, no digits, id
0, an id beyond the range, or are ended; some entities have two, some claim the id of another. Those whose page would be
beyond the range have none, so with fewer pages than entities the share is lower.

No data of MusicBrainz is in here but names of relation types and attributes; all names are made of syllables.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import lzma
import math
import os
import random
import struct
import sys
import tarfile
import time
from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from multiprocessing import Pool
from pathlib import Path
from typing import IO, Any, NamedTuple

from gen_discogs_dump import CAPS, EXOTIC, KIND, WORDS, Gen

Json = dict[str, Any]

ENTITIES = {"artist": "artists", "label": "labels", "release-group": "release_groups", "release": "releases"}
# What a number's hash is of. Different from KIND of the other generator: a MusicBrainz artist is not a Discogs artist.
SALT = {"artist": 11, "label": 12, "release-group": 13, "release": 14, "relation": 15, "recording": 16, "work": 17}
SALT |= {"url": 18, "area": 19, "type": 20, "track": 21, "instrument": 22}
# Purposes of a number's hash.
LIFE, LINK, NAME, CONTENT, ENDS, PARTNER = 1, 2, 3, 4, 5, 6
DISCOGS = {
    "artist": ("artist", KIND["artists"], "discogs_artists"),
    "label": ("label", KIND["labels"], "discogs_labels"),
    "release-group": ("master", KIND["masters"], "discogs_masters"),
    "release": ("release", KIND["releases"], "discogs_releases"),
}
OTHER_KIND = {"artist": "label", "label": "artist", "release-group": "release", "release": "master"}

# Relation types between artists, and how many of a hundred are of each. The last six are no relationships of the graph.
ARTIST_TYPES = (
    ("member of band", 52),
    ("collaboration", 8),
    ("supporting musician", 5),
    ("instrumental supporting musician", 4),
    ("vocal supporting musician", 3),
    ("teacher", 4),
    ("tribute", 4),
    ("founder", 3),
    ("subgroup", 3),
    ("artist rename", 2),
    ("parent", 4),
    ("involved with", 3),
    ("sibling", 2),
    ("married", 1),
    ("is person", 1),
    ("voice actor", 1),
)
TYPE_OF_HUNDRED = tuple(name for name, share in ARTIST_TYPES for _ in range(share))
INSTRUMENTS = (
    "guitar",
    "electric guitar",
    "bass guitar",
    "drums (drum set)",
    "lead vocals",
    "background vocals",
    "keyboard",
    "piano",
    "saxophone",
    "violin",
    "percussion",
    "eponymous",
    "original",
    "minor",
    "DJ",
    "taishōgoto",
)
MEMBER_LIKE = {"member of band", "instrumental supporting musician", "vocal supporting musician", "subgroup"}
RECORDING_TYPES = ("vocal", "instrument", "producer", "mix", "engineer", "performer", "arranger")
WORK_TYPES = ("composer", "lyricist", "writer")
RELEASE_TYPES = ("producer", "mix", "photography", "graphic design", "mastering", "liner notes")
LABEL_TYPES = ("label ownership", "label distribution", "label reissue", "imprint", "label rename")
RELEASE_GROUP_TYPES = ("cover", "live performance", "single from", "included in")
# Relation types to URLs, with an address each.
URLS = (
    ("wikidata", "https://www.wikidata.org/wiki/Q{n}"),
    ("allmusic", "https://www.allmusic.com/artist/mn{n:010}"),
    ("last.fm", "https://www.last.fm/music/{word}+{n}"),
    ("IMDb", "https://www.imdb.com/name/nm{n:07}/"),
    ("VIAF", "http://viaf.org/viaf/{n}"),
    ("official homepage", "https://{word}{n}.example/?a=1&b=2"),
    ("social network", "https://social.example/@{word}{n}"),
    ("streaming", "https://stream.example/artist/{n}"),
    ("other databases", "https://rateyourmusic.com/artist/{word}-{n}"),
    ("other databases", "https://www.discogs.com/user/{word}{n}"),
    ("songkick", "https://www.songkick.com/artists/{n}"),
    ("youtube", "https://www.youtube.com/channel/{word}{n}"),
    ("BBC Music page", "https://www.bbc.co.uk/music/artists/{n}"),
    ("lyrics", "https://lyrics.example/テスト/{n}"),
)
# Shapes of Discogs links and how many of 256 are of each; {0} is the kind, {1} another kind, {2} the id.
LINK_SHAPES = (
    ("plain", 206, "https://www.discogs.com/{0}/{2}"),
    ("http", 6, "http://www.discogs.com/{0}/{2}"),
    ("no-www", 4, "https://discogs.com/{0}/{2}"),
    ("slash", 4, "https://www.discogs.com/{0}/{2}/"),
    ("slug", 8, "https://www.discogs.com/{0}/{2}-Some-Slug-%C3%A9"),
    ("language", 3, "https://www.discogs.com/de/{0}/{2}"),
    ("region", 1, "https://www.discogs.com/pt_BR/{0}/{2}-Nome"),
    ("query", 3, "https://www.discogs.com/{0}/{2}?noanv=1"),
    ("fragment", 1, "https://www.discogs.com/{0}/{2}#notes"),
    ("upper-case", 1, "HTTPS://WWW.Discogs.com/{0}/{2}"),
    ("ended", 5, "https://www.discogs.com/{0}/{2}"),
    ("dead", 4, "https://www.discogs.com/{0}/{3}"),
    ("other-kind", 4, "https://www.discogs.com/{1}/{2}"),
    ("no-digits", 2, "https://www.discogs.com/{0}/Some+Name"),
    ("letters", 1, "https://www.discogs.com/{0}/a{2}"),
    ("zero", 1, "https://www.discogs.com/{0}/0"),
    ("api", 1, "https://api.discogs.com/{0}s/{2}"),
    ("old-path", 1, "https://www.discogs.com/Some-Name/{0}/{2}"),
)
SHAPE_OF_256 = tuple(shape for shape in LINK_SHAPES for _ in range(shape[1]))
AREAS = (
    "Germany",
    "Bremen",
    "United Kingdom",
    "Leeds",
    "日本",
    "Côte d’Ivoire",
    "United States",
    "Oslo",
    "[Worldwide]",
)
ARTIST_KINDS = ("Person", "Person", "Person", "Group", "Group", "Orchestra", "Choir", "Character", "Other", None)
LABEL_KINDS = ("Original Production", "Imprint", "Holding", "Distributor", "Publisher", "Production", None, None)
GROUP_KINDS = ("Album", "Album", "Single", "EP", "Broadcast", "Other", None)
SECONDARY_KINDS = ("Compilation", "Live", "Soundtrack", "Remix", "Demo", "DJ-mix")
STATUSES = ("Official", "Official", "Official", "Official", "Promotion", "Bootleg", "Pseudo-Release", None)
TAGS = ("rock", "electronic", "seen live", "ambient", "punk", "60s", "женский вокал")
BROKEN = ("cut", "no object", "no id", "bad id", "null name", "wrong types")

PACK = tuple(struct.Struct(f"<{count + 1}q").pack for count in range(6))
FIRST_VERSION = datetime(2026, 1, 7, 0, 10, 1, tzinfo=UTC)  # a Wednesday
SCHEMA_SEQUENCE, JSON_SCHEMA = 30, 1
LINES_OF_A_JOB = 500


class Link(NamedTuple):
    """A Discogs link: its shape, its id, and whether the relation that has it is ended."""

    shape: str
    url: str
    is_ended: bool


class Partner(NamedTuple):
    """A relation as one end prints it, without what follows from ``seed`` and the rest."""

    target: str  # entity of the other end
    number: int  # of the other end
    type: str
    direction: str
    relation: int  # tells relations of one type between two ends apart
    revision: int


class State(NamedTuple):
    """All that a line is a function of; two lines of one state are equal."""

    revision: int
    links: tuple[Link, ...]
    partners: tuple[Partner, ...]


def unit(value: int) -> float:
    """Return a hash as a number from 0 to 1."""
    return (value & 0xFFFFFF) / 0x1000000


def version_of(edition: int) -> str:
    """Return the name of an edition: Wednesdays and Saturdays, as MusicBrainz dumps."""
    moment = FIRST_VERSION + timedelta(weeks=edition // 2, days=edition % 2 * 3)
    return moment.strftime("%Y%m%d-%H%M%S")


class World:
    """What is true in one edition, and in the one before."""

    def __init__(self, args: argparse.Namespace) -> None:
        self.args, self.seed = args, args.seed
        # Source and target of each relation; the ends of artist n, by relation * 2 (+ 1 for the target), are in
        # ends[starts[n] : starts[n + 1]]. Flat, so that millions of relations are some megabytes.
        self.pairs, self.ends, self.starts = array("I"), array("I"), array("I")
        editions, churn = range(args.edition + 1), args.relation_churn
        # How many numbers there are up to each edition, those that are gone included.
        self.counts = {
            entity: [int(getattr(args, option) * (1 + args.growth) ** each) for each in editions]
            for entity, option in ENTITIES.items()
        }
        self.counts["relation"] = [int(args.relations * (1 + churn * 0.4) ** each) for each in editions]
        self.affine = {entity: self.permutation(entity) for entity in ENTITIES}

    def hash(self, *parts: int) -> int:
        """Return 64 bits that depend on the seed and on some integers."""
        packed = PACK[len(parts)](self.seed, *parts)
        return int.from_bytes(hashlib.blake2b(packed, digest_size=8).digest())

    # --- what there is ----------------------------------------------------------------------------------------
    def born(self, entity: str, number: int) -> int:
        """Return the edition that first has a number."""
        return bisect_right(self.counts[entity], number)

    def revision(self, entity: str, number: int, edition: int) -> int | None:
        """Return how often an entity had changed by an edition; None: it is gone or not there yet."""
        if number >= self.counts[entity][edition]:
            return None
        revision = 0
        for each in range(self.born(entity, number) + 1, edition + 1):
            fate = self.hash(SALT[entity], number, LIFE, each)
            if unit(fate) < self.args.deleted:
                return None
            revision += unit(fate >> 24) < self.args.churn
        return revision

    def is_there(self, entity: str, number: int, edition: int) -> bool:
        return self.revision(entity, number, edition) is not None

    # --- relations between artists ----------------------------------------------------------------------------
    def new_relation(self, relation: int) -> tuple[int, int]:
        """Return source and target of a relation; they never change."""
        own = self.hash(SALT["relation"], self.twin(relation), ENDS)
        count = self.counts["artist"][self.born("relation", self.twin(relation))]
        return own % count, int(count * unit(own >> 40) ** 2)

    def twin(self, relation: int) -> int:
        """Return the relation that this one has its ends and its type from, mostly itself."""
        return relation - (relation % 32 == 31)

    def relation_type(self, relation: int) -> str:
        return TYPE_OF_HUNDRED[self.hash(SALT["relation"], self.twin(relation), NAME) % len(TYPE_OF_HUNDRED)]

    def relation_state(self, relation: int, edition: int) -> tuple[int | None, int | None]:
        """Return which revision of a relation its source and its target print; None: none."""
        if relation >= self.counts["relation"][edition]:
            return None, None
        ends: list[int | None] = [0, 0]
        for each in range(self.born("relation", relation) + 1, edition + 1):
            fate = self.hash(SALT["relation"], relation, LIFE, each)
            event = unit(fate) / self.args.relation_churn if self.args.relation_churn else 1
            if event >= 0.6:
                continue
            followers = ((0, 1),) * 6 + ((0,), (1,))
            for end in followers[fate >> 24 & 7]:
                if (known := ends[end]) is not None:
                    ends[end] = known + 1 if event < 0.4 else None
        return ends[0], ends[1]

    def index_relations(self) -> None:
        """Make the relations between artists, and remember which of them each artist is an end of."""
        artists, relations = self.counts["artist"][-1], self.counts["relation"][-1]
        if not artists:
            return
        for relation in range(relations):
            self.pairs.extend(self.new_relation(relation))
        self.starts = array("I", bytes(4 * (artists + 2)))
        for artist in self.pairs:
            self.starts[artist + 2] += 1
        for number in range(2, artists + 2):
            self.starts[number] += self.starts[number - 1]
        self.ends = array("I", bytes(4 * len(self.pairs)))
        for end, artist in enumerate(self.pairs):
            self.ends[self.starts[artist + 1]] = end
            self.starts[artist + 1] += 1

    def artist_relations(self, number: int, edition: int) -> Iterator[Partner]:
        for end in self.ends[self.starts[number] : self.starts[number + 1]]:
            relation, is_target = divmod(end, 2)
            revision, other = self.relation_state(relation, edition)[is_target], self.pairs[end ^ 1]
            if revision is not None and self.is_there("artist", other, edition):
                direction = "backward" if is_target else "forward"
                yield Partner("artist", other, self.relation_type(relation), direction, relation, revision)

    # --- relations between other entities: arithmetic, so that each end finds the other without an index ------
    def partners(self, entity: str, number: int, edition: int) -> Iterator[Partner]:
        if entity == "artist":
            yield from self.artist_relations(number, edition)
            yield from self.iterate_children(number, "label", edition)
            yield from self.iterate_children(number, "release-group", edition)
            yield from self.iterate_children(number, "release", edition)
        elif entity == "label":
            yield from self.tree(entity, number, 7, LABEL_TYPES, edition)
            yield from self.parent(entity, number, edition)
        elif entity == "release-group":
            yield from self.tree(entity, number, 3, RELEASE_GROUP_TYPES, edition)
            yield from self.parent(entity, number, edition)
        else:
            yield from self.parent(entity, number, edition)

    def artist_of(self, entity: str, number: int) -> tuple[int, str] | None:
        """Return the artist that a label, release group or release has a relation with, and the type; often none."""
        own = self.hash(SALT[entity], number, PARTNER)
        shares = {"label": 0.1, "release-group": 0.02, "release": 0.3}
        types = {"label": ("recording contract",), "release-group": ("tribute",), "release": RELEASE_TYPES}
        if unit(own) >= shares[entity] or not self.args.artists:
            return None
        return number % self.args.artists, types[entity][(own >> 24) % len(types[entity])]

    def parent(self, entity: str, number: int, edition: int) -> Iterator[Partner]:
        found = self.artist_of(entity, number)
        if found and self.is_there("artist", found[0], edition):
            yield Partner("artist", *found, "backward", number, 0)

    def iterate_children(self, number: int, child: str, edition: int) -> Iterator[Partner]:
        if number < self.args.artists:
            for each in range(number, self.counts[child][edition], self.args.artists):
                found = self.artist_of(child, each)
                if found and self.is_there(child, each, edition):
                    yield Partner(child, each, found[1], "forward", each, 0)

    def tree(self, entity: str, number: int, width: int, types: tuple[str, ...], edition: int) -> Iterator[Partner]:
        """Yield the relations to the parent and to the children in a tree of that width."""
        edges = [(number, (number - 1) // width, "backward")] if number else []
        edges += [(each, each, "forward") for each in range(number * width + 1, number * width + width + 1)]
        for below, other, direction in edges:
            own = self.hash(SALT[entity], below, PARTNER, width)
            if unit(own) < 0.3 and self.is_there(entity, other, edition):
                yield Partner(entity, other, types[(own >> 24) % len(types)], direction, below, 0)

    # --- Discogs links ----------------------------------------------------------------------------------------
    def permutation(self, entity: str) -> tuple[int, int]:
        """Return factor and modulus of a map that gives each number another one below the larger of the two counts."""
        count = max(self.counts[entity][0], getattr(self.args, DISCOGS[entity][2]), 1)
        factor = int(count * 0.618) | 1
        while math.gcd(factor, count) != 1:
            factor += 2
        return factor, count

    def links(self, entity: str, number: int, edition: int) -> tuple[Link, ...]:
        own = self.hash(SALT[entity], number, LINK)
        is_linked, moves = unit(own) < self.args.linked, 0
        churn = self.args.link_churn
        for each in range(self.born(entity, number) + 1, edition + 1):
            event = unit(self.hash(SALT[entity], number, LINK, each))
            if event < churn / 2:
                moves += 1
            elif event < churn:
                is_linked = event < churn * 3 / 4
        if not is_linked:
            return ()
        numbers = [number]
        if own >> 24 & 31 == 0:
            # Another page before or behind it, which may well be that of another entity.
            numbers.insert(own >> 29 & 1, number + 1)
        if own >> 32 & 127 == 0:
            numbers = [number + 3]
        found = [self.link(entity, each, moves) for each in numbers]
        return tuple(link for link in found if link)

    def link(self, entity: str, number: int, moves: int) -> Link | None:
        """Return the link of a number after some moves; None: its page would be beyond those of Discogs."""
        kind, discogs_kind, option = DISCOGS[entity]
        factor, modulus = self.affine[entity]
        highest = getattr(self.args, option)
        target = (number + moves * 7919) * factor % modulus
        shape, _, url = SHAPE_OF_256[self.hash(SALT[entity], number, LINK, 0, moves) % len(SHAPE_OF_256)]
        if target >= highest:
            return None
        id_, beyond = Gen.ident(discogs_kind, target), Gen.ident(discogs_kind, highest) + 10**10 + target
        return Link(shape, url.format(kind, OTHER_KIND[entity], id_, beyond), shape == "ended")

    def state(self, entity: str, number: int, edition: int) -> State | None:
        """Return what an edition says of an entity; None: it has none."""
        revision = self.revision(entity, number, edition)
        if revision is None:
            return None
        links = self.links(entity, number, edition)
        return State(revision, links, tuple(self.partners(entity, number, edition)))

    def mbid(self, entity: str, number: int) -> str:
        return uuid(self.hash(SALT[entity], number, 0))

    def name(self, entity: str, number: int) -> str:
        own = self.hash(SALT[entity], number, NAME)
        words = CAPS[own & 4095], CAPS[own >> 12 & 4095]
        if own >> 24 & 15 == 0:
            return f"{EXOTIC[(own >> 32) % len(EXOTIC)]} {words[0]}"
        return " ".join(words) if own >> 28 & 3 else words[0]


def uuid(own: int) -> str:
    """Return 64 bits as a random UUID in lower case; its second half follows from the first."""
    digits = f"{own:016x}{own * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF:016x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-8{digits[17:20]}-{digits[20:]}"


class Writer:
    """Writes lines of a world; counts what they hold."""

    def __init__(self, world: World) -> None:
        self.world, self.args = world, world.args
        self.counts: Counter[str] = Counter()

    def line(self, entity: str, number: int, state: State) -> bytes:
        """Return an entity as its line in the dump, without the line break."""
        chance = random.Random(self.world.hash(SALT[entity], number, CONTENT, state.revision))
        write = {"artist": self.artist, "label": self.label, "release-group": self.release_group}
        record = write.get(entity, self.release)(chance, number)
        record["relations"] = self.relations(chance, entity, number, state)
        if self.args.broken and unit(self.world.hash(SALT[entity], number, CONTENT, -1)) < self.args.broken:
            return self.break_record(chance, entity, number, record)
        return encode(record)

    def break_record(self, chance: random.Random, entity: str, number: int, record: Json) -> bytes:
        fault = chance.choice(BROKEN)
        self.counts[f"broken: {fault}"] += 1
        name = "name" if "name" in record else "title"
        match fault:
            case "cut":
                return encode(record)[: 40 + number % 60]
            case "no object":
                return encode([record])
            case "no id":
                record.pop("id")
            case "bad id":
                record["id"] = f"{entity}-{number}"
            case "null name":
                record[name] = None
            case _:
                record |= {"life-span": "1981", "disambiguation": 5, "tags": {}, "label-code": "LC 17", "status": []}
        return encode(record)

    # --- the four entities ------------------------------------------------------------------------------------
    def common(self, chance: random.Random, entity: str, number: int) -> Json:
        return {
            "id": self.world.mbid(entity, number),
            "disambiguation": chance.choice(WORDS) if chance.random() < 0.2 else "",
            "aliases": [self.alias(chance) for _ in range(choose_count(chance, 0.25))],
            "annotation": None,
            "tags": [{"name": tag, "count": chance.randint(1, 9)} for tag in sample(chance, TAGS, 0.3)],
            "genres": [],
        }

    def artist(self, chance: random.Random, number: int) -> Json:
        name = self.world.name("artist", number)
        begin_area, end_area = self.area(chance, 0.3), self.area(chance, 0.1)
        return {
            "name": name,
            "sort-name": sort_name(name),
            **describe_type("type", chance.choice(ARTIST_KINDS)),
            **describe_type("gender", chance.choice(("Male", "Female", "Non-binary", None, None))),
            "life-span": life_span(chance),
            "area": self.area(chance, 0.6),
            # Both spellings are printed; a few lines have the older one alone.
            **({"begin-area": begin_area, "end-area": end_area} if chance.random() < 0.99 else {}),
            "begin_area": begin_area,
            "end_area": end_area,
            "country": chance.choice(("DE", "GB", "JP", None)),
            "isnis": ["0000000108710187"] if chance.random() < 0.1 else [],
            "ipis": [],
            "rating": {"value": None, "votes-count": 0},
            **self.common(chance, "artist", number),
        }

    def label(self, chance: random.Random, number: int) -> Json:
        name = self.world.name("label", number)
        return {
            "name": name,
            "sort-name": sort_name(name),
            **describe_type("type", chance.choice(LABEL_KINDS)),
            "label-code": chance.randint(1, 99_999) if chance.random() < 0.2 else None,
            "life-span": life_span(chance),
            "area": self.area(chance, 0.6),
            "country": chance.choice(("DE", "GB", "JP", None)),
            "isnis": [],
            "ipis": [],
            "rating": {"value": None, "votes-count": 0},
            **self.common(chance, "label", number),
        }

    def release_group(self, chance: random.Random, number: int) -> Json:
        kinds = sample(chance, SECONDARY_KINDS, 0.2)
        return {
            "title": self.world.name("release-group", number),
            **describe_type("primary-type", chance.choice(GROUP_KINDS)),
            "secondary-types": kinds,
            "secondary-type-ids": [type_id(kind) for kind in kinds],
            "first-release-date": date(chance) or "",
            "artist-credit": self.credit(chance),
            "rating": {"value": None, "votes-count": 0},
            **self.common(chance, "release-group", number),
        }

    def release(self, chance: random.Random, number: int) -> Json:
        released, country = date(chance), chance.choice(("DE", "GB", "JP", "XW", None))
        group = number * self.args.release_groups // self.args.releases
        label = int(self.args.labels * chance.random() ** 2)
        return {
            "title": self.world.name("release", number),
            "barcode": chance.choice((f"{chance.getrandbits(42):013}", None, None, "")),
            **describe_type("status", chance.choice(STATUSES)),
            **describe_type("packaging", chance.choice(("None", "Jewel Case", None))),
            "quality": "normal",
            "date": released or "",
            "country": country,
            "release-events": [{"date": released or "", "area": self.area(chance, 1.0)}] if country else [],
            "text-representation": {"language": "eng", "script": "Latn"},
            "cover-art-archive": {"artwork": False, "count": 0, "front": False, "back": False, "darkened": False},
            "asin": None,
            "artist-credit": self.credit(chance),
            "release-group": {
                "id": self.world.mbid("release-group", group),
                "title": self.world.name("release-group", group),
                **describe_type("primary-type", "Album"),
                "secondary-types": [],
                "secondary-type-ids": [],
                "first-release-date": released or "",
                "disambiguation": "",
                "aliases": [],
                "genres": [],
                "artist-credit": self.credit(chance),
            },
            "label-info": [
                {"catalog-number": f"{WORDS[label & 4095][:3].upper()} {number}", "label": self.other("label", label)}
            ],
            "media": [self.medium(chance, number)],
            **self.common(chance, "release", number),
        }

    def medium(self, chance: random.Random, number: int) -> Json:
        count = min(1 + int(chance.expovariate(1 / max(self.args.tracks, 0.1))), 60)
        return {
            "position": 1,
            "title": "",
            **describe_type("format", "CD"),
            "track-count": count,
            "track-offset": 0,
            "discs": [],
            "tracks": [self.track(chance, number, position) for position in range(1, count + 1)],
        }

    def track(self, chance: random.Random, number: int, position: int) -> Json:
        title, length = f"{chance.choice(CAPS)} {chance.choice(WORDS)}", chance.randint(60_000, 600_000)
        credit, recording = self.credit(chance), number * 64 + position
        relations = []
        if chance.random() < 0.2:
            # A relation of the recording: what reads it as one of the release's is wrong.
            artist = credit[0]["artist"]
            relations.append(relation("artist", artist, "engineer", "backward", None, None, ended=False))
        return {
            "id": self.world.mbid("track", recording),
            "position": position,
            "number": str(position),
            "title": title,
            "length": length,
            "artist-credit": credit,
            "recording": {
                "id": self.world.mbid("recording", recording),
                "title": title,
                "length": length,
                "disambiguation": "",
                "video": False,
                "aliases": [],
                "isrcs": [],
                "first-release-date": "",
                "artist-credit": credit,
                "relations": relations,
            },
        }

    # --- parts ------------------------------------------------------------------------------------------------
    def alias(self, chance: random.Random) -> Json:
        name = chance.choice(EXOTIC) if chance.random() < 0.3 else f"{chance.choice(CAPS)} {chance.choice(CAPS)}"
        return {
            "name": name,
            "sort-name": sort_name(name),
            **describe_type("type", chance.choice(("Artist name", "Legal name", "Search hint", None))),
            "locale": chance.choice(("en", "ja", None)),
            "primary": chance.choice((True, False, None)),
            "begin": None,
            "end": None,
            "ended": False,
        }

    def area(self, chance: random.Random, share: float) -> Json | None:
        if chance.random() >= share:
            return None
        place = chance.randrange(len(AREAS))
        return {
            "id": self.world.mbid("area", place),
            "name": AREAS[place],
            "sort-name": AREAS[place],
            "disambiguation": "",
            **describe_type("type", None),
        }

    def credit(self, chance: random.Random) -> list[Json]:
        number = int(self.args.artists * chance.random() ** 2)
        artist = self.other("artist", number)
        return [{"name": artist["name"], "joinphrase": "", "artist": artist}]

    def other(self, entity: str, number: int) -> Json:
        """Return an entity as a relation or a credit names it."""
        name, about = self.world.name(entity, number), {"id": self.world.mbid(entity, number), "disambiguation": ""}
        if entity in ("artist", "label"):
            return about | {"name": name, "sort-name": sort_name(name)}
        return about | {"title": name}

    # --- relations --------------------------------------------------------------------------------------------
    def relations(self, chance: random.Random, entity: str, number: int, state: State) -> list[Json]:
        found = [self.to_entity(entity, each) for each in state.partners]
        found += self.to_urls(chance)
        found[len(found) // 2 : len(found) // 2] = [self.to_discogs(link) for link in state.links]
        if entity == "artist":
            found += self.to_recordings(chance, number)
        self.counts.update(f"relations: {each['target-type']}" for each in found)
        self.counts["discogs linked"] += bool(state.links)
        return found

    def to_entity(self, entity: str, partner: Partner) -> Json:
        # The same from both ends.
        kinds = SALT[entity] * SALT[partner.target]
        chance = random.Random(self.world.hash(kinds, partner.relation, CONTENT, partner.revision))
        begin, end, ended = period(chance)
        attributes = sample(chance, INSTRUMENTS, 0.6) if partner.type in MEMBER_LIKE else []
        credits_ = {attributes[0]: EXOTIC[0]} if attributes and chance.random() < 0.1 else {}
        if partner.direction == "backward":
            attributes.reverse()
        return relation(
            partner.target.replace("-", "_"),
            self.other(partner.target, partner.number),
            partner.type,
            partner.direction,
            begin,
            end,
            ended=ended,
            attributes=attributes,
            credits=credits_,
            target_credit=EXOTIC[1] if chance.random() < 0.05 else "",
        )

    def to_urls(self, chance: random.Random) -> list[Json]:
        found = []
        for _ in range(choose_count(chance, 0.5)):
            type_, address = chance.choice(URLS)
            number = chance.randint(1, 9_999_999)
            resource = address.format(n=number, word=chance.choice(WORDS))
            url = {"resource": resource, "id": self.world.mbid("url", number)}
            found.append(relation("url", url, type_, "forward", None, None, ended=chance.random() < 0.03))
        return found

    def to_discogs(self, link: Link) -> Json:
        self.counts[f"discogs link: {link.shape}"] += 1
        digest = int.from_bytes(hashlib.sha256(link.url.encode()).digest()[:8])
        url = {"resource": link.url, "id": uuid(digest)}
        return relation("url", url, "discogs", "forward", None, None, ended=link.is_ended)

    def to_recordings(self, chance: random.Random, number: int) -> list[Json]:
        """Return relations whose other ends are in no dump that is loaded."""
        found = []
        for each in range(choose_count(chance, 0.5)):
            kind, types = chance.choice((("recording", RECORDING_TYPES), ("work", WORK_TYPES)))
            found.append(self.to_recording(kind, chance.choice(types), number * 64 + each))
        size = 0
        while number == 0 and size < self.args.giant_megabytes << 20:
            found.append(self.to_recording("recording", RECORDING_TYPES[0], len(found) << 40))
            size += len(encode(found[-1])) + 1
        return found

    def to_recording(self, kind: str, type_: str, number: int) -> Json:
        target = {"id": self.world.mbid(kind, number), "title": WORDS[number & 4095], "disambiguation": ""}
        return relation(kind, target, type_, "forward", None, None, ended=False)


def relation(
    target_type: str,
    target: Json,
    type_: str,
    direction: str,
    begin: str | None,
    end: str | None,
    *,
    ended: bool,
    attributes: list[str] | None = None,
    credits: dict[str, str] | None = None,  # noqa: A002 - MusicBrainz' word
    target_credit: str = "",
) -> Json:
    attributes = attributes or []
    return {
        "type": type_,
        "type-id": type_id(f"{type_} {target_type}"),
        "target-type": target_type,
        "direction": direction,
        "begin": begin,
        "end": end,
        "ended": ended,
        "attributes": attributes,
        "attribute-ids": {name: type_id(name) for name in attributes},
        "attribute-values": {},
        **({"attribute-credits": credits} if credits else {}),
        "source-credit": "",
        "target-credit": target_credit,
        target_type: target,
    }


ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
TYPE_IDS: dict[str, str] = {}


def type_id(name: str) -> str:
    """Return a made-up id of a type or an attribute, always the same."""
    if name not in TYPE_IDS:
        digest = hashlib.sha256(name.encode()).digest()
        TYPE_IDS[name] = uuid(int.from_bytes(digest[:8]))
    return TYPE_IDS[name]


def describe_type(key: str, name: str | None) -> Json:
    return {key: name, f"{key}-id": type_id(name) if name else None}


def encode(value: Any) -> bytes:
    return ENCODER.encode(value).encode()


def sort_name(name: str) -> str:
    first, *rest = name.rsplit(" ", 1)
    return ", ".join((*rest, first))


def choose_count(chance: random.Random, share: float) -> int:
    """Return 0, or a few, seldom many."""
    return 1 + int(chance.expovariate(0.8)) if chance.random() < share else 0


def sample(chance: random.Random, values: tuple[str, ...], share: float) -> list[str]:
    return chance.sample(values, min(choose_count(chance, share), len(values)))


def date(chance: random.Random) -> str | None:
    """Return a date as precise as it happens to be known; None: it is not."""
    precision, year = chance.random(), 1950 + int(75 * chance.random() ** 0.6)
    if precision < 0.2:
        return None
    month, day = 1 + int(12 * chance.random()), 1 + int(28 * chance.random())
    return f"{year}" if precision < 0.6 else f"{year}-{month:02}" if precision < 0.75 else f"{year}-{month:02}-{day:02}"


def period(chance: random.Random) -> tuple[str | None, str | None, bool]:
    begin, end = date(chance), date(chance)
    if begin and end and end < begin:
        begin, end = end, begin
    kind = chance.random()
    if kind < 0.5:
        return (begin if kind < 0.3 else None), None, False
    return begin, (end if kind < 0.9 else None), True


def life_span(chance: random.Random) -> Json:
    begin, end, ended = period(chance)
    return {"begin": begin, "end": end, "ended": ended}


# --- files ----------------------------------------------------------------------------------------------------
WRITER: Writer


def begin_process(world: World) -> None:
    global WRITER  # noqa: PLW0603 - a worker process has one
    WRITER = Writer(world)


def write_lines(job: tuple[str, int, int]) -> tuple[bytes, Counter[str], list[str]]:
    """Return some lines, what they hold, and the ids that the edition before had and this one has not."""
    entity, low, high = job
    world, edition = WRITER.world, WRITER.args.edition
    WRITER.counts = counts = Counter()
    lines, vanished = [], []
    for number in range(low, high):
        state = world.state(entity, number, edition)
        before = world.state(entity, number, edition - 1) if edition else None
        if state:
            lines.append(line := WRITER.line(entity, number, state))
            # What changed may look as it did.
            is_same = before == state or (before is not None and line == Writer(world).line(entity, number, before))
            counts["unchanged" if is_same else "changed" if before else "new"] += 1
        elif before:
            vanished.append(world.mbid(entity, number))
    counts["lines"] = len(lines)
    return b"\n".join(lines), counts, vanished


class Tally:
    """A file's bytes as they are written: how many, and their SHA-256."""

    def __init__(self) -> None:
        self.size, self.sha256 = 0, hashlib.sha256()

    def add(self, content: bytes) -> bytes:
        self.size += len(content)
        self.sha256.update(content)
        return content


def write_entity(pool: Any, args: argparse.Namespace, world: World, entity: str, folder: Path) -> Json:
    """Write all lines of an entity and return their part of the manifest, without what the archive has."""
    count = world.counts[entity][args.edition]
    jobs = [(entity, low, min(low + LINES_OF_A_JOB, count)) for low in range(0, count, LINES_OF_A_JOB)]
    tally = Tally()
    counts: Counter[str] = Counter()
    vanished: list[str] = []
    with (folder / f"{entity}.jsonl").open("wb") as file:
        for lines, found, gone in pool.imap(write_lines, jobs, 2):
            if lines:
                # No line break behind the last line, as published.
                file.write(tally.add((b"\n" if tally.size else b"") + lines))
            counts.update(found)
            vanished += gone
    changes = ("lines", "new", "changed", "unchanged")
    return {
        "json_bytes": tally.size,
        "json_sha256": tally.sha256.hexdigest(),
        **{key: counts[key] for key in changes},
        "vanished": vanished,
        **{key: counts[key] for key in sorted(counts.keys() - {*changes})},
    }


def publish(entity: str, folder: Path, args: argparse.Namespace) -> Json:
    """Pack an entity's lines and return what the manifest says of the archive."""
    plain = folder / f"{entity}.jsonl"
    path = plain if args.plain else pack(plain, entity, folder, args)
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return {"file": path.name, "file_bytes": path.stat().st_size, "file_sha256": sha256}


def pack(plain: Path, entity: str, folder: Path, args: argparse.Namespace) -> Path:
    """Replace a file of lines by the archive that MusicBrainz publishes."""
    path = folder / f"{entity}.tar.xz"
    moment = datetime.strptime(folder.name, "%Y%m%d-%H%M%S").replace(tzinfo=UTC)
    notes = {
        "TIMESTAMP": moment.strftime("%Y-%m-%d %H:%M:%S+00"),
        "JSON_DUMPS_SCHEMA_NUMBER": str(JSON_SCHEMA),
        "REPLICATION_SEQUENCE": str(190_000 + args.edition),
        "SCHEMA_SEQUENCE": str(SCHEMA_SEQUENCE),
        "COPYING": "Synthetic data, CC0",
        "README": "Synthetic MusicBrainz JSON dump",
    }
    with (
        lzma.open(path, "wb", preset=args.preset) as packed,
        tarfile.open(fileobj=packed, mode="w|", format=tarfile.GNU_FORMAT, bufsize=1 << 20) as archive,
    ):
        for name, text in notes.items():
            content = f"{text}\n".encode()
            add(archive, name, len(content), io.BytesIO(content))
        with plain.open("rb") as file:
            add(archive, f"mbdump/{entity}", plain.stat().st_size, file)
    plain.unlink()
    return path


def add(archive: tarfile.TarFile, name: str, size: int, content: IO[bytes]) -> None:
    member = tarfile.TarInfo(name)
    member.size = size
    archive.addfile(member, content)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="gets a folder named by the version")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--artists", type=int, default=200_000)
    parser.add_argument("--labels", type=int, default=20_000)
    parser.add_argument("--release-groups", type=int, default=60_000)
    parser.add_argument("--releases", type=int, default=100_000)
    parser.add_argument("--relations", type=int, default=600_000, help="between artists; each is printed twice")
    parser.add_argument("--tracks", type=float, default=5, help="mean tracks of a release, which are most of its bytes")
    for name, count in (("artists", 200_000), ("labels", 40_000), ("masters", 60_000), ("releases", 200_000)):
        parser.add_argument(f"--discogs-{name}", type=int, default=count, help="as of gen_discogs_dump.py")
    parser.add_argument("--linked", type=float, default=0.45, help="share of entities with a Discogs link")
    parser.add_argument("--edition", type=int, default=0, help="0 the first dump, 1 the next, …")
    parser.add_argument("--version", help="name of the folder, YYYYMMDD-HHMMSS; by default from the edition")
    parser.add_argument("--churn", type=float, default=0.02, help="share of entities that change in an edition")
    parser.add_argument("--deleted", type=float, default=0.001, help="share of entities gone in an edition")
    parser.add_argument("--growth", type=float, default=0.008, help="share of entities new in an edition")
    parser.add_argument("--relation-churn", type=float, default=0.0025, help="40%% changed, 20%% gone, 40%% new")
    parser.add_argument("--link-churn", type=float, default=0.004, help="50%% moved, 25%% gone, 25%% new")
    parser.add_argument("--broken", type=float, default=0.0, help="share of lines with a fault")
    parser.add_argument("--giant-megabytes", type=int, default=0, help="size of the line of artist 0")
    parser.add_argument("--preset", type=int, default=0, help="of xz, 0 to 9")
    parser.add_argument("--plain", action="store_true", help="write <entity>.jsonl, not <entity>.tar.xz")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    return parser.parse_args()


def main() -> None:
    args = arguments()
    folder = args.out / (args.version or version_of(args.edition))
    folder.mkdir(parents=True)
    world = World(args)
    world.index_relations()
    files, archives = {}, {}
    with Pool(args.jobs, begin_process, (world,)) as pool:
        for entity in ENTITIES:
            began = time.monotonic()
            files[entity] = write_entity(pool, args, world, entity, folder)
            report(entity, files[entity], time.monotonic() - began)
            # One process packs while the others go on with the next entity.
            archives[entity] = pool.apply_async(publish, (entity, folder, args))
        files = {entity: archives[entity].get() | file for entity, file in files.items()}
    sums = "".join(f"{file['file_sha256']} *{file['file']}\n" for file in files.values())
    (folder / "SHA256SUMS").write_text(sums)
    given = {name: value for name, value in vars(args).items() if name not in ("out", "jobs")}
    manifest = {"version": folder.name, "args": given, "files": files}
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1))


def report(entity: str, file: Json, seconds: float) -> None:
    print(f"{entity:13} {file['lines']:9} lines {file['json_bytes'] / 1e6:8.1f} MB {seconds:6.1f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
