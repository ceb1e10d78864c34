"""A chunk that kills its worker each time: it is given up, does no harm, and the next run makes it good."""

import os
import signal
from contextlib import suppress
from pathlib import Path

from apps.stack import processes
from tests.acceptance.brokers import ValkeyBroker
from tests.acceptance.conftest import Build, open_installation
from tests.acceptance.installation import Installation
from tests.acceptance.workers import children
from tests.dumps import FIRST_MONTH, SECOND_MONTH, pack

ATTEMPTS = 3
TINY_CHUNKS = {"INGEST_CHUNK_BYTES": "300", "INGEST_ATTEMPTS": str(ATTEMPTS)}
# An artist who is new in the second month, and one who is gone in it; a label that is gone too.
DEADLY, GONE, GONE_LABEL = 30, 17, 53
# Whoever writes the deadly record is to be found asleep.
SLEEP_OVER_DEADLY = f"""
CREATE FUNCTION sleep_over_deadly() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF new.data_id = {DEADLY} THEN
        PERFORM pg_sleep(600);
    END IF;
    RETURN new;
END $$;
CREATE TRIGGER sleep_over_deadly BEFORE INSERT ON artists FOR EACH ROW EXECUTE FUNCTION sleep_over_deadly();
"""
SLEEPING = """
SELECT pid, client_port FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'
"""
DEAD_LETTERS = "SELECT stage, record_id, error FROM ingest_deadletter"


def kill_who_sleeps(installation: Installation) -> int:
    """End by ``kill -9`` the worker's child that writes the deadly record; return how many were found."""
    killed = 0
    for backend, port in installation.ask(SLEEPING):
        for child in writers(installation, port):
            os.kill(child, signal.SIGKILL)
            killed += 1
        # What served it would sleep on.
        installation.ask("SELECT pg_terminate_backend(%s)", backend)
    return killed


def writers(installation: Installation, port: int) -> list[int]:
    """Return the worker's children that have a socket at a local port."""
    assert installation.worker.process is not None
    tcp = (processes.PROC / "net" / "tcp").read_text().splitlines()[1:]
    inodes = {fields[9] for fields in map(str.split, tcp) if fields[1].endswith(f":{port:04X}")}
    return [child for child in children(installation.worker.process.pid) if inodes & sockets(child)]


def sockets(pid: int) -> set[str]:
    found = set()
    with suppress(FileNotFoundError):
        for each in (processes.PROC / str(pid) / "fd").iterdir():
            with suppress(FileNotFoundError):
                found.add(str(each.readlink()).removeprefix("socket:[").removesuffix("]"))
    return found


def test_a_chunk_that_kills_its_worker_each_time_is_given_up_and_made_good_by_the_next_run(
    build: Build, tmp_path: Path, valkey: ValkeyBroker
) -> None:
    first = pack(FIRST_MONTH, "20260101", tmp_path / "first")
    second = pack(SECOND_MONTH, "20260201", tmp_path / "second")
    with open_installation(build, tmp_path / "installation", valkey, **TINY_CHUNKS) as installation:
        installation.load(first)
        with installation.connect() as connection:
            connection.execute(SLEEP_OVER_DEADLY.encode())

        installation.manage("extract", "discogs", "--from", str(second), "--no-wait")
        killed = 0

        def is_given_up() -> bool:
            nonlocal killed
            killed += kill_who_sleeps(installation)
            return bool(installation.ask(DEAD_LETTERS))

        installation.wait_until(is_given_up, "the chunk given up")
        state = installation.wait_for_end()

        stage, record, error = installation.ask(DEAD_LETTERS)[0]
        assert (stage, record, state) == ("table", "", "completed_with_warnings"), installation.report()
        assert f"its worker died {ATTEMPTS} times in this stage" in error
        assert killed == ATTEMPTS
        assert len(installation.ask(DEAD_LETTERS)) == 1
        assert installation.ask("SELECT data_id FROM artists WHERE data_id IN (%s, %s)", DEADLY, GONE) == [(GONE,)]
        assert installation.ask("SELECT data_id FROM labels WHERE data_id = %s", GONE_LABEL) == []

        with installation.connect() as connection:
            connection.execute(b"DROP FUNCTION sleep_over_deadly CASCADE")
        installation.load(second)

        installation.require(second)
        assert installation.run[1] == "completed"
