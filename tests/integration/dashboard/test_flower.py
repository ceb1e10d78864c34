"""Flower as we start it: on loopback, and not able to change anything unless told so."""

import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.integration.dashboard.flower import flower

CONTROL = "/api/worker/shutdown/nobody@nowhere"


def status(address, data=None):
    try:
        with urllib.request.urlopen(urllib.request.Request(address, data=data), timeout=30) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def listeners(port):
    """Return the addresses, in hex, that somebody listens on with this port."""
    lines = [line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()]
    return {line[1].split(":")[0] for line in lines if line[1].endswith(f":{port:04X}") and line[3] == "0A"}


def test_flower_shows_but_does_nothing_and_listens_on_loopback_alone(tmp_path):
    with flower(tmp_path / "log") as port:
        address = f"http://127.0.0.1:{port}"
        assert status(f"{address}/workers") == 200
        assert status(f"{address}{CONTROL}", b"") == 401
        assert status(f"{address}/api/workers") == 401
        assert listeners(port) == {"0100007F"}


@pytest.mark.slow
def test_flower_does_what_it_is_told_where_that_is_allowed(tmp_path):
    with flower(tmp_path / "log", FLOWER_CONTROL="true") as port:
        # There is no such worker, but somebody looked for it.
        assert status(f"http://127.0.0.1:{port}{CONTROL}", b"") == 404
