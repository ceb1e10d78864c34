"""Extraction rules: skip records, remove values, and note values that look wrong.

The rules come from a YAML file: the one beside this module, or the one that ``DATA_QUALITY_RULES`` names. They act on
a Discogs record after parsing and before normalising. The field ``genres.genre`` is every ``<genre>`` in ``<genres>``,
``@id`` is an attribute, and ``#text`` is the text of an element that has attributes or children as well.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from math import inf
from pathlib import Path
from typing import Any, Protocol
from xml.etree.ElementTree import Element

import yaml

from apps.ingest.chunks.outcome import SEVERITIES, Finding
from apps.ingest.discogs.years import leading_number
from apps.ingest.sources.encoding import WHITE_SPACE

BUILTIN_RULES = Path(__file__).with_name("builtin_rules.yaml")
RECORD_TYPES = ("artists", "labels", "masters", "releases")
SECTIONS = ("skip_records", "filters", "rules")
SHOWN_CHARACTERS = 500
REMEMBERED_VALUES = 1000

FIELD = re.compile(r"(?:[^\W\d][\w-]*\.)*(?:@?[^\W\d][\w-]*|#text)\Z")
CURRENT_YEAR = re.compile(r"current_year([+-][0-9]{1,4})?\Z")

Breaks = Callable[[str | None], bool]


class RulesError(Exception):
    """The rules file cannot be used as it is."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of applying the rules to one record.

    ``depends_on_today``: a filter removed a value that the same filter may keep in a later year.
    """

    findings: tuple[Finding, ...] = ()
    skipped: bool = False
    depends_on_today: bool = False


NOTHING_FOUND = Outcome()


@dataclass(frozen=True, slots=True)
class Field:
    """A dotted path: element names from the record down, then perhaps an attribute or the text of the last one."""

    name: str
    steps: tuple[str, ...]
    attribute: str | None
    is_leaf: bool  # ends in @name or #text

    def values(self, record: Element) -> list[str | None]:
        """Return all strings at the path; None for each place where an element or attribute is missing."""
        values: list[str | None] = []
        elements = [record]
        for step in self.steps:
            children: list[Element] = []
            for element in elements:
                if found := element.findall(step):
                    children += found
                else:
                    values.append(None)
            elements = children
        for element in elements:
            value = element.get(self.attribute) if self.attribute else _text(element)
            # An element with only attributes or children has no string, but it is not missing either.
            if value is not None or self.is_leaf or not (len(element) or element.attrib):
                values.append(value)
        return values

    def parent(self, record: Element) -> Element | None:
        """Return the element that contains the last step; None if a step before it is missing or repeated."""
        for step in self.steps[:-1]:
            found = record.findall(step)
            if len(found) != 1:
                return None
            record = found[0]
        return record


@dataclass(frozen=True, slots=True)
class Range:
    """Inclusive bounds. In the ``fixed`` ones, a bound that depends on the current year is infinite."""

    low: float
    high: float
    fixed_low: float
    fixed_high: float

    def excludes(self, number: float) -> bool:
        return not self.low <= number <= self.high

    def excludes_for_good(self, number: float) -> bool:
        return not self.fixed_low <= number <= self.fixed_high


@dataclass(frozen=True, slots=True)
class Skip:
    """An entry of ``skip_records``: skips a record whose field contains a text, whatever its case."""

    field: Field
    contains: str
    reason: str

    def finding(self, record: Element) -> Finding | None:
        for value in self.field.values(record):
            if value and self.contains in value.casefold():
                return _finding("skip", "info", self.field, value, self.reason)
        return None


def remember(sound: set[str | None], value: str | None) -> None:
    """Add a value to those that passed, up to ``REMEMBERED_VALUES``, so that the set cannot grow with the dump."""
    if len(sound) < REMEMBERED_VALUES:
        sound.add(value)


class Filter(Protocol):
    """An entry of ``filters``: changes the record, adds findings, returns whether the current year decided."""

    def apply(self, record: Element, findings: list[Finding]) -> bool: ...


@dataclass(frozen=True, slots=True)
class RemoveMatching:
    """A filter that removes elements whose text matches; their container stays, perhaps empty."""

    field: Field
    pattern: re.Pattern[str]
    reason: str
    sound: set[str | None]  # values that stay

    def apply(self, record: Element, findings: list[Finding]) -> bool:
        parent = self.field.parent(record)
        if parent is None:
            return False
        for child in parent.findall(self.field.steps[-1]):
            if child.text in self.sound and not len(child):
                continue
            text = _text(child)
            if text is None or len(child) or child.attrib:
                continue
            if not self.pattern.search(text):
                remember(self.sound, text)
                continue
            parent.remove(child)
            findings.append(_finding("filter", "info", self.field, text, self.reason))
        return False


@dataclass(frozen=True, slots=True)
class NullifyOutside:
    """A filter that removes the text of an element whose number is out of bounds; its attributes stay."""

    field: Field
    range: Range
    reason: str

    def apply(self, record: Element, findings: list[Finding]) -> bool:
        parent = self.field.parent(record)
        found = [] if parent is None else parent.findall(self.field.steps[-1])
        if len(found) != 1 or len(found[0]) or (text := found[0].text) is None:
            return False
        number = leading_number(text)
        if number is None or not self.range.excludes(number):
            return False
        found[0].text = None
        # Discogs writes 0 for "unknown", in some 170,000 masters of a dump. That deserves no finding.
        if text.strip(WHITE_SPACE + "0"):
            findings.append(_finding("filter", "info", self.field, text, self.reason))
        return not self.range.excludes_for_good(number)


@dataclass(frozen=True, slots=True)
class Check:
    """An entry of ``rules``: notes each value that breaks its condition and changes nothing."""

    name: str
    severity: str
    description: str
    is_broken_by: Breaks


@dataclass(frozen=True, slots=True)
class FieldChecks:
    """All checks of one field, grouped so that the field is looked up once for each record."""

    field: Field
    checks: tuple[Check, ...]
    sound: set[str | None]  # values that broke none of them: genres and dates come again and again

    def apply(self, record: Element, findings: list[Finding]) -> None:
        for value in self.field.values(record):
            if value in self.sound:
                continue
            broken = [check for check in self.checks if check.is_broken_by(value)]
            findings += (_finding(each.name, each.severity, self.field, value, each.description) for each in broken)
            if not broken:
                remember(self.sound, value)


@dataclass(frozen=True, slots=True)
class TypeRules:
    """The rules of the file for one record type."""

    skips: tuple[Skip, ...]
    filters: tuple[Filter, ...]
    checks: tuple[FieldChecks, ...]

    def apply(self, record: Element) -> Outcome:
        for skip in self.skips:
            if skipped := skip.finding(record):
                return Outcome((skipped,), skipped=True)
        findings: list[Finding] = []
        depends_on_today = False
        for entry in self.filters:
            depends_on_today |= entry.apply(record, findings)
        for checks in self.checks:
            checks.apply(record, findings)
        if findings or depends_on_today:
            return Outcome(tuple(findings), depends_on_today=depends_on_today)
        return NOTHING_FOUND


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one file.

    ``digest`` is a SHA-256 over the rules. It depends neither on the layout of the file nor on the current year.
    """

    digest: bytes
    types: Mapping[str, TypeRules]

    def apply(self, record_type: str, element: Element) -> Outcome:
        """Apply skips, filters and checks to one record. Filters remove values from ``element`` itself.

        ``record_type`` is ``artists``, ``labels``, ``masters`` or ``releases``.
        """
        return self.types[record_type].apply(element)


def load(path: Path | str | None, today_year: int | None = None) -> Rules:
    """Read a rules file, or the built-in one for None. ``today_year`` defaults to the current year in UTC.

    Raises:
        RulesError: The file does not exist, or a part of it is unknown, missing or of the wrong type.
    """
    file = BUILTIN_RULES if path is None else Path(path)
    year = datetime.now(UTC).year if today_year is None else today_year
    content = _mapping(_read(file), f"{file}", SECTIONS)
    types = {record_type: _type_rules(content, record_type, file, year) for record_type in RECORD_TYPES}
    # Hashed as sorted JSON, before ``current_year`` is replaced: comments and the turn of a year change nothing.
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return Rules(hashlib.sha256(canonical.encode()).digest(), types)


@dataclass(frozen=True, slots=True)
class Entry:
    """One mapping of the file, its place in the file for error messages, and the value of ``current_year``."""

    content: dict[str, Any]
    place: str
    year: int

    def error(self, problem: str) -> RulesError:
        return RulesError(f"{self.place}: {problem}")

    def inner(self, key: str) -> "Entry":
        place = f"{self.place}, {key}"
        return Entry(_mapping(self.content[key], place), place, self.year)

    def allow(self, *keys: str) -> None:
        _mapping(self.content, self.place, keys)

    def text(self, key: str) -> str:
        value = self.content.get(key)
        if not isinstance(value, str) or not value:
            raise self.error(f"{key} must be a text, not {value!r}")
        return value

    def choice(self, key: str, choices: Mapping[str, Any] | tuple[str, ...]) -> str:
        value = self.text(key)
        if value not in choices:
            raise self.error(f"{key} must be one of {', '.join(choices)}, not {value!r}")
        return value

    def pattern(self, key: str) -> re.Pattern[str]:
        try:
            return re.compile(self.text(key))
        except (re.error, OverflowError) as error:
            raise self.error(f"{key} is no regular expression ({error})") from error

    def field(self) -> Field:
        name = self.text("field")
        if not FIELD.match(name):
            raise self.error(f"field {name!r} is no dotted path of names, perhaps with @name or #text at its end")
        *steps, last = name.split(".")
        is_leaf = last[0] in "@#"
        return Field(name, tuple(steps if is_leaf else [*steps, last]), last[1:] if last[0] == "@" else None, is_leaf)

    def element_field(self) -> Field:
        field = self.field()
        if field.is_leaf:
            raise self.error(f"field {field.name!r} must name an element: filters leave attributes alone")
        return field

    def moves(self, key: str) -> bool:
        return isinstance(self.content.get(key), str)

    def bound(self, key: str, default: float) -> float:
        value = self.content.get(key)
        if value is None:
            return default
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        if isinstance(value, str) and (match := CURRENT_YEAR.match(value)):
            return self.year + int(match[1] or 0)
        raise self.error(f"{key} must be a whole number or current_year with an offset, not {value!r}")

    def range(self, low_key: str, high_key: str) -> Range:
        low, high = self.bound(low_key, -inf), self.bound(high_key, inf)
        if low == -inf and high == inf:
            raise self.error(f"a {self.content['type']} needs {low_key} or {high_key}")
        return Range(low, high, -inf if self.moves(low_key) else low, inf if self.moves(high_key) else high)


def _text(element: Element) -> str | None:
    text = element.text
    if len(element):
        text = "".join([text or "", *(child.tail or "" for child in element)])
    return text if text and text.strip(WHITE_SPACE) else None


def _finding(rule: str, severity: str, field: Field, value: str | None, reason: str) -> Finding:
    return Finding(rule, severity, field.name, value and value[:SHOWN_CHARACTERS], reason)


class UniqueKeyLoader(yaml.SafeLoader):
    """A YAML loader that refuses a repeated key; PyYAML would silently drop the rules under the first."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002
        keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        if twice := {key for key in keys if keys.count(key) > 1}:
            raise yaml.constructor.ConstructorError(None, None, f"{', '.join(twice)} given twice", node.start_mark)
        return super().construct_mapping(node, deep)


def _read(file: Path) -> object:
    if file.suffix not in (".yaml", ".yml"):
        raise RulesError(f"{file}: the name of a rules file must end in .yaml or .yml")
    try:
        return UniqueKeyLoader(file.read_bytes()).get_single_data()
    except OSError as error:
        raise RulesError(f"{file}: cannot be read ({error.strerror})") from error
    # PyYAML raises ValueError for an impossible date, such as 2020-13-45 without quotes.
    except (yaml.YAMLError, ValueError) as error:
        raise RulesError(f"{file}: is no YAML ({' '.join(str(error).split())})") from error


def _mapping(value: object, place: str, allowed: tuple[str, ...] | None = None) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise RulesError(f"{place}: must be a mapping, not {value!r}")
    for key in value:
        if not isinstance(key, str) or (allowed is not None and key not in allowed):
            raise RulesError(f"{place}: unknown key {key!r}" + (f", known are {', '.join(allowed)}" if allowed else ""))
    return value


def _entries(content: dict[str, Any], section: str, record_type: str, file: Path, year: int) -> list[Entry]:
    entries = _mapping(content.get(section), f"{file}, {section}", RECORD_TYPES).get(record_type) or []
    place = f"{file}, {section}, {record_type}"
    if not isinstance(entries, list):
        raise RulesError(f"{place}: must be a list, not {entries!r}")
    places = [f"{place}, entry {number}" for number in range(1, len(entries) + 1)]
    return [Entry(_mapping(entry, place), place, year) for entry, place in zip(entries, places, strict=True)]


def _type_rules(content: dict[str, Any], record_type: str, file: Path, year: int) -> TypeRules:
    skips, filters, rules = (_entries(content, section, record_type, file, year) for section in SECTIONS)
    by_field: dict[Field, tuple[Check, ...]] = {}
    for entry in rules:
        field = entry.field()
        by_field[field] = (*by_field.get(field, ()), _check(entry))
    checks = tuple(FieldChecks(field, of_field, set()) for field, of_field in by_field.items())
    return TypeRules(tuple(map(_skip, skips)), tuple(map(_filter, filters)), checks)


def _skip(entry: Entry) -> Skip:
    entry.allow("field", "contains", "reason")
    return Skip(entry.field(), entry.text("contains").casefold(), entry.text("reason"))


def _filter(entry: Entry) -> Filter:
    entry.allow("field", "remove_matching", "nullify_when", "reason")
    field, reason = entry.element_field(), entry.text("reason")
    if ("remove_matching" in entry.content) == ("nullify_when" in entry.content):
        raise entry.error("a filter has either remove_matching or nullify_when")
    if "remove_matching" in entry.content:
        return RemoveMatching(field, entry.pattern("remove_matching"), reason, set())
    condition = entry.inner("nullify_when")
    condition.allow("type", "below", "above")
    condition.choice("type", ("range",))
    return NullifyOutside(field, condition.range("below", "above"), reason)


def _check(entry: Entry) -> Check:
    entry.allow("name", "severity", "description", "field", "condition")
    name, severity = entry.text("name"), entry.choice("severity", SEVERITIES)
    return Check(name, severity, entry.text("description"), _condition(entry))


def _condition(entry: Entry) -> Breaks:
    if "condition" not in entry.content:
        raise entry.error("condition is missing")
    condition = entry.inner("condition")
    return CONDITIONS[condition.choice("type", CONDITIONS)](condition)


def _build_required(condition: Entry) -> Breaks:
    condition.allow("type")
    return lambda value: not value


def _build_range(condition: Entry) -> Breaks:
    condition.allow("type", "min", "max")
    excludes = condition.range("min", "max").excludes
    return lambda value: value is not None and (number := leading_number(value)) is not None and excludes(number)


def _build_regex(condition: Entry) -> Breaks:
    condition.allow("type", "pattern")
    search = condition.pattern("pattern").search
    return lambda value: value is not None and search(value) is not None


def _build_length(condition: Entry) -> Breaks:
    condition.allow("type", "min", "max")
    if condition.moves("min") or condition.moves("max"):
        raise condition.error("min and max of a length must be whole numbers")
    excludes = condition.range("min", "max").excludes
    return lambda value: value is not None and excludes(len(value))


def _build_enum(condition: Entry) -> Breaks:
    condition.allow("type", "values")
    values = condition.content.get("values")
    if not isinstance(values, list) or not values or not all(isinstance(value, str) for value in values):
        raise condition.error(f"values must be a list of texts, not {values!r}")
    known = frozenset(values)
    return lambda value: value is not None and value not in known


CONDITIONS: dict[str, Callable[[Entry], Breaks]] = {
    "required": _build_required,
    "range": _build_range,
    "regex": _build_regex,
    "length": _build_length,
    "enum": _build_enum,
}
