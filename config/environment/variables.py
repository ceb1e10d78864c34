"""Read settings from environment variables and refuse wrong ones (decision 50).

An error says the variable's name, what it takes, and an example. An empty variable counts as not given, except that an
empty list is a list without entries.
"""

from __future__ import annotations

import base64
import builtins
import math
import re
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Generic, TypeVar
from urllib.parse import SplitResult, urlsplit

from django.core.exceptions import ImproperlyConfigured
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

Value = TypeVar("Value")

YES = ("yes", "true", "on", "1", "y", "t")
NO = ("no", "false", "off", "0", "n", "f")
KEY_BYTES = 32


@dataclass(frozen=True)
class Kind(Generic[Value]):
    """A kind of value: a description, an example, and ``parse``, which returns the value or raises ValueError."""

    takes: str
    example: str
    parse: Callable[[str], Value]


class Variables:
    """Reads settings by the names of their variables.

    Each method returns the default if the variable is not given, and raises ImproperlyConfigured if its value is wrong.
    The message shows the value unless it is a secret.
    """

    def __init__(self, values: Mapping[builtins.str, builtins.str], secrets: Container[builtins.str] = ()) -> None:
        self.values = values
        self.secrets = secrets

    def read(self, name: builtins.str, default: Value, kind: Kind[Value]) -> Value:
        """Return a value of the given kind."""
        text = self.values.get(name, "")
        return self._parse(name, text, kind) if text.strip() else default

    def str(self, name: builtins.str, *, default: builtins.str, kind: Kind[builtins.str] | None = None) -> builtins.str:
        """Return a text."""
        return self.read(name, default, kind or ANY_TEXT)

    def bool(self, name: builtins.str, *, default: builtins.bool) -> builtins.bool:
        """Return a yes or no as a boolean."""
        return self.read(name, default, YES_OR_NO)

    def int(
        self,
        name: builtins.str,
        *,
        default: builtins.int,
        least: builtins.int = 0,
        most: builtins.int | None = None,
        unit: builtins.str = "",
    ) -> builtins.int:
        """Return a whole number from ``least`` to ``most``."""
        return self.read(name, default, whole_number(least, most, unit=unit, example=f"{default}"))

    def float(
        self,
        name: builtins.str,
        *,
        default: builtins.float,
        above: builtins.float | None = None,
        most: builtins.float | None = None,
        unit: builtins.str = "",
    ) -> builtins.float:
        """Return a number above ``above``, or from 0 on without it, and at most ``most``."""
        return self.read(name, default, number(above, most, unit=unit, example=f"{default:g}"))

    def list(
        self, name: builtins.str, *, default: Sequence[builtins.str], each: Kind[builtins.str]
    ) -> builtins.list[builtins.str]:
        """Return the entries of a list that is separated by commas."""
        if name not in self.values:
            return [*default]
        entries = filter(None, map(str.strip, self.values[name].split(",")))
        return [self._parse(name, entry, each) for entry in entries]

    def _parse(self, name: builtins.str, text: builtins.str, kind: Kind[Value]) -> Value:
        try:
            return kind.parse(text)
        except ValueError:
            wrong = f"{name} is wrong" if name in self.secrets else f"{name} is {text!r}"
            example = f", such as {kind.example}" if kind.example else ""
            raise ImproperlyConfigured(f"{wrong}: give {kind.takes}{example}") from None


def whole_number(least: int, most: int | None, *, unit: str, example: str) -> Kind[int]:
    """Return the kind of whole numbers in a range, written in ASCII digits."""

    def parse(text: str) -> int:
        require(re.fullmatch(r"[+-]?[0-9]{1,18}", text.strip()))
        found = int(text)
        require(found >= least and (most is None or found <= most))
        return found

    limits = f"{least} or more" if most is None else f"from {least} to {most}"
    return Kind(f"a whole number{describe_unit(unit)}, {limits}", example, parse)


def number(above: float | None, most: float | None, *, unit: str, example: str) -> Kind[float]:
    """Return the kind of numbers in a range."""

    def parse(text: str) -> float:
        found = float(text)
        require(math.isfinite(found))
        require(found >= 0 if above is None else found > above)
        require(most is None or found <= most)
        return found

    limits = "0 or more" if above is None else f"above {above:g}"
    return Kind(
        f"a number{describe_unit(unit)}, {limits}{'' if most is None else f', at most {most:g}'}", example, parse
    )


def choice(words: Sequence[str]) -> Kind[str]:
    """Return the kind that takes one of these words."""
    return Kind(f"one of {', '.join(words)}", words[0], lambda text: words[words.index(text)])


def address(takes: str, example: str, schemes: Sequence[str], *, host: bool = True) -> Kind[str]:
    """Return the kind of URLs with one of these schemes. ``host``: whether a URL must have a host."""

    def parse(text: str) -> str:
        url = split(text)
        require(url.scheme in schemes and (url.hostname or (url.path and not host)))
        return text

    return Kind(takes, example, parse)


def pattern(takes: str, example: str, expression: str) -> Kind[str]:
    """Return the kind of texts that match a regular expression as a whole."""

    def parse(text: str) -> str:
        require(re.fullmatch(expression, text))
        return text

    return Kind(takes, example, parse)


def split(url: str) -> SplitResult:
    """Return the parts of a URL; raise ValueError for white space or an invalid port."""
    require(not re.search(r"\s", url))
    parts = urlsplit(url)
    require(parts.port is None or parts.port > 0)
    return parts


def require(holds: object) -> None:
    """Raise ValueError unless the argument is true."""
    if not holds:
        raise ValueError


def describe_unit(unit: str) -> str:
    """Return a unit as in " of seconds", or "" if there is none."""
    return f" of {unit}" if unit else ""


def parse_bool(text: str) -> bool:
    """Return the boolean of a word in ``YES`` or ``NO``."""
    word = text.strip().lower()
    require(word in YES or word in NO)
    return word in YES


def parse_database(text: str) -> str:
    """Check a libpq URI, which may name several hosts or a socket's folder, and return it."""
    require(text.startswith(("postgresql://", "postgres://")))
    try:
        ports = str(conninfo_to_dict(text).get("port", ""))
    except ProgrammingError as error:
        raise ValueError from error
    require(re.fullmatch(r"[0-9,]*", ports))
    return text


def parse_broker(text: str) -> str:
    """Check the address of a broker, or several of a cluster separated by semicolons, and return the text."""
    for each in text.split(";"):
        url = split(each)
        require(url.scheme in BROKER_SCHEMES and (url.hostname or url.path))
    return text


def parse_network(text: str) -> str:
    """Check an address or a network and return the text."""
    ip_network(text, strict=False)
    return text


def parse_proxy(text: str) -> str:
    """Check an address or a network of proxies, or ``*`` for any, and return the text.

    The host bits of a network must be zero, because gunicorn reads the same variable and wants it so.
    """
    require(text == "*" or ip_network(text))
    return text


def parse_key(text: str) -> str:
    """Check a key of 32 bytes in base64 and return the text."""
    require(len(base64.b64decode(text, validate=True)) == KEY_BYTES)
    return text


BROKER_SCHEMES = ("amqp", "amqps", "pyamqp", "redis", "rediss", "redis+socket")

ANY_TEXT = Kind("a text", "", str)
YES_OR_NO = Kind("yes or no", "", parse_bool)
NLQ_PROVIDER = choice(("anthropic", "openai"))
MODEL = pattern("the name of a model", "mistral-small:24b", r"[\w./:@+-]{1,200}")
LOG_LEVEL = choice(("INFO", "DEBUG", "WARNING", "ERROR", "CRITICAL"))
DATABASE = Kind("the address of a database", "postgresql://user:password@host:5432/linernotes", parse_database)
NEO4J = address(
    "the address of a Neo4j",
    "bolt://neo4j:password@host:7687",
    ("bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc"),
)
BROKER = Kind(
    "the address of a RabbitMQ, Redis or Valkey",
    "amqp://user:password@host:5672// or redis://:password@host:6379/0",
    parse_broker,
)
RESULTS = address(
    "the address of a Redis or Valkey",
    "redis://:password@host:6379/1",
    ("redis", "rediss", "redis+socket"),
    host=False,
)
CACHE = address(
    "the address of a Redis or Valkey", "redis://:password@host:6379/2", ("redis", "rediss", "unix"), host=False
)
SITE = address("the address of a site", "https://dumps.example/", ("http", "https"))
MAIL_SERVER = address("the address of a mail server", "smtp://user:password@host:587", ("smtp", "smtps"))
ORIGIN = pattern("origins, separated by commas", "https://music.example", r"https?://[\w.-]+(:[0-9]{1,5})?")
HOST = pattern(
    "names of hosts, separated by commas, without https:// and port",
    "music.example,.music.example,10.0.0.7",
    r"\*|\.?[\w-]+(\.[\w-]+)*|\[[0-9A-Fa-f:.]+\]",
)
NETWORK = Kind("addresses or networks, separated by commas", "10.0.0.0/8,::1", parse_network)
PROXY = Kind("addresses or networks of proxies, separated by commas", "10.0.0.0/8,::1", parse_proxy)
URL_PATH = pattern("a path of letters, digits, - and _", "admin", r"/*[\w-]+(/[\w-]+)*/*")
EXCHANGE = pattern("up to 100 letters, digits, dots, - and _", "linernotes-discogs", r"[A-Za-z0-9._-]{1,100}")
WHOLE_YEARS = pattern("years, separated by commas", "25,50,100", r"[1-9][0-9]{0,3}")
HEADER = pattern("a text of printable ASCII characters", "Linernotes (you@example.org)", r"[ -~]+")
KEY = Kind(
    f"{KEY_BYTES} bytes in base64",
    "what this prints: head -c 32 /dev/urandom | base64",
    parse_key,
)
