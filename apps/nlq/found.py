"""What the tools returned for a question: the entities of an answer, and the names that its actions may have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

MOST_CHARACTERS = 256
# Fields that repeat what the model asked for, which it may have invented.
ECHOED = ("query", "error", "highlight")


class Found:
    """Collects what tools return; ``entities`` are ``{id, name, type}``, each once, in the order of their coming."""

    def __init__(self) -> None:
        self.entities: list[dict[str, str]] = []
        self.keys: set[tuple[str, str]] = set()
        # Name in lower case → its spelling, and the types of the entities of that name, if any is known.
        self.spellings: dict[str, str] = {}
        self.types: dict[str, set[str]] = {}

    def add(self, result: Mapping[str, Any]) -> None:
        """Read the result of a tool."""
        if "error" in result:
            return
        for name in iterate_texts(result):
            self.spellings.setdefault(name.casefold(), name)
        for kind, id_, name in iterate_entities(result):
            self.types.setdefault(name.casefold(), set()).add(kind)
            if (id_, kind) not in self.keys:
                self.keys.add((id_, kind))
                self.entities.append({"id": id_, "name": name, "type": kind})

    def add_name(self, name: str, kind: str) -> None:
        """Let actions have the name that the question is about."""
        self.spellings.setdefault(name.casefold(), name)
        self.types.setdefault(name.casefold(), set()).add(kind)

    def find_name(self, name: Any, kind: str | None = None) -> str | None:
        """Return the spelling of a name that a tool returned; None for any other, or for one of another type."""
        if not isinstance(name, str) or not 0 < len(name) <= MOST_CHARACTERS:
            return None
        key = name.casefold()
        types = self.types.get(key)
        if kind and types and kind not in types:
            return None
        return self.spellings.get(key)


def iterate_texts(value: Any) -> Iterator[str]:
    """Yield all texts in a result, but those that repeat what was asked for."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, each in value.items():
            if key not in ECHOED:
                yield from iterate_texts(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from iterate_texts(each)


def iterate_entities(result: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield type, id and name of hits, of an entity that was looked at, and of the steps of a path."""
    hits = [*result.get("results", ()), *(result.get("path") or ())]
    if "center" in result:
        hits.append(result["center"])
    if "_entity_type" in result:
        hits.append({**result, "type": result["_entity_type"]})
    for each in hits:
        if each.get("type") and each.get("name") and each.get("id") is not None:
            yield str(each["type"]).lower(), str(each["id"]), str(each["name"])
