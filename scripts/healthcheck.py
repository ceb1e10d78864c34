"""Tell whether the process of a container is alive, by status 0 or 1 and a word on stderr. Standard library only.

healthcheck.py http://127.0.0.1:8004/health/live     the site answers with 200
healthcheck.py /tmp/alive                            a worker or beat touched its LIVENESS_FILE lately
"""

from __future__ import annotations

import http.client
import os
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

SITE_SECONDS = 4
# Heartbeats of a worker come every two seconds; beat sends the watchdog's task every INGEST_WATCHDOG_SECONDS, 30.
FILE_SECONDS = 120


def main(target: str) -> None:
    """End with status 0 if the target is alive."""
    found = ask(target) if target.startswith("http:") else look(Path(target))
    if found:
        sys.exit(found)


def ask(url: str) -> str:
    """Return why the site is not alive; "" if it is."""
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.netloc, timeout=SITE_SECONDS)
    # As the proxy in front does: production answers to its own names only, and redirects what did not come by HTTPS.
    headers = {"Host": allowed_host(os.environ.get("ALLOWED_HOSTS", "")), "X-Forwarded-Proto": "https"}
    try:
        connection.request("GET", address.path, headers=headers)
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        return f"{url} does not answer: {error}"
    return "" if status == http.HTTPStatus.OK else f"{url} answers {status}"


def allowed_host(allowed_hosts: str) -> str:
    """Return a name to which the site answers, out of the list of Django's setting."""
    name = allowed_hosts.partition(",")[0].strip().removeprefix(".")
    return "localhost" if name in ("", "*") else name


def look(path: Path) -> str:
    """Return why the file says that its process is not alive; "" if it does not."""
    try:
        age = time.time() - path.stat().st_mtime
    except FileNotFoundError:
        return f"{path} is not there yet"
    return "" if age < FILE_SECONDS else f"{path} was last touched {age:.0f} s ago"


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: healthcheck.py URL | FILE")
    main(sys.argv[1])
