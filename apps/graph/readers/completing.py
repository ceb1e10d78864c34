"""Names by the beginnings of their words."""

from __future__ import annotations

import re
import unicodedata

from apps.graph.cypher import completing as cypher
from apps.graph.reading import Rows, rows

STATEMENTS = {
    "artist": cypher.COMPLETE_ARTIST,
    "genre": cypher.COMPLETE_GENRE,
    "label": cypher.COMPLETE_LABEL,
    "person": cypher.COMPLETE_PERSON,
    "style": cypher.COMPLETE_STYLE,
}
# Hits that are put in order. All score the same, and the index gives the oldest first; sorting all that begin with
# "the" would take seconds.
CANDIDATES = 100

# What the index takes for a word. Its analyzer follows Unicode: each Chinese character and each hiragana is a word of
# its own; ``'``, ``.``, ``:`` and ``_`` hold letters together, ``.`` and ``,`` digits.
IDEOGRAPH = "\u3005-\u3007\u3041-\u309f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
LETTER = rf"[^\W\d_{IDEOGRAPH}]"
WORD = re.compile(
    rf"[{IDEOGRAPH}]|(?:[^\W{IDEOGRAPH}]|(?<={LETTER})['’.:·](?={LETTER})|(?<=\d)[.,;](?=\d))+",
)
# Signs that may be within a word. Any other one ends it.
JOINING = "'’.:·,;"
SPECIAL = re.compile(r'([+\-&|!(){}\[\]^"~*?:\\/])')


def complete(kind: str, text: str, limit: int) -> Rows:
    """Return up to ``limit`` entities ``{id, name, score}`` whose names have words that begin with those of a text.

    Every word of the text must begin some word of the name, or be one if a sign ends it, as in ``C++``; upper and lower
    case are the same. A person has no id.
    """
    query = lucene(text)
    if not query:
        return []
    return rows(STATEMENTS[kind], query=query, candidates=max(CANDIDATES, limit), limit=limit)


def lucene(text: str) -> str:
    """Return the query for names with words that begin with those of a text; empty if it has none."""
    text = text.lower()
    return " AND ".join(clause(escape(word[0]), text[word.end() :]) for word in WORD.finditer(text))


def clause(word: str, rest: str) -> str:
    """Return the query for a word that has this behind it; whole words score as beginnings do."""
    is_whole = rest and rest[0] not in JOINING and unicodedata.category(rest[0])[0] in "PS"
    return f"[{word} TO {word}]" if is_whole else f"{word}*"


def escape(word: str) -> str:
    """Take from a word whatever the language of queries would see in it."""
    return SPECIAL.sub(r"\\\1", word)
