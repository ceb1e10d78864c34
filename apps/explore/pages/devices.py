"""What a browser or a program says it is, in words."""

from __future__ import annotations

# What browsers say → what people do; the first that fits. Most say Safari too, and Edge says Chrome.
BROWSERS = (("Firefox/", "Firefox"), ("Edg", "Edge"), ("OPR/", "Opera"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)
LONGEST = 60


def describe(agent: str) -> str:
    """Return a ``User-Agent`` as ``Firefox on Linux``; the text itself, cut, where it is another one."""
    browser = next((name for mark, name in BROWSERS if mark in agent), "")
    system = next((name for mark, name in SYSTEMS if mark in agent), "")
    if browser:
        return f"{browser} on {system}" if system else browser
    return agent[:LONGEST] or "unknown"
