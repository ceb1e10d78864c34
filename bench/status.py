"""``python -m bench.status``: many clients of a live status: first frame, memory, subscriptions, one that stalls.

Start ``manage.py status_collector`` and ``uvicorn config.live:application``, as docker-compose.yml does, before it.
Clients come from addresses of 127.0.1.0/24, ten each, as the cap of an address wants it.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import time
from collections import Counter

import django
import psutil  # type: ignore[import-untyped]
from django_redis import get_redis_connection
from websockets.asyncio.client import ClientConnection, connect

OF_AN_ADDRESS = 10
READ_BYTES = 1 << 16


def address_of(number: int) -> tuple[str, int]:
    """Return the local address of a client."""
    return f"127.0.{1 + number // OF_AN_ADDRESS // 250}.{1 + number // OF_AN_ADDRESS % 250}", 0


async def open_socket(port: int, number: int) -> ClientConnection:
    return await connect(f"ws://127.0.0.1:{port}/ws", proxy=None, local_addr=address_of(number), open_timeout=60)


async def follow_socket(port: int, number: int, until: float, firsts: list[float], frames: Counter[str]) -> None:
    began = time.monotonic()
    socket = await open_socket(port, number)
    while time.monotonic() < until:
        try:
            await asyncio.wait_for(socket.recv(), max(until - time.monotonic(), 0.01))
        except TimeoutError:
            break
        if not frames[f"socket {number}"]:
            firsts.append(time.monotonic() - began)
        frames[f"socket {number}"] += 1
    await socket.close()


async def follow_stream(port: int, number: int, until: float, firsts: list[float], frames: Counter[str]) -> None:
    began = time.monotonic()
    reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=address_of(number))
    writer.write(b"GET /api/status/stream HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    while time.monotonic() < until:
        try:
            found = await asyncio.wait_for(reader.read(READ_BYTES), max(until - time.monotonic(), 0.01))
        except TimeoutError:
            break
        if not found:
            raise ConnectionError(f"the stream {number} ended")
        new = found.count(b"event: metrics_update")
        if new and not frames[f"stream {number}"]:
            firsts.append(time.monotonic() - began)
        frames[f"stream {number}"] += new
    writer.close()


async def stall(port: int, number: int) -> int | None:
    """Stop reading, and return the close code that is found afterwards."""
    socket = await open_socket(port, number)
    await socket.recv()
    socket.transport.pause_reading()
    await asyncio.sleep(15)
    socket.transport.resume_reading()
    await asyncio.wait_for(socket.wait_closed(), 10)
    return socket.close_code


async def watch_memory(pid: int, until: float, found: list[float]) -> None:
    process = psutil.Process(pid)
    while time.monotonic() < until:
        found.append(process.memory_info().rss / 1e6)
        await asyncio.sleep(2)


async def run(port: int, pid: int, count: int, seconds: float) -> None:
    firsts: dict[str, list[float]] = {"socket": [], "stream": []}
    frames: Counter[str] = Counter()
    memory: list[float] = []
    until = time.monotonic() + seconds
    cpu = psutil.Process(pid).cpu_times()
    tasks = [
        *(follow_socket(port, number, until, firsts["socket"], frames) for number in range(count)),
        *(follow_stream(port, count + number, until, firsts["stream"], frames) for number in range(count)),
    ]
    gathered = asyncio.gather(*tasks, watch_memory(pid, until, memory), return_exceptions=True)
    stalled = asyncio.create_task(stall(port, 2 * count))
    await asyncio.sleep(seconds / 2)
    # One that comes while all the others are there.
    late = time.monotonic()
    one = await open_socket(port, 2 * count + 1)
    await one.recv()
    late = time.monotonic() - late
    await one.close()
    subscriptions = await asyncio.to_thread(get_redis_connection("default").pubsub_numsub, "status:updates")
    failures = [each for each in await gathered if isinstance(each, BaseException)]
    code = await stalled
    used = psutil.Process(pid).cpu_times()
    for kind, each in firsts.items():
        if each:
            seconds_to_first = f"{statistics.median(each):.2f} s, at most {max(each):.2f} s"
            print(f"{kind}: {len(each)} clients, all at once: first frame after {seconds_to_first}")
    print(f"first frame of one that comes later: {late:.3f} s")
    numbers = sorted(frames.values()) or [0]
    print(f"frames of a client: {numbers[0]} to {numbers[-1]}; failures: {len(failures)} {failures[:3]}")
    print(f"subscriptions of Redis: {subscriptions[0][1]}; a client that takes nothing: close code {code}")
    half = memory[len(memory) // 4 :]
    print(f"memory: {memory[0]:.0f} MB at the start, {half[0]:.0f} to {half[-1]:.0f} MB, at most {max(memory):.0f} MB")
    print(f"CPU: {used.user + used.system - cpu.user - cpu.system:.1f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8003)
    parser.add_argument("--pid", type=int, required=True, help="process of the live status")
    parser.add_argument("--clients", type=int, default=500, help="of each kind")
    parser.add_argument("--seconds", type=float, default=60)
    given = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    asyncio.run(run(given.port, given.pid, given.clients, given.seconds))


if __name__ == "__main__":
    main()
