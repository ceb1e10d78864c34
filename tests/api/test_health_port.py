"""The health port: health and metrics from a process of its own. What it says of servers away: test_outages."""

import os
import signal
import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from apps.stack import ports
from tests.api.site import PROCESSES, PROJECT, run_site

pytestmark = pytest.mark.django_db
HALF = b"GET /health HTTP/1.1\r\nHost: half"
# More than the site has threads.
MANY = 200


def ask(site, path, method="GET", **headers):
    return httpx.request(method, f"{site.health_url}{path}", headers=headers, timeout=60, trust_env=False)


def sum_samples(site, name, **labels):
    """Return the sum of a metric's samples that have these labels."""
    samples = [each for family in text_string_to_metric_families(ask(site, "/metrics").text) for each in family.samples]
    return sum(each.value for each in samples if each.name == name and labels.items() <= each.labels.items())


def test_it_says_what_the_site_says(site):
    response = ask(site, "/health")

    assert (response.status_code, response.headers["Content-Type"]) == (200, "application/json")
    there, here = response.json(), site.json("/health")
    assert {**there, "timestamp": None} == {**here, "timestamp": None}
    assert there["status"] == "healthy"
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/", "/health/", "/health/live", "/api/trends?name=x", "/admin/", "/metrics/"])
def test_it_has_nothing_but_health_and_metrics(site, path):
    response = ask(site, path)

    assert (response.status_code, response.content) == (404, b"")


def test_it_asks_for_no_name_of_ours(site):
    assert ask(site, "/health", Host="web-7d9f").status_code == 200


@pytest.mark.parametrize("path", ["/health", "/metrics"])
@pytest.mark.parametrize("method", ["HEAD", "POST"])
def test_it_is_there_to_be_read(site, method, path):
    response = ask(site, path, method)

    assert (response.status_code, response.headers["Allow"], response.content) == (405, "GET", b"")


# Requests that are none


def connect(url):
    address = urlsplit(url)
    return socket.create_connection((address.hostname, address.port), timeout=60)


def send(site, text):
    """Return the first line of the answer to what is sent; "" if the connection is closed without one."""
    with connect(site.health_url) as connection:
        connection.sendall(text)
        with connection.makefile("rb") as answer:
            return answer.readline().decode()


@pytest.mark.parametrize(
    "text",
    [
        b"\r\n\r\n",
        b"GET /health\r\n\r\n",
        b"GET /h\xe9alth HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01\x00\xa5\x01\x00\r\n\r\n",
        b"GET /health HTTP/1.1\r\n" + 200 * b"A: b\r\n" + b"\r\n",
        b"GET /" + 20_000 * b"a" + b" HTTP/1.1\r\n\r\n",
    ],
    ids=["nothing", "HTTP 0.9", "not ASCII", "TLS", "200 headers", "20 KB"],
)
def test_what_is_no_request_is_refused(site, text):
    assert send(site, text).startswith("HTTP/1.1 400 ")


def test_requests_that_are_sent_by_halves_stop_the_site_and_not_its_health(site):
    with ExitStack() as held:
        for url in (site.url, site.health_url):
            for _ in range(MANY):
                held.enter_context(connect(url)).sendall(HALF)

        assert ask(site, "/health").json()["status"] == "healthy"
        assert sum_samples(site, "linernotes_collected", part="ledger") == 1
    # Once they are gone, so does the site.
    assert site.get("/health").status_code == 200


def test_half_a_request_is_not_waited_for_without_end(site):
    assert send(site, HALF) == ""


# Metrics

REQUESTS = "django_http_requests_total_by_method_total"
LATENCY = "django_http_requests_latency_including_middlewares_seconds_count"


def test_the_requests_of_all_processes_are_counted_together(site):
    before = sum_samples(site, REQUESTS, method="GET"), sum_samples(site, LATENCY)
    for _ in range(40):
        # Each on a connection of its own, which any of the processes takes.
        assert httpx.get(f"{site.url}/health/live", trust_env=False).status_code == 200

    assert (sum_samples(site, REQUESTS, method="GET") - before[0], sum_samples(site, LATENCY) - before[1]) == (40, 40)


def test_a_process_that_has_ended_stays_counted(tmp_path):
    with run_site(tmp_path / "log") as site:
        for _ in range(10):
            site.get("/health/live")
        before = sum_samples(site, REQUESTS, method="GET")
        for pid in children(only_child(site.process.pid)):
            os.kill(pid, signal.SIGKILL)

        site.client.close()
        for _ in range(10):
            assert httpx.get(f"{site.url}/health/live", timeout=60, trust_env=False).status_code == 200

        assert sum_samples(site, REQUESTS, method="GET") == before + 10


def test_they_are_for_those_who_may(site, tmp_path):
    assert ask(site, "/metrics").status_code == 200
    assert ask(site, "/metrics", **{"X-Forwarded-For": "192.0.2.1"}).status_code == 403
    with run_site(tmp_path / "log", INTERNAL_NETWORKS="192.0.2.0/24", METRICS_TOKEN="of-the-scraper") as guarded:
        assert ask(guarded, "/metrics").status_code == 403
        assert ask(guarded, "/metrics", Authorization="Bearer of-the-scraper").status_code == 200


# The command


def children(pid):
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def only_child(pid):
    (child,) = children(pid)
    return child


def test_both_end_together_when_they_are_told_to(tmp_path):
    with run_site(tmp_path / "log") as site:
        server = only_child(site.process.pid)
        assert len(children(server)) == PROCESSES

        site.process.terminate()

        assert site.process.wait(60) == 0
        assert not ports.is_answering(urlsplit(site.health_url).port)
        with pytest.raises(ProcessLookupError):
            os.kill(server, 0)


def test_the_end_of_the_server_is_the_end(tmp_path):
    with run_site(tmp_path / "log") as site:
        os.kill(only_child(site.process.pid), signal.SIGKILL)

        assert site.process.wait(60) == 128 + signal.SIGKILL


def serve(*arguments):
    command = [sys.executable, str(PROJECT / "manage.py"), "serve", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_the_server_is_any_command():
    port = str(ports.choose())

    found = serve("--health-port", port, sys.executable, "-c", "import sys; print(sys.argv); sys.exit(3)", "--bind=x")

    assert (found.returncode, found.stdout) == (3, "['-c', '--bind=x']\n")


def test_what_cannot_be_started_is_said_in_a_line():
    with socket.create_server((ports.HOST, 0)) as taken:
        port = str(taken.getsockname()[1])
        found = serve("--health-port", port, "gunicorn", "--version")

    assert found.returncode == 1
    assert f"CommandError: The health port {ports.HOST}:{port} cannot be opened: " in found.stderr
    assert "Traceback" not in found.stderr
    assert "There is no program nonsuch" in serve("nonsuch").stderr
    assert "Give the command of a web server" in serve().stderr
