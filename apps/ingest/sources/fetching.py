"""The stage before the split: bringing a dump file here, with the ledger around it."""

from __future__ import annotations

import hashlib
import logging
import time
from pathlib import Path

from django.db.models.functions import Now

from apps.ingest import ledger
from apps.ingest.errors import DumpError, SiteError, WaitError
from apps.ingest.models import DumpFile, FileState, Run
from apps.ingest.sources import catalogue, client, download, files
from apps.ingest.sources.registry import DUMPS

logger = logging.getLogger(__name__)

# Progress is written, and a cancelled run noticed, so often.
REPORT_SECONDS = 1.0


class StoppedError(Exception):
    """The run ended while its file was being fetched."""


class Progress:
    """Takes note of a file's progress in the ledger; also the clock that a download waits by, so that waiting shows."""

    def __init__(self, file: DumpFile) -> None:
        self.file = file
        self.next_report = 0.0

    def report(self, here: int, total: int) -> None:
        """Note how many bytes are here, of how many.

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
        """Say that the run goes on, unless it has ended."""
        if not Run.objects.filter(pk=self.file.run_id, completed_at__isnull=True).update(heartbeat_at=Now()):
            raise StoppedError

    def time(self) -> float:
        """Return the seconds since 1970."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Wait; an end of the run ends the waiting."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            time.sleep(min(left, REPORT_SECONDS))
            self.beat()


def fetch(file: DumpFile) -> dict[str, int] | None:
    """Bring a file of a run here, unless it is; None if there is nothing to do.

    One at a time, whatever the number of workers: out of courtesy, and so that they have hands free for what is here.

    Raises:
        WaitError: Another file is being fetched.
        DumpError: It could not be had: the file fails.
    """
    with ledger.only_one("download", 0) as is_ours:
        if not is_ours:
            raise WaitError("another file is being fetched")
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
    """Download a file where what is here is not what was published, catalogue it, and note that it is here."""
    target, progress = Path(file.path), Progress(file)
    target.parent.mkdir(parents=True, exist_ok=True)
    write_checksums(file.run)
    sha256 = valid(file, target, progress)
    fetched = sha256 is None
    if sha256 is None:
        catalogue.drop(target.parent, target.name)
        asking = client.of(file.run.source, DUMPS[file.run.source].folder, progress)
        sha256 = download.download(asking, file.url, target, file.checksum, progress.report)
    catalogue.put(target, sha256=sha256, version=file.run.version)
    size = target.stat().st_size
    DumpFile.objects.filter(pk=file.pk).update(bytes=size, bytes_fetched=size, fetched_at=Now())
    logger.info("file fetched", extra={"run": file.run_id, "file": file.type, "bytes": size, "downloaded": fetched})
    return {"bytes": size, "downloaded": int(fetched)}


def valid(file: DumpFile, target: Path, progress: Progress) -> str | None:
    """Return the SHA-256 of what is here if it is what was published; where that is not known, what came before."""
    wanted = file.checksum or catalogue.checksum(target.parent, target.name)
    if not wanted or not target.exists():
        return None
    sha256 = hashlib.sha256()
    download.hash_file(target, sha256, progress.report)
    return wanted if sha256.hexdigest() == wanted else None


def write_checksums(run: Run) -> None:
    """Put the published checksums beside the files, as the publisher does: loading them from the folder verifies them.

    Only once: the files of a run come one after another.
    """
    path = Path(run.folder) / DUMPS[run.source].files.checksums_path(run.version)
    published = run.files.exclude(checksum="").order_by("pk").values_list("checksum", "path")
    content = "".join(f"{checksum}  {Path(name).name}\n" for checksum, name in published).encode()
    if content and not (path.exists() and path.read_bytes() == content):
        files.replace(path, content)
