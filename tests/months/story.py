"""One story: months are published and loaded, whatever happens on the way, and the stores are compared."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random

from django.db import connection
from django.test import override_settings

from apps.graph import clearing, verifying
from apps.graph.session import session
from apps.http.errors import SiteError
from apps.ingest.chunks import spool
from apps.ingest.errors import IngestError
from apps.ingest.models import COMPLETE, Chunk, DumpFile, FileState, Run, RunState, Source
from apps.ingest.runs import dead_letters, retention, starting
from apps.ingest.runs.starting import Options
from tasks.pipelines import is_empty
from tests.conftest import EMPTY_GRAPH, WITHOUT_MODELS
from tests.months import comparing, files
from tests.months.driving import Driver, Faults, drive, refuse_rows
from tests.months.entries import Discogs, Entry, Id, Kind, MusicBrainz
from tests.months.model import FileOutcome, RunFacts, Table
from tests.months.world import Maker, Month, World

# Type → table and its key.
TABLES = {
    Source.DISCOGS: {each: (each, "data_id") for each in Discogs.types},
    Source.MUSICBRAINZ: {each: (f"musicbrainz.{each.replace('-', '_')}", "mbid") for each in MusicBrainz.types},
}


# What a story may have in it, and in which share of stories it is.
TROUBLES = {
    "padded ids": 0.2,
    "retired": 0.5,
    "unreadable": 0.5,
    "twins": 0.5,
    "order": 0.4,
    "damage": 0.4,
    "odd files": 0.3,
    "by type": 0.4,
    "tables alone": 0.4,
    "side by side": 0.3,
    "limit": 0.2,
    "refused": 0.3,
    "tidy": 0.3,
    "graph lost": 0.2,
    "older": 0.4,
    "replay": 0.4,
    "rebuild": 0.3,
    "giving up": 0.4,
    "ends early": 0.5,
    "deaths": 0.4,
    "repeats": 0.4,
}


class WrongError(Exception):
    """The stores are not as they must be; the text says how, one difference a line."""


@dataclass
class Edition:
    """A dump as it was published: its files by type, what is damaged, and where it is."""

    version: str
    month: Month
    damaged: dict[str, str]
    folder: Path


@dataclass
class Publisher:
    """One source: its world, and what is known of its tables."""

    source: Source
    world: World
    tables: dict[str, Table]
    editions: list[Edition] = field(default_factory=list)
    entries: dict[int, list[Entry]] = field(default_factory=dict)
    # Types whose changes a run did not bring to the graph, and whether one ended before its maintenance.
    owed: set[str] = field(default_factory=set)
    is_uncared_for: bool = False

    @property
    def types(self) -> tuple[str, ...]:
        return self.world.maker.types

    @property
    def is_whole(self) -> bool:
        """The graph must have what the tables have."""
        return not self.owed and not self.is_uncared_for


class Story:
    """Tells the story of a seed. ``lines`` is what happened so far, for whoever reads of a failure."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.chance = Random(seed)
        self.folder = folder
        self.lines: list[str] = []
        self.number = 0
        chance = self.chance
        # A story has some of the troubles: with all of them in each, the same few would hide all others.
        self.troubles = {each for each, share in TROUBLES.items() if chance.random() < share}
        self.malformed_limit = 1 if "limit" in self.troubles else 100
        ids = {each: chance.randint(1, 7) for each in Discogs.types}
        entities = {each: chance.randint(1, 5) for each in MusicBrainz.types}
        self.discogs = publisher(Source.DISCOGS, chance, Discogs(chance, ids, self.troubles), self.troubles)
        self.musicbrainz = publisher(Source.MUSICBRAINZ, chance, MusicBrainz(chance, entities, ids), self.troubles)
        self.settings = {
            "INGEST_CHUNK_BYTES": chance.choice((300, 700, 700, 1500, 100_000)),
            "INGEST_PIECE_BYTES": chance.choice((300, 1000, 100_000)),
            "INGEST_ATTEMPTS": 1000,
            "INGEST_MALFORMED_LIMIT": self.malformed_limit,
            "SPOOL_URL": str(folder / "spool"),
            "QUALITY_ROOT": str(folder / "quality"),
        }

    def tell(self) -> None:
        """Play the story to its end.

        Raises:
            WrongError: The stores are not as they must be.
        """
        with override_settings(**self.settings):
            try:
                wipe()
                for _ in range(self.chance.randint(1, 4)):
                    self.happen(self.chance.choice((self.discogs, self.discogs, self.musicbrainz)))
                self.end()
            finally:
                spool.filesystem.cache_clear()

    def log(self, line: str) -> None:
        self.lines.append(f"    {line}")

    # --- what happens -----------------------------------------------------------------------------------------
    def happen(self, site: Publisher) -> None:
        """Publish something, or take something older, and load it."""
        chance = self.chance
        special = ("older", "replay", "rebuild", "tidy", "graph lost", "side by side")
        kinds = ("again", "republished", *(each for each in special if each in self.troubles))
        kind = chance.choice(kinds) if chance.random() < 0.4 else "next"
        match kind:
            case "replay" if self.replay(site):
                return
            case "rebuild" if self.rebuild(site):
                return
            case "tidy":
                self.tidy()
                return
            case "graph lost":
                self.lose_graph()
                return
            case "side by side":
                self.load_side_by_side()
                return
            case "again" | "older" if site.editions:
                edition = site.editions[-1] if kind == "again" else chance.choice(site.editions)
            case "republished" if site.editions:
                edition = self.publish(site, version=site.editions[-1].version)
            case _:
                edition = self.publish(site)
        self.load(site, edition)

    def publish(self, site: Publisher, version: str | None = None, *, is_last: bool = False) -> Edition:
        """Let a month pass and write what is published then."""
        chance = self.chance
        if site.editions:
            site.world.move_on()
        faults = chance.choice((0.0, 0.0, 0.1)) if is_last else chance.choice((0.0, 0.05, 0.2))
        month = site.world.month(faults=faults)
        if is_last and any(count_certainly_unreadable(entries) > self.malformed_limit for entries in month.values()):
            month = site.world.month(faults=0)
        can_be_damaged = "damage" in self.troubles and not is_last
        kinds = (*files.DAMAGES, files.MISSING)
        damaged = {each: chance.choice(kinds) for each in month if can_be_damaged and chance.random() < 0.08}
        self.number += 1
        stamp = f"2026{self.number // 28 + 1:02}{self.number % 28 + 1:02}"
        version = version or (stamp if site.source == Source.DISCOGS else f"{stamp}-001001")
        folder = self.folder / f"{self.number}-{site.source}"
        is_odd = "odd files" in self.troubles
        files.write(site.source, version, month, folder, chance, damaged=damaged, is_odd=is_odd)
        for entries in month.values():
            for entry in entries:
                if entry not in site.entries.setdefault(entry.mark, []):
                    site.entries[entry.mark].append(entry)
        edition = Edition(version, month, damaged, folder)
        site.editions.append(edition)
        self.lines.append(f"{site.source} {version} is published" + "".join(f", {d} {t}" for t, d in damaged.items()))
        for record_type, entries in month.items():
            self.log(f"{record_type:<15}" + ", ".join(map(str, entries)))
        return edition

    def load(self, site: Publisher, edition: Edition) -> None:
        """Load an edition in one or two runs, or some types of it."""
        chance = self.chance
        types = list(site.types)
        if "by type" in self.troubles and chance.random() < 0.5:
            types = chance.sample(types, chance.randint(1, 3))
        options = self.options(site, edition, types)
        ways = ("both", "tables", "tables then graph") if "tables alone" in self.troubles else ("both",)
        match chance.choice(ways):
            case "tables":
                self.run(site, edition, replace(options, stores=("tables",)), self.faults(site))
            case "tables then graph" if site.source == Source.DISCOGS:
                if self.run(site, edition, replace(options, stores=("tables",)), self.faults(site)) in COMPLETE:
                    self.run(site, edition, replace(options, stores=("graph",), confirm_purge=False), self.faults(site))
            case _:
                self.run(site, edition, options, self.faults(site))

    def options(self, site: Publisher, edition: Edition, types: list[str]) -> Options:
        loaded = [each.newest for each in site.tables.values()]
        return Options(
            source=site.source.value,
            types=types,
            version=edition.version,
            force=edition.version < max(loaded) or self.chance.random() < 0.1,
            rewrite=self.chance.random() < 0.1,
            confirm_purge=self.chance.random() < 0.2,
            now=True,
        )

    def faults(self, site: Publisher) -> Faults:
        chance = self.chance
        refused: dict[str, set[Id]] = {}
        if "refused" in self.troubles and chance.random() < 0.5:
            of_type = chance.choice(site.types)
            entries = [entry.id for entry in site.world.alive[of_type].values()]
            refused = {of_type: set(chance.sample(entries, min(2, len(entries))))}
        stages = ("extract", "table", "graph", "link") if "giving up" in self.troubles else ()
        end = chance.choice(("", "", "cancelled", "failed")) if "ends early" in self.troubles else ""
        after = chance.randint(1, 60)
        return Faults(
            deaths=0.1 if "deaths" in self.troubles else 0,
            repeats=0.2 if "repeats" in self.troubles else 0,
            giving_up={stage: 0.05 for stage in stages if chance.random() < 0.5},
            refused=refused,
            cancelled_after=after if end == "cancelled" else None,
            failed_after=after if end == "failed" else None,
            resumed_after=chance.randint(1, 60) if stages and chance.random() < 0.3 else None,
        )

    def replay(self, site: Publisher) -> bool:
        """Replay the dead letters of the last run that has some; return whether there is one."""
        waiting = dead_letters.find_waiting().filter(run__source=site.source)
        found = next(iter(dead_letters.group_by_run(waiting)), None)
        if found is None or found[0] is None:
            return False
        run, letters = found
        edition = next((each for each in site.editions if str(each.folder) in run.folder), None)
        if edition is None:
            return False
        self.lines.append(f"{len(letters)} dead letters of run {run.pk} are replayed")
        try:
            again = dead_letters.replay(run, letters, is_empty=is_empty, by="tests").again
        except (IngestError, SiteError) as error:
            self.log(f"refused: {error}")
            return True
        if again is not None:
            self.drive((site, edition, again, self.faults(site)))
        return True

    def rebuild(self, site: Publisher) -> bool:
        """Make the graph again from the tables; return whether anything is loaded."""
        if site.source != Source.DISCOGS:
            return False
        try:
            run = starting.rebuild()
        except (IngestError, SiteError):
            return False
        clearing.clear()
        self.lines.append(f"The graph is rebuilt by run {run.pk}")
        site.owed = set(site.types)
        self.musicbrainz.is_uncared_for = True
        self.drive((site, None, run, self.faults(site)))
        return True

    def tidy(self) -> None:
        """Delete what no later run asks about from the ledger."""
        with override_settings(LEDGER_KEEP_DAYS=0):
            deleted = retention.tidy_ledger()
        self.lines.append(f"The ledger is tidied: runs {deleted} are deleted")

    def lose_graph(self) -> None:
        """Lose the catalogue's nodes, as with an old backup, and have it noticed."""
        self.lines.append("The graph is lost, and verify_graph finds it")
        clearing.clear()
        for record_type in self.discogs.types:
            verifying.verify(record_type)
        self.discogs.owed = set(self.discogs.types)
        self.musicbrainz.is_uncared_for = True

    def load_side_by_side(self) -> None:
        """Publish a month of both sources and load them at the same time."""
        runs = []
        for site in (self.discogs, self.musicbrainz):
            edition = self.publish(site)
            run = self.start(site, edition, self.options(site, edition, list(site.types)))
            runs += [(site, edition, run, self.faults(site))] if run else []
        self.drive(*runs)

    def end(self) -> None:
        """Load a last month of each source without trouble, and compare everything."""
        sites = [self.discogs, self.musicbrainz]
        self.chance.shuffle(sites)
        for site in sites:
            self.last_load(site, self.publish(site, is_last=True))
        for site in sites:
            if not site.is_whole:
                raise WrongError(f"the story does not end well: {site.source} owes {site.owed} to the graph")
        self.compare_with_fresh_load()

    def last_load(self, site: Publisher, edition: Edition) -> None:
        """Load an edition whole, in one of the ways that bring it to both stores."""
        types = list(site.types)
        self.chance.shuffle(types)
        options = self.options(site, edition, types)
        way = self.chance.choice(("at once",) * 3 + ("in parts", "tables then graph"))
        if way == "in parts":
            cut = self.chance.randint(1, len(types) - 1)
            parts = [replace(options, types=types[:cut]), replace(options, types=types[cut:])]
        elif way == "tables then graph" and site.source == Source.DISCOGS:
            parts = [replace(options, stores=("tables",)), replace(options, stores=("graph",), confirm_purge=False)]
        else:
            parts = [options]
        faults = replace(self.faults(site), giving_up={}, cancelled_after=None, failed_after=None, refused={})
        for part in parts:
            if self.run(site, edition, part, faults) not in COMPLETE:
                raise WrongError(f"a sound dump did not load: {Run.objects.latest('pk').error}")

    # --- one run ----------------------------------------------------------------------------------------------
    def run(self, site: Publisher, edition: Edition, options: Options, faults: Faults) -> str:
        """Start a run and take it to its end; return its state, or nothing if it was refused."""
        run = self.start(site, edition, options)
        if run is not None:
            self.drive((site, edition, run, faults))
        return run.state if run else ""

    def start(self, site: Publisher, edition: Edition, options: Options) -> Run | None:
        """Start a run; return None if it is refused, which only a damaged dump may be."""
        said = [name for name in ("force", "rewrite", "confirm_purge") if getattr(options, name)]
        what = f"{'+'.join(options.types)} to {'+'.join(options.stores)}" + "".join(f", {each}" for each in said)
        self.lines.append(f"{site.source} {edition.version} is loaded: {what}")
        try:
            run = starting.start(options, folder=edition.folder, is_empty=is_empty)
        except (IngestError, SiteError) as error:
            self.log(f"refused: {error}")
            if not edition.damaged.keys() & set(options.types) and "tables" in options.stores:
                raise WrongError(f"a sound dump is refused: {error}") from error
            return None
        return run

    def drive(self, *runs: tuple[Publisher, Edition | None, Run, Faults]) -> None:
        """Take runs to their ends, side by side, and see whether both stores are what they must be."""
        drivers = [Driver(run, self.chance, faults, self.log) for _, _, run, faults in runs]
        refused = {
            TABLES[site.source][record_type][0]: {str(each) for each in ids}
            for site, _, _, faults in runs
            for record_type, ids in faults.refused.items()
        }
        for table, ids in refused.items():
            self.log(f"PostgreSQL refuses {', '.join(sorted(ids))} in {table}")
        with refuse_rows(refused):
            drive(drivers, self.chance)
        for (site, edition, run, _), driver in zip(runs, drivers, strict=True):
            self.log(f"run {run.pk}: {run.state}" + "".join(f"; {each}" for each in run.warnings))
            self.require_planned_dead_letters(run, driver)
            if edition is not None:
                for record_type in run.types:
                    self.check_table(site, edition, run, record_type, driver.contents.get(record_type, {}))
            self.remember_debts(site, run)
        self.check_graph()

    def require_planned_dead_letters(self, run: Run, driver: Driver) -> None:
        found = list(run.dead_letters.filter(replayed_at__isnull=True).select_related("file", "chunk"))
        stages = [(each.stage, each.file.type, each.chunk.seq) for each in found if not each.record_id]
        refused = {(of_type, str(each)) for of_type, ids in driver.faults.refused.items() for each in ids}
        records = {(each.file.type, each.record_id) for each in found if each.record_id}
        if sorted(stages) != sorted(driver.buried) or not records <= refused:
            raise WrongError(f"dead letters that nobody planned: {[(str(each), each.error) for each in found]}")

    def check_table(
        self, site: Publisher, edition: Edition, run: Run, record_type: str, contents: dict[int, bytes]
    ) -> None:
        """See that the table of a type holds what it must, and take it for the beginning of the next run."""
        file = run.files.get(type=record_type)
        entries = edition.month[record_type]
        self.require_right_failure(edition, file, contents)
        refused = set(file.dead_letters.exclude(record_id="").values_list("record_id", flat=True))
        written = set(Chunk.objects.filter(file=file, tabled_at__isnull=False).values_list("pk", flat=True))
        outcome = FileOutcome(
            entries,
            frozenset(
                place
                for place, chunk in places(entries, contents)
                if chunk in written and str(entries[place].id) not in refused
            ),
            is_completed=file.state == FileState.COMPLETED,
            has_dead_letters=bool(refused)
            or file.chunks.filter(failed_stage__in=("extract", "table", "graph")).exists(),
            has_unread_chunks=file.chunks.filter(failed_stage="extract").exists(),
        )
        facts = RunFacts(
            run.version,
            is_for_tables="tables" in run.stores,
            confirm_purge=run.confirm_purge,
            is_complete=run.state in COMPLETE,
        )
        table = site.tables[record_type]
        found = comparing.find_origins(*TABLES[site.source][record_type], site.entries, bytes.fromhex(run.rules_digest))
        outcomes = table.outcomes(outcome, facts)
        right = [each for each in outcomes if each.matches(found) and self.agrees(run, record_type, each.is_vetoed)]
        if not right:
            lines = [f"{site.source} {record_type} after run {run.pk}:", *outcomes[0].difference(found)]
            if any(each.matches(found) for each in outcomes):
                lines.append(f"veto {[each.is_vetoed for each in outcomes]}, and the warnings are {run.warnings}")
            raise WrongError("\n  ".join(lines))
        table.settle(outcome, facts, right[0], right[0].choose(found))

    def require_right_failure(self, edition: Edition, file: DumpFile, contents: dict[int, bytes]) -> None:
        """See that a file failed if it is damaged or has too many unreadable records, and not otherwise."""
        entries, damage = edition.month[file.type], edition.damaged.get(file.type)
        has_failed = file.state == FileState.FAILED
        if damage and contents:
            raise WrongError(f"{file.type} {damage} was not noticed")
        if has_failed and not damage and count_possibly_unreadable(entries) <= self.malformed_limit:
            raise WrongError(f"{file.type} failed: {file.error}")
        is_read = not file.chunks.filter(extracted_at__isnull=True).exists()
        if not has_failed and is_read and count_certainly_unreadable(entries) > self.malformed_limit:
            raise WrongError(f"{file.type} did not fail, with more unreadable records than INGEST_MALFORMED_LIMIT")

    @staticmethod
    def agrees(run: Run, record_type: str, is_vetoed: bool | None) -> bool:
        """Tell whether the warnings of a run say of the purge what it did."""
        warned = any(each.startswith(f"{record_type}: purge vetoed") for each in run.warnings)
        return is_vetoed is None or warned == is_vetoed

    def remember_debts(self, site: Publisher, run: Run) -> None:
        """Note what of a run did not come to the graph, and what one did that was owed before."""
        if run.state in COMPLETE and run.has_graph:
            dead = set(run.files.filter(chunks__failed_stage__in=("graph", "link")).values_list("type", flat=True))
            lost = set(run.files.filter(chunks__failed_stage__in=("extract", "table")).values_list("type", flat=True))
            # What a chunk owed that was not even read is owed still.
            site.owed = site.owed - set(run.types) | dead | (site.owed & lost)
            site.is_uncared_for = False
            if site.source == Source.DISCOGS and not site.owed:
                self.musicbrainz.is_uncared_for = False
        else:
            site.owed |= set(run.types)
            site.is_uncared_for = True

    # --- the graph --------------------------------------------------------------------------------------------
    def check_graph(self) -> None:
        """Compare both stores with the independent check, if nothing is owed to the graph."""
        if not self.discogs.is_whole or not self.musicbrainz.is_whole:
            return
        folders = self.write_state("check")
        if lines := comparing.find_faults(*folders):
            raise WrongError("\n".join(["The stores are not what the independent check reads:", *lines]))

    def write_state(self, name: str) -> tuple[Path | None, Path | None]:
        """Write what the tables must hold as a dump of each source that has anything."""
        shutil.rmtree(self.folder / name, ignore_errors=True)
        found = []
        for site in (self.discogs, self.musicbrainz):
            month = {each: [entry for _, entry in sorted(table.rows.items())] for each, table in site.tables.items()}
            folder = self.folder / name / site.source
            if any(month.values()):
                version = "20270101" if site.source == Source.DISCOGS else "20270101-001001"
                files.write(site.source, version, month, folder, Random(1))
                found.append(folder if site.source == Source.DISCOGS else folder / version)
            else:
                found.append(None)
        return found[0], found[1]

    def compare_with_fresh_load(self) -> None:
        """Compare both stores, bit for bit, with a load of the last state into empty ones."""
        if lines := comparing.list_unsettled():
            raise WrongError("\n".join(["Something is left over:", *lines]))
        found = comparing.snapshot()
        folders = self.write_state("fresh")
        wipe()
        with override_settings(INGEST_CHUNK_BYTES=100_000):
            self.load_fresh(folders)
        if lines := comparing.differences(comparing.snapshot(), found):
            raise WrongError("\n".join(["The stores are not what a fresh load makes:", *lines]))

    def load_fresh(self, folders: tuple[Path | None, Path | None]) -> None:
        for site, folder in zip((self.discogs, self.musicbrainz), folders, strict=True):
            if folder is None:
                continue
            types = [each for each, table in site.tables.items() if table.rows]
            run = starting.start(
                Options(source=site.source.value, types=types, now=True), folder=folder, is_empty=is_empty
            )
            drive([Driver(run, Random(1), Faults(), self.log)], Random(1))
            if run.state != RunState.COMPLETED:
                raise WrongError(f"the fresh load: {run.state} {run.error} {run.warnings}")


def list_unreadable(entries: list[Entry]) -> list[Entry]:
    return [entry for entry in entries if entry.kind not in (Kind.SOUND, Kind.RETIRED)]


def count_possibly_unreadable(entries: list[Entry]) -> int:
    return len(list_unreadable(entries))


def count_certainly_unreadable(entries: list[Entry]) -> int:
    """Return how many entries must be counted as malformed.

    One with a sound twin need not even be read, and a line without a name says whose it is.
    """
    sound = {entry.id for entry in entries if entry.kind is Kind.SOUND}
    found = [entry for entry in list_unreadable(entries) if entry.kind is Kind.UNKNOWN or entry.id not in sound]
    return sum(entry.kind is not Kind.BROKEN or isinstance(entry.id, int) for entry in found)


def publisher(source: Source, chance: Random, maker: Maker, troubles: Collection[str]) -> Publisher:
    return Publisher(source, World(chance, maker, troubles), {each: Table() for each in maker.types})


def places(entries: list[Entry], contents: dict[int, bytes]) -> Iterator[tuple[int, int]]:
    """Yield the position of each sound entry and the chunk that it stands in."""
    chunks = iter(sorted(contents.items()))
    chunk, content, start = 0, b"", 0
    for place, entry in enumerate(entries):
        if entry.kind is not Kind.SOUND:
            continue
        while (found := content.find(entry.bytes, start)) < 0:
            if (following := next(chunks, None)) is None:
                return
            (chunk, content), start = following, 0
        start = found + len(entry.bytes)
        yield place, chunk


def wipe() -> None:
    """Empty both stores and the ledger."""
    names = [
        connection.ops.quote_name(each) for each in connection.introspection.django_table_names(only_existing=True)
    ]
    kept = {'"django_migrations"', '"django_content_type"', '"auth_permission"'}
    with connection.cursor() as cursor:
        tables = [each for each in (*names, *WITHOUT_MODELS) if each not in kept]
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("; ".join(f"DELETE FROM {table}" for table in tables))
        cursor.execute("SET session_replication_role = DEFAULT")
    with session() as opened:
        opened.run(EMPTY_GRAPH).consume()
