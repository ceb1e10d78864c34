"""The pace of requests to Discogs over all workers: one bucket in Redis for each user, and one for our application.

A bucket holds the time at which its next request is due. Redis that lost it lets the next request through at once; then
Discogs itself says to wait.
"""

from __future__ import annotations

from django.conf import settings
from django.core.cache import cache
from django_redis import get_redis_connection

APPLICATION = "application"
# Requests that may come at once after a pause.
BURST = 3

# KEYS: buckets; ARGV: microseconds between two requests, requests at once. Returns the microseconds to wait; 0: the
# request is counted in every bucket.
TAKE = """
local time = redis.call('time')
local now = time[1] * 1000000 + time[2]
local wait = 0
for _, key in ipairs(KEYS) do
    local due = tonumber(redis.call('get', key) or 0)
    wait = math.max(wait, due - now - ARGV[1] * (ARGV[2] - 1))
end
if wait <= 0 then
    for _, key in ipairs(KEYS) do
        local due = math.max(tonumber(redis.call('get', key) or 0), now) + ARGV[1]
        redis.call('set', key, string.format('%.0f', due), 'PX', math.ceil((due - now) / 1000) + 1000)
    end
    return 0
end
return math.ceil(wait)
"""
# KEYS[1]: a bucket; ARGV: microseconds to wait, microseconds between two requests, requests at once.
HOLD = """
local time = redis.call('time')
local due = time[1] * 1000000 + time[2] + ARGV[1] + ARGV[2] * (ARGV[3] - 1)
redis.call('set', KEYS[1], string.format('%.0f', due), 'PX', math.ceil((ARGV[1] + ARGV[2] * ARGV[3]) / 1000) + 1000)
"""


def make_key(name: object) -> str:
    """Return the key of a bucket."""
    return str(cache.make_key(f"sync:bucket:{name}", version=0))


def take(user_id: object) -> float:
    """Count a request of a user, or of a purpose of ours, and return 0, or the seconds after which to try again.

    Raises:
        RedisError: Redis is away.
    """
    keys = [make_key(user_id), make_key(APPLICATION)]
    wait = get_redis_connection("default").eval(TAKE, len(keys), *keys, get_interval(), BURST)
    return int(wait) / 1_000_000


def hold(user_id: object, seconds: float) -> None:
    """Let no request of a user through for some seconds."""
    get_redis_connection("default").eval(HOLD, 1, make_key(user_id), int(seconds * 1_000_000), get_interval(), BURST)


def get_interval() -> int:
    """Return the microseconds between two requests."""
    return 60_000_000 // settings.DISCOGS_REQUESTS_PER_MINUTE
