"""The stage before the split: download a dump file and record it in the ledger."""

from __future__ import annotations

import hashlib
import logging
import time
from pathlib import Path

from django.db.models.functions import Now

from apps.http import client
from apps.http.errors import SiteError
from apps.ingest import ledger
from apps.ingest.errors import DumpError, WaitError
from apps.ingest.models import DumpFile, FileState, Run
from apps.ingest.sources import catalogue, download, files
from apps.ingest.sources.registry import DUMPS

logger = logging.getLogger(__name__)

# How often progress is written and a cancelled run is noticed.
REPORT_SECONDS = 1.0


class StoppedError(Exception):
    """The run ended while its file was being downloaded."""


class Progress:
    """Writes a file's progress to the ledger. It is also the download's clock, so that waiting moves the heartbeat."""

    def __init__(self, file: DumpFile) -> None:
        self.file = file
        self.next_report = 0.0

    def report(self, here: int, total: int) -> None:
        """Write the number of bytes received, and the total if known, at most once a second.

        Raises:
            StoppedError: The run has ended.
        """
        if time.monotonic() < self.next_report:
            return
        self.next_report = time.monotonic() + REPORT_SECONDS
        fields = {"bytes_fetched": here, **({"bytes": total} if total else {})}
        DumpFile.objects.filter(pk=self.file.pk).update(**fields)
        self.beat()

    def beat(self) -> None:
        """Move the run's heartbeat; raise ``StoppedError`` if the run has ended."""
        if not Run.objects.filter(pk=self.file.run_id, completed_at__isnull=True).update(heartbeat_at=Now()):
            raise StoppedError

    def time(self) -> float:
        """Return the time in seconds since 1970."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Wait for ``seconds``; raise ``StoppedError`` as soon as the run has ended."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            time.sleep(min(left, REPORT_SECONDS))
            self.beat()


def fetch(file: DumpFile) -> dict[str, int] | None:
    """Download a file of a run; return counts, or None if there is nothing to do. The call is idempotent.

    Files are downloaded one at a time, whatever the number of workers: out of courtesy to the site, and so that the
    other workers can load the files that are here already (decision 22).

    Raises:
        WaitError: Another file is being downloaded; the task is retried later.
        DumpError: The file cannot be downloaded or written; the file fails.
    """
    with ledger.hold_lock("download", 0) as is_ours:
        if not is_ours:
            raise WaitError("another file is being fetched")
        # Read again under the lock: a duplicate of this task may have downloaded the file meanwhile.
        file.refresh_from_db()
        if file.is_here or file.state != FileState.LOADING or file.run.is_ended:
            return None
        try:
            return bring(file)
        except StoppedError:
            return None
        except SiteError as error:
            raise DumpError(f"{Path(file.path).name} could not be fetched: {error}") from error
        except OSError as error:
            raise DumpError(
                f"{file.path} cannot be written: {error.strerror or error}. See {file.run.source.upper()}_ROOT"
            ) from error


def bring(file: DumpFile) -> dict[str, int]:
    """Download a file unless a valid copy is here, enter it into the catalogue, then into the ledger."""
    target, progress = Path(file.path), Progress(file)
    target.parent.mkdir(parents=True, exist_ok=True)
    write_checksums(file.run)
    # A file that an earlier run or an operator put here is not downloaded again, but it is read once: a damaged one
    # must not be taken for the dump.
    sha256 = hash_valid_copy(file, target, progress)
    fetched = sha256 is None
    if sha256 is None:
        # Before the download, so that the catalogue never names a checksum of bytes that are being replaced.
        catalogue.drop(target.parent, target.name)
        asking = client.of(file.run.source, DUMPS[file.run.source].folder, progress)
        sha256 = download.download(asking, file.url, target, file.checksum, progress.report)
    catalogue.put(target, sha256=sha256, version=file.run.version)
    size = target.stat().st_size
    # Last: a file that the ledger calls here is whole. If the process dies before this, the next attempt finds the
    # valid copy.
    DumpFile.objects.filter(pk=file.pk).update(bytes=size, bytes_fetched=size, fetched_at=Now())
    logger.info("file fetched", extra={"run": file.run_id, "file": file.type, "bytes": size, "downloaded": fetched})
    return {"bytes": size, "downloaded": int(fetched)}


def hash_valid_copy(file: DumpFile, target: Path, progress: Progress) -> str | None:
    """Return the SHA-256 of the file on disk if it is the published one, else None.

    Without a published checksum, the one of the catalogue counts.
    """
    wanted = file.checksum or catalogue.checksum(target.parent, target.name)
    if not wanted or not target.exists():
        return None
    sha256 = hashlib.sha256()
    download.hash_file(target, sha256, progress.report)
    return wanted if sha256.hexdigest() == wanted else None


def write_checksums(run: Run) -> None:
    """Write the published checksums beside the files, so that a later load from the folder verifies them.

    Each file of the run calls this; only the first call writes.
    """
    path = Path(run.folder) / DUMPS[run.source].files.checksums_path(run.version)
    published = run.files.exclude(checksum="").order_by("pk").values_list("checksum", "path")
    content = "".join(f"{checksum}  {Path(name).name}\n" for checksum, name in published).encode()
    if content and not (path.exists() and path.read_bytes() == content):
        files.replace(path, content)
