"""Whether the time of an answer tells that an address has an account: login, reset, register.

Asks a running site that trusts this host as a proxy (``FORWARDED_ALLOW_IPS``): each request comes from another client.
"""

from __future__ import annotations

import argparse
import itertools
import random
import statistics
import time

import httpx

# Requests of each kind, and accounts that share them: five failures would lock one.
REQUESTS = 200
ACCOUNTS = 50
PASSWORD = "not the right horse"

numbers = itertools.count(random.randrange(1 << 22))


def main() -> None:
    """Print the means of known and unknown addresses for each route, and by how much they differ."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    with httpx.Client(base_url=parser.parse_args().url, timeout=30, trust_env=False) as client:
        known = [f"known{next(numbers)}@example.com" for _ in range(ACCOUNTS)]
        for email in known:
            post(client, "register", email)
        for path in ("login", "reset-request", "register"):
            measured = measure(client, path, known)
            first, second = (statistics.mean(each) * 1000 for each in measured)
            print(f"{path:14} known {first:7.2f} ms  unknown {second:7.2f} ms  {100 * (first / second - 1):+5.1f} %")


def measure(client: httpx.Client, path: str, known: list[str]) -> tuple[list[float], list[float]]:
    """Return the seconds of requests with known and with unknown addresses, which take turns in random order."""

    times: tuple[list[float], list[float]] = [], []
    for number in range(REQUESTS):
        turns = [(0, known[number % ACCOUNTS]), (1, f"unknown{next(numbers)}@example.com")]
        random.shuffle(turns)
        for kind, email in turns:
            times[kind].append(post(client, path, email))
    return times


def post(client: httpx.Client, path: str, email: str) -> float:
    """Send a request from a client of its own; return how many seconds its answer took."""
    number = next(numbers)
    headers = {"X-Forwarded-For": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"}
    password = f"{PASSWORD} {number}"
    began = time.perf_counter()
    client.post(f"/api/auth/{path}", json={"email": email, "password": password}, headers=headers)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
