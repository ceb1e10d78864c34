"""The snapshot in the cache's Redis, the channel of its changes, the collector's lock, and whether anyone looks.

Nothing here is missed for longer than the collector's next round, so Redis may evict or lose all of it.
"""

from __future__ import annotations

from typing import Any, cast

import orjson

from apps.api import caching

SNAPSHOT = "status:snapshot"
CHANNEL = "status:updates"
LOCK = "status:collector"
WATCHED = "status:watched"
SNAPSHOT_SECONDS = 60
# Seconds for which a client or a page counts as looking; relays repeat it as long as they have clients.
WATCHED_SECONDS = 15
# Twice the collector's longest pause. After this time another collector takes over from one that died.
LOCK_SECONDS = 10

# KEYS[1]: the lock; ARGV: its owner, its milliseconds. Returns 1 if the owner holds it now.
HOLD = """
local owner = redis.call('get', KEYS[1])
if owner and owner ~= ARGV[1] then return 0 end
redis.call('set', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
"""


def hold_lock(owner: str) -> bool:
    """Take the collector's lock or extend it; return whether ``owner`` holds it, False while Redis is away."""
    return bool(caching.call_redis(lambda client: client.eval(HOLD, 1, LOCK, owner, LOCK_SECONDS * 1000), 0))


def release_lock(owner: str) -> None:
    """Free the collector's lock if ``owner`` holds it."""
    caching.call_redis(lambda client: client.eval(caching.UNLOCK, 1, LOCK, owner), None)


def publish(messages: list[dict[str, Any]], snapshot: dict[str, Any]) -> None:
    """Store a snapshot, and send messages to every relay."""

    def send(client: Any) -> None:
        with client.pipeline(transaction=False) as steps:
            steps.set(SNAPSHOT, orjson.dumps(snapshot), ex=SNAPSHOT_SECONDS)
            for message in messages:
                steps.publish(CHANNEL, orjson.dumps(message))
            steps.execute()

    caching.call_redis(send, None)


def read_snapshot() -> dict[str, Any] | None:
    """Return the last snapshot; None if there was none for a minute, or while Redis is away."""
    found = caching.call_redis(lambda client: client.get(SNAPSHOT), None)
    return cast("dict[str, Any]", orjson.loads(found)) if found else None


def read_queues() -> dict[str, dict[str, Any]]:
    """Return queue → ``{unacked, publish_rate, deliver_rate}`` of the last snapshot; nothing without one."""
    snapshot = read_snapshot()
    return {
        each["name"]: {
            "unacked": each["messages_unacknowledged"],
            "publish_rate": each["message_rate"],
            "deliver_rate": each["ack_rate"],
        }
        for each in (snapshot["data"]["queues"] if snapshot else ())
    }


def mark_watched() -> None:
    """Note that someone looks, so that the collector measures often."""
    caching.call_redis(lambda client: client.set(WATCHED, 1, ex=WATCHED_SECONDS), None)


def is_watched() -> bool:
    """Tell whether someone has looked lately."""
    return bool(caching.call_redis(lambda client: client.exists(WATCHED), 0))
