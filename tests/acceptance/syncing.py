"""A synchronisation by a real worker, from a Discogs of our own that fails, while that worker is killed.

The site's list is the truth: at the end both stores must have it, item by item.
"""

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import redis

from bench.processes import resident_bytes
from tests.acceptance.installation import Installation
from tests.acceptance.workers import children
from tests.discogs_site import KEY, SECRET, DiscogsSite, Failure, make_item, make_want

# A page is lost, and found again, within seconds.
SETTINGS = {
    "ENCRYPTION_MASTER_KEY": "a" * 43 + "=",
    "DISCOGS_REQUESTS_PER_MINUTE": "1200",
    "DISCOGS_BUSY_SECONDS": "0.5",
    "SYNC_WATCH_SECONDS": "1",
}
WORKER = ("-Q", "sync")
TOO_FAST = Failure(429, {"Retry-After": "1"})
FAILURES = (Failure(500), Failure(502, body=b"<html>"), Failure(body=b"{"), Failure(cut=True), Failure(429), TOO_FAST)
# Releases that no dump has: rows without a node.
UNKNOWN_EVERY = 7
SAMPLE_SECONDS = 0.25
LINK = """
from apps.accounts.models import User
from apps.collections.discogs import application
from apps.collections.models import Link
application.store(application.Application({key!r}, {secret!r}))
token, secret = map(application.encrypt, {token!r})
user = User.objects.create_user("collector@example.com")
Link.objects.create(user=user, provider_username="digger", access_token=token, access_secret=secret)
"""
# As POST /api/sync does it.
START = """
from apps.accounts.models import User
from apps.collections.answers import syncing
print(syncing.start(User.objects.get())["sync_id"])
"""
STATE = (
    "SELECT status, pages_fetched, added, changed, removed, items_synced, error_message FROM sync_history WHERE id = %s"
)
COPIES = "SELECT release_id, instance_id, folder_id, rating, title FROM user_collections"
WANTS = "SELECT release_id, rating, title FROM user_wantlists"
MAKE_RELEASES = "UNWIND $ids AS id MERGE (:Release {id: id})"
COLLECTED = """
MATCH (:User)-[edge:COLLECTED]->(release:Release)
RETURN toInteger(release.id), toInteger(edge.instance_id), edge.folder_id, edge.rating
"""
WANTED = "MATCH (:User)-[edge:WANTS]->(release:Release) RETURN toInteger(release.id), edge.rating"


class Trial:
    """A user of an installation whose collection is that of a site."""

    def __init__(self, installation: Installation, site: DiscogsSite, report: Callable[[str], None]) -> None:
        self.installation = installation
        self.site = site
        self.report = report
        # (pages stored, bytes of the largest process of the worker), over all runs.
        self.memory: list[tuple[int, int]] = []
        self.kills = 0

    def fill(self, copies: int, wants: int) -> None:
        """Give the site's member so many copies, some of them of one release, and wants; link a user to it."""
        releases = [number - number % 10 // 9 for number in range(1, copies + 1)]
        self.site.member.collection = [
            make_item(release, number, f"2026-01-01T{999_999 - number:06}", rating=number % 6)
            for number, release in enumerate(releases, 1)
        ]
        self.site.member.wants = [make_want(number) for number in range(copies + 1, copies + wants + 1)]
        self.make_releases(range(1, copies + wants + 1))
        self.execute(LINK.format(key=KEY, secret=SECRET, token=self.site.make_token()))

    def make_releases(self, numbers: Iterable[int]) -> None:
        """Give the graph nodes of releases, but not of those that no dump has."""
        known = [str(number) for number in numbers if number % UNKNOWN_EVERY]
        self.installation.cypher(MAKE_RELEASES, ids=known)

    def execute(self, code: str) -> str:
        """Run Python as a process of the installation; return what it prints."""
        done = self.installation.manage("shell", "-v", "0", "-c", code)
        assert done.code == 0, done.stderr
        return done.stdout.strip()

    def plan(self, requests: int, *, seed: int, share: float, acts: dict[int, Callable[[], None]]) -> None:
        """Let a share of the next requests fail, at most two in a row, and others cause an act when they come."""
        chance = random.Random(seed)
        planned: list[Failure | None] = []
        for number in range(requests):
            is_third = len(planned) > 1 and all(each and not each.change for each in planned[-2:])
            fails = not is_third and chance.random() < share
            planned.append(chance.choice(FAILURES) if fails else None)
            if number in acts:
                planned[-1] = Failure(change=acts[number])
        self.site.failures.clear()
        self.site.failures.extend(planned)

    def kill_after(self, seconds: float) -> Callable[[], None]:
        """Return an act that kills the worker so many seconds after a request came."""

        def kill() -> None:
            self.kills += 1
            self.installation.worker.kill()

        return threading.Timer(seconds, kill).start

    def flush(self) -> None:
        """Empty Redis: messages, buckets, answers, locks."""
        self.installation.broker.empty()

    def sync(self, seconds: float = 120) -> dict[str, Any]:
        """Synchronise; start the worker again whenever it was killed; return the row of the run when it has ended."""
        self.forget_cooldown()
        sync_id = self.execute(START)
        began, worker = time.monotonic(), self.installation.worker
        with self.sampling(sync_id):
            while True:
                (found,) = self.installation.ask(STATE, sync_id)
                if found[0] != "running":
                    break
                assert time.monotonic() - began < seconds, f"{found}\n{worker.tail()}"
                if worker.process is None:
                    worker.start()
                time.sleep(SAMPLE_SECONDS)
        self.site.failures.clear()
        if worker.process is None:
            worker.start()
        names = ("status", "pages", "added", "changed", "removed", "items", "error")
        result = dict(zip(names, found, strict=True))
        self.report(f"{json.dumps(result)} in {time.monotonic() - began:.0f} s")
        return result

    @contextmanager
    def sampling(self, sync_id: str) -> Iterator[None]:
        """Note the memory of the worker again and again."""
        over = threading.Event()

        def sample() -> None:
            while not over.wait(SAMPLE_SECONDS):
                process = self.installation.worker.process
                if process is not None and (sizes := [*map(resident_bytes, children_of(process.pid))]):
                    self.memory.append((self.installation.ask(STATE, sync_id)[0][1], max(sizes)))

        thread = threading.Thread(target=sample)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def forget_cooldown(self) -> None:
        """Let the next run start at once."""
        with redis.Redis.from_url(self.installation.environment()["CACHE_URL"]) as client:
            for key in client.scan_iter("*sync:cooldown:*"):
                client.delete(key)

    def require_equal(self) -> None:
        """Fail unless both stores have what the site's member has: nothing doubled, nothing lost."""
        copies = [
            (each["basic_information"]["id"], each["instance_id"], each["folder_id"], each["rating"], title_of(each))
            for each in self.site.member.collection
        ]
        wants = [(each["id"], each["rating"], title_of(each)) for each in self.site.member.wants]
        require_same("copies", self.installation.ask(COPIES), copies)
        require_same("wants", self.installation.ask(WANTS), wants)
        in_graph = [each[:4] for each in copies if each[0] % UNKNOWN_EVERY]
        require_same("COLLECTED", self.installation.cypher(COLLECTED), in_graph)
        in_graph = [each[:2] for each in wants if each[0] % UNKNOWN_EVERY]
        require_same("WANTS", self.installation.cypher(WANTED), in_graph)
        assert self.installation.value("SELECT count(*) FROM collection_outbox") == 0


def title_of(item: dict[str, Any]) -> str:
    return str(item["basic_information"]["title"])


def children_of(pid: int) -> list[int]:
    try:
        return list(children(pid))
    except (FileNotFoundError, ProcessLookupError):
        return []


def require_same(what: str, found: Iterable[Sequence[Any]], wanted: Iterable[Sequence[Any]]) -> None:
    """Fail unless two lists have the same items, each as often; the message has some differences."""
    counted, expected = Counter(map(tuple, found)), Counter(map(tuple, wanted))
    missing, more = expected - counted, counted - expected
    assert not missing + more, f"{what}: missing {[*missing][:3]}, too many {[*more][:3]}"
