"""Read years from Discogs' dates, which are free text: ``1981``, ``1981-04-00``, ``20061014``, ``1980s``."""

import re
from functools import lru_cache

from apps.ingest.sources.encoding import WHITE_SPACE

EARLIEST_YEAR = 1860

# Eight digits are YYYYMMDD. Read as one number, they would be beyond every bound.
YEAR_OF_DATE = re.compile(r"[0-9]{4}(?=[0-9]{4}\Z|[-/. T])")
WHOLE_NUMBER = re.compile(r"[+-]?[0-9]+\Z")


def year(value: str | int | None, current_year: int) -> int | None:
    """Return the year at the beginning of a ``year`` or ``released`` value; None outside 1860 … next year.

    Four leading ASCII digits are a year, whatever follows: ``1980s`` is 1980; ``200?`` and ``196`` are None.
    """
    found = _leading_year(value) if isinstance(value, str) else value
    return found if found is not None and EARLIEST_YEAR <= found <= current_year + 1 else None


# Millions of releases share some thousand dates. A lookup in the cache costs a sixth of a match.
@lru_cache(maxsize=8192)
def leading_number(text: str) -> float | None:
    """Return the number in a text that range rules compare with their bounds; None if there is none.

    The number is a whole number, the year of ``YYYYMMDD``, or exactly four digits before ``-``, ``/``, ``.``, a blank
    or ``T``. So ``05/1999``, ``1980s`` and digits of other scripts give None, and filters leave them alone.
    """
    trimmed = text.strip(WHITE_SPACE)
    match = YEAR_OF_DATE.match(trimmed) or WHOLE_NUMBER.match(trimmed)
    # int() refuses more than 4,300 digits. float() makes them infinite, which is beyond every bound as well.
    return float(match[0]) if match else None


def _leading_year(text: str) -> int | None:
    digits = text.strip(WHITE_SPACE)[:4]
    return int(digits) if len(digits) == 4 and digits.isascii() and digits.isdigit() else None
