"""Fields of parameters as the API reads them from a query, a path or a body (docs/contract/rest.md#parameters).

Their errors have DRF's codes; ``apps.api.validation`` says them in the words of the contract.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Any, ClassVar

from django.core.validators import ProhibitNullCharactersValidator
from rest_framework import serializers
from rest_framework.fields import empty

INTEGER = re.compile(r"\s*([+-]?[0-9]+(?:_[0-9]+)*)(?:\.0+)?\s*")
FLOAT = re.compile(
    r"\s*[+-]?(?:[0-9]+\.?[0-9]*(?:e[+-]?[0-9]+)?|\.[0-9]+(?:e[+-]?[0-9]+)?|inf(?:inity)?|nan)\s*", re.IGNORECASE
)
LARGEST = 2**63 - 1
# Digits beyond which a number is out of every bound. Python refuses to read more than some thousand.
MOST_DIGITS = 40
WORDS = {
    **dict.fromkeys(("true", "1", "yes", "on", "t", "y"), True),
    **dict.fromkeys(("false", "0", "no", "off", "f", "n"), False),
}


class Text(serializers.CharField):
    """A text as it was sent: blanks count, and it may be empty. ``for_sql``: PostgreSQL reads it, which has no NUL.

    ``choices`` are for the schema: endpoints refuse other words themselves, with 400 and after the limits.
    """

    default_error_messages = {"string_type": "Input should be a valid string"}

    def __init__(self, *, for_sql: bool = False, choices: Iterable[str] = (), **options: Any) -> None:
        super().__init__(trim_whitespace=False, allow_blank="min_length" not in options, **options)
        self.choices = tuple(choices)
        if not for_sql:
            self.validators = [
                each for each in self.validators if not isinstance(each, ProhibitNullCharactersValidator)
            ]

    def run_validation(self, data: Any = empty) -> Any:
        """Validate; CharField itself would refuse an empty text, and take a number of a body for one."""
        if data is not empty and not isinstance(data, str):
            self.fail("string_type")
        return super(serializers.CharField, self).run_validation(data)


class Integer(serializers.IntegerField):
    """An integer. ``largest`` is that of 64 bits where nothing else is said."""

    default_error_messages = {"int_parsing": "Input should be a valid integer"}

    def __init__(self, **options: Any) -> None:
        options.setdefault("max_value", LARGEST)
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> int:
        """Read digits as a query has them."""
        match = INTEGER.fullmatch(data) if isinstance(data, str) else None
        if match is None:
            self.fail("int_parsing")
        digits = match[1].replace("_", "")
        return int(digits[:MOST_DIGITS])


class Float(serializers.FloatField):
    """A decimal number."""

    default_error_messages = {"float_parsing": "Input should be a valid number"}

    def to_internal_value(self, data: Any) -> float:
        """Read a number; one that is none (``nan``) is below every bound."""
        if not isinstance(data, str) or not FLOAT.fullmatch(data):
            self.fail("float_parsing")
        # Blanks that a pattern takes for such, as the separator 0x1C, ``float`` does not.
        number = float(data.strip())
        return -math.inf if math.isnan(number) else number


class Boolean(serializers.BooleanField):
    """Yes or no, in any of the words for it."""

    default_error_messages = {"bool_parsing": "Input should be a valid boolean"}

    def to_internal_value(self, data: Any) -> bool:
        """Read a word."""
        word = WORDS.get(data.lower()) if isinstance(data, str) else None
        if word is None:
            self.fail("bool_parsing")
        return word


class CommaList(Text):
    """Entries between commas, trimmed, empty ones dropped."""

    def to_internal_value(self, data: Any) -> Any:
        """Return the entries in order."""
        text = super().to_internal_value(data)
        return [entry for each in text.split(",") if (entry := each.strip())]

    def run_validators(self, value: Any) -> None:
        """Look at the entries as at one text."""
        super().run_validators(",".join(value))


class NamesOrIds(serializers.Serializer[Any]):
    """Parameters of which some names may be left out where their ids are given; an empty id is none."""

    # Name → its id.
    ids: ClassVar[dict[str, str]]

    def __init__(self, instance: Any = None, data: Any = empty, **options: Any) -> None:
        super().__init__(instance, data, **options)
        for name, id_ in self.ids.items():
            # The schema says of neither that it must be there.
            self.fields[name].required = data is not empty and not data.get(id_)
