"""The message about the whole site, what of it anyone may see, and the state of the site in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from apps.dashboard.live.probes import Probe
from apps.ingest.models import Source

Found = dict[str, Any]

SCHEMA = 2
TITLES = {"postgresql": "PostgreSQL", "neo4j": "Neo4j", "broker": "Broker", "cache": "Cache"}
STORES = ("postgresql", "neo4j")
# Service of the wire message, which is the queue of its workers too → the stages of a run that it works on. Both
# sources share the queues.
STAGES = {"extractor": ("split", "extract"), "tableinator": ("table",), "graphinator": ("nodes", "links")}
# Part of a disk that should be free, and the age from which insights count as old.
LEAST_FREE = 0.05
OLD = timedelta(days=2)
# Level of an event by its kind; every other kind is a note.
LEVELS = {
    "completed": "done",
    "server back": "done",
    "worker back": "done",
    "warning": "warning",
    "stalled": "warning",
    "unverified": "warning",
    "worker lost": "warning",
    "dead letter": "error",
    "check failed": "error",
    "server lost": "error",
}
PROBLEMS = ("warning", "error")
# Kinds whose messages name neither hosts nor folders and quote no error.
PUBLIC_KINDS = ("completed", "server lost", "server back", "cancelled", "resumed")


def compose(probes: Mapping[str, Probe], queues: list[Found], workers: list[Found]) -> Found:
    """Return the whole snapshot, ``{type, data}``. Queues have their history; workers that were lost are among them."""
    now = datetime.now(UTC)
    runs: list[Found] = probes["runs"].found or []
    servers = [describe_server(name, probes) for name in TITLES]
    data = {
        "schema": SCHEMA,
        "pipelines": {source.value: describe_pipeline(source.value, runs, queues, workers, now) for source in Source},
        "databases": [each for each in servers if each["id"] in STORES],
        "app": {
            "servers": [each for each in servers if each["id"] not in STORES],
            "insights": probes["insights"].found,
            "disks": probes["disks"].found or {},
            "dead_letters": probes["dead letters"].found or {},
        },
        "queues": queues,
        "workers": workers,
        "runs": runs,
        "events": [describe_event(each) for each in probes["events"].found or []],
        "timestamp": now.isoformat(),
    }
    data["overall"] = judge(data, probes)
    return {"type": "metrics_update", "data": data}


def describe_server(name: str, probes: Mapping[str, Probe]) -> Found:
    """Return a server as JSON, with the keys of the seed's message and numbers beside its text."""
    probe = probes[name]
    size = probes[f"{name} size"].found if f"{name} size" in probes else None
    size = size or {}
    found: Found = {
        "id": name,
        "name": TITLES[name],
        "status": "unknown" if probe.is_ok is None else "healthy" if probe.is_ok else "unhealthy",
        "connection_count": size.get("connections", 0),
        "size": write_size(size),
        "error": None if probe.is_ok is not False else "does not answer",
        "version": probe.found,
        "ms": probe.ms,
    }
    return (
        found
        | {key: size[key] for key in ("nodes", "relationships", "hit_rate") if key in size}
        | ({"size_bytes": size["bytes"]} if "bytes" in size else {})
    )


def write_size(size: Mapping[str, Any]) -> str:
    """Write how much a server holds."""
    if "nodes" in size:
        return f"{size['nodes']:,} nodes, {size['relationships']:,} relationships"
    return write_bytes(size["bytes"]) if "bytes" in size else ""


def write_bytes(number: float) -> str:
    """Write a number of bytes in the largest unit that fits."""
    for unit in ("B", "kB", "MB", "GB"):
        if number < 1000:
            return f"{number:.0f} {unit}"
        number /= 1000
    return f"{number:.1f} TB"


def describe_pipeline(
    source: str, runs: list[Found], queues: list[Found], workers: list[Found], now: datetime
) -> Found:
    """Return services and queues of a source; none of them before its first run."""
    run = next((each for each in runs if each["source"] == source), None)
    if run is None:
        return {"services": [], "queues": []}
    return {
        "services": [describe_service(name, source, run, workers, now) for name in STAGES],
        "queues": [
            {key: value for key, value in each.items() if key not in ("history", "dead")}
            for each in queues
            if each["name"] in STAGES
        ],
    }


def describe_service(name: str, source: str, run: Found, workers: list[Found], now: datetime) -> Found:
    """Return what the workers of a queue do for a run."""
    its_workers = [each for each in workers if name in each["queues"] and each["status"] == "healthy"]
    stages = [each for each in run["stages"] if each["name"] in STAGES[name]]
    busy = next((each for each in stages if each["state"] == "busy"), None)
    if not its_workers:
        status = "unhealthy" if workers else "unknown"
    else:
        status = "extracting" if busy and name == "extractor" else "healthy"
    found: Found = {
        "name": f"{name}-{source}",
        "status": status,
        "last_seen": max((each["last_seen"] for each in its_workers), default=None),
        "current_task": busy["name"] if busy else None,
        "progress": busy["percentage"] / 100 if busy else float(run["is_ended"]),
        "error": run["error"] or None,
    }
    if name == "extractor":
        times = {key: datetime.fromisoformat(value) for key, value in run["extracted_at"].items()}
        found["extraction_progress"] = {**run["extracted"], "total": sum(run["extracted"].values())}
        found["last_extraction_time"] = {key: round((now - at).total_seconds(), 1) for key, at in times.items()}
    return found


def describe_event(event: Found) -> Found:
    """Return an event with its level and its source."""
    return {**event, "level": LEVELS.get(event["kind"], "note"), "source": event["source"] or "site"}


def judge(data: Found, probes: Mapping[str, Probe]) -> Found:
    """Return the state of the site, ``operational``, ``degraded`` or ``offline``, with its reasons and a heading."""
    reasons = list_reasons(data, probes)
    unfinished = [each for each in data["runs"] if not each["is_ended"]]
    if all(each["status"] == "unhealthy" for each in data["databases"]):
        status, heading = "offline", "Offline: no database answers"
    elif reasons:
        status = "degraded"
        heading = f"Working, but {reasons[0]}" if len(reasons) == 1 else f"Working, with {len(reasons)} problems"
    elif unfinished:
        status = "operational"
        heading = f"Loading {' and '.join(each['source_name'] for each in unfinished)}"
    else:
        status, heading = "operational", "Everything works"
    return {"status": status, "heading": heading, "reasons": reasons}


def list_reasons(data: Found, probes: Mapping[str, Probe]) -> list[str]:
    """Say what is wrong, the worst first, in words that anyone may read."""
    servers = [*data["databases"], *data["app"]["servers"]]
    reasons = [f"{each['name']} does not answer" for each in servers if each["status"] == "unhealthy"]
    healthy = [each for each in data["workers"] if each["status"] == "healthy"]
    served = {queue for each in healthy for queue in each["queues"]}
    if probes["workers"].is_ok and not healthy:
        reasons.append("no worker answers")
    elif probes["workers"].is_ok:
        reasons += [
            f"no worker takes the queue {each['name']}"
            for each in data["queues"]
            if each["messages_ready"] and each["name"] not in served
        ]
    if lost := sum(each["status"] == "lost" for each in data["workers"]):
        reasons.append("a worker was lost" if lost == 1 else f"{lost} workers were lost")
    if any(each["free"] < LEAST_FREE * each["total"] for each in data["app"]["disks"].values()):
        reasons.append("a disk is nearly full")
    if dead := sum(data["app"]["dead_letters"].values()):
        reasons.append("a dead letter waits" if dead == 1 else f"{dead:,} dead letters wait")
    insights = data["app"]["insights"] or {}
    if failed := len(insights.get("failed", ())):
        reasons.append("an insight failed" if failed == 1 else f"{failed} insights failed")
    elif insights.get("oldest"):
        age = datetime.now(UTC) - datetime.fromisoformat(insights["oldest"])
        if age > OLD:
            reasons.append(f"insights are {age.days} days old")
    return reasons


def make_public(snapshot: Found) -> Found:
    """Return what anyone may see of a snapshot: no error texts, host names, folders, nor who did something."""
    data = snapshot["data"]
    pipelines = {
        name: {**each, "services": [{**service, "error": None} for service in each["services"]]}
        for name, each in data["pipelines"].items()
    }
    disks = data["app"]["disks"]
    return {
        "type": snapshot["type"],
        "data": {
            **data,
            "pipelines": pipelines,
            "databases": [hide_version(each) for each in data["databases"]],
            "app": {
                **data["app"],
                "servers": [hide_version(each) for each in data["app"]["servers"]],
                "disks": {f"disk {number}": each for number, each in enumerate(disks.values(), 1)},
            },
            "workers": [{**each, "name": f"worker {number}"} for number, each in enumerate(data["workers"], 1)],
            "runs": [{**each, "error": ""} for each in data["runs"]],
            "events": [hide_words(each) for each in data["events"]],
        },
    }


def hide_version(server: Found) -> Found:
    """Return a server without what helps to attack it."""
    return {**server, "version": None}


def hide_words(event: Found) -> Found:
    """Return an event without words that may name hosts or folders, or quote an error."""
    if event["kind"] in PUBLIC_KINDS:
        return {**event, "by": ""}
    what = f"Run {event['run']}, {event['source']} {event['version']}: " if event["run"] else ""
    return {**event, "by": "", "message": f"{what}{event['kind']}"}


def make_frame(snapshot: Found) -> Found:
    """Return the message that clients get every two seconds: without what changes seldom or is long."""
    data = {key: value for key, value in snapshot["data"].items() if key != "events"}
    data["queues"] = [{key: value for key, value in each.items() if key != "history"} for each in data["queues"]]
    return {"type": snapshot["type"], "data": data}


def make_unknown() -> Found:
    """Return the snapshot of a site whose collector does not run."""
    data: Found = {
        "schema": SCHEMA,
        "pipelines": {source.value: {"services": [], "queues": []} for source in Source},
        "databases": [],
        "app": {"servers": [], "insights": None, "disks": {}, "dead_letters": {}},
        **{name: [] for name in ("queues", "workers", "runs", "events")},
        "overall": {
            "status": "unknown",
            "heading": "Nothing is measured",
            "reasons": ["the status collector does not run"],
        },
        "timestamp": datetime.now(UTC).isoformat(),
    }
    return {"type": "metrics_update", "data": data}


def read_time(snapshot: Found) -> datetime:
    """Return when a snapshot was taken."""
    return datetime.fromisoformat(snapshot["data"]["timestamp"])
