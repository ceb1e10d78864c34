"""Names by the beginnings of their words, the most likely ones first (decision 120)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from apps.graph import leading_names
from apps.graph.cypher import completing as cypher
from apps.graph.readers import entities
from apps.graph.reading import Rows, read_list

STATEMENTS = {
    "artist": cypher.COMPLETE_ARTIST,
    "genre": cypher.COMPLETE_GENRE,
    "label": cypher.COMPLETE_LABEL,
    "person": cypher.COMPLETE_PERSON,
    "style": cypher.COMPLETE_STYLE,
}
# For kinds with more names of one beginning than ``CANDIDATES``.
NAMESAKES = {
    "artist": cypher.NAMESAKES_OF_ARTISTS,
    "label": cypher.NAMESAKES_OF_LABELS,
    "person": cypher.NAMED_PERSON,
}
# Hits of the index that are read. More names than these begin with "the"; reading all would take seconds.
CANDIDATES = 1000

# What the index takes for a word: its analyzer follows Unicode: each Chinese character and each hiragana is a word of
# its own; ``'``, ``.``, ``:`` and ``_`` hold letters together, ``.`` and ``,`` digits. It cuts longer words.
WORD_CHARACTERS = 255
IDEOGRAPH = "\u3005-\u3007\u3041-\u309f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
LETTER = rf"[^\W\d_{IDEOGRAPH}]"
WORD = re.compile(
    rf"[{IDEOGRAPH}]|(?:[^\W{IDEOGRAPH}]|(?<={LETTER})['’.:·](?={LETTER})|(?<=\d)[.,;](?=\d)){{1,{WORD_CHARACTERS}}}",
)
# Signs that may be within a word. Any other one ends it.
JOINING = "'’.:·,;"
SPECIAL = re.compile(r'([+\-&|!(){}\[\]^"~*?:\\/])')
# The first of a text's different words that count: Lucene refuses some thousand.
MOST_WORDS = 100

# Id, name, and releases or, of people, credits. The id of genres, styles and people is None.
Hit = tuple[str | None, str, int]
# Unlikeness to the text, and minus the releases.
Place = tuple[int, int]


def complete_names(kind: str, text: str, limit: int) -> Rows:
    """Return up to ``limit`` entities ``{id, name, score}`` whose names have words that begin with those of a text.

    Every word of the text must begin some word of the name, or be one if a sign ends it, as in ``C++``; upper and lower
    case are the same. The order is that of ``sort_hits``. A person has no id. All score the same, as the index has it.
    """
    text = " ".join(text.split())
    score = compute_score(text)
    return [
        {**({} if kind == "person" else {"id": id_ or name}), "name": name, "score": score}
        for _, (id_, name, _) in find_best(kind, text, limit)
    ]


def complete_any(kinds: Iterable[str], text: str, limit: int) -> Rows:
    """Return up to ``limit`` entities ``{type, id, name, score}`` of several kinds in one order, as ``complete_names``.

    Between two that are as like the text and have as many releases, the order of the kinds decides.
    """
    text = " ".join(text.split())
    score = compute_score(text)
    found = [(place, kind, hit) for kind in kinds for place, hit in find_best(kind, text, limit)]
    found.sort(key=lambda each: each[0])
    return [
        {"type": kind, "id": id_ or name, "name": name, "score": score} for _, kind, (id_, name, _) in found[:limit]
    ]


def find_best(kind: str, text: str, limit: int) -> list[tuple[Place, Hit]]:
    """Return the first of what matches a text, each with its place."""
    hits = find_matches(kind, text, build_clauses(text), limit)
    # Nodes without a name are not in the index, but people see "Artist 123" and type it.
    if id_ := entities.find_nameless(kind, text):
        hits.add((id_, text, 0))
    return place_hits(hits, text)[:limit]


def compute_score(text: str) -> float:
    """Return the score of all matches of a text."""
    return float(max(len(build_clauses(text)), 1))


def find_matches(kind: str, text: str, clauses: list[str], limit: int) -> set[Hit]:
    """Return the matches of a text; if there are more than ``CANDIDATES``, the most likely ones are among them."""
    # All words, in any order: people type "twin aphex", and the second word is often only begun.
    query = " AND ".join(clauses)
    hits = read_list(STATEMENTS[kind], query=query, candidates=CANDIDATES) if query else []
    found: set[Hit] = set(map(tuple, hits))
    # The index gave all matches, unless it stopped at the limit. It has no name that is all signs, such as "!!!".
    if kind in NAMESAKES and (not query or len(hits) == CANDIDATES):
        ids = [id_ for id_, _, _ in sort_hits(found, text)[:limit]] if found else []
        ids += leading_names.find_ids(kind, text, limit) if found else []
        found.update(map(tuple, read_list(NAMESAKES[kind], name=text, ids=ids)))
    return found


def sort_hits(hits: Iterable[Hit], text: str) -> list[Hit]:
    """Return hits in the order of ``place_hits``."""
    return [hit for _, hit in place_hits(hits, text)]


def place_hits(hits: Iterable[Hit], text: str) -> list[tuple[Place, Hit]]:
    """Return hits with their places, in order.

    The exact name, names that begin with the text, others; then most releases, smallest id.

    If several share a name, the smallest id comes first, because it is the one that a name opens: it counts as many
    releases as the largest of them.
    """
    # Length before text makes the order of ids numeric: "9" comes before "10".
    by_id = sorted(hits, key=lambda hit: (len(hit[0]), hit[0]) if hit[0] else (0, hit[1]))
    first: dict[str, str | None] = {}
    most: dict[str, int] = {}
    for id_, name, releases in by_id:
        first.setdefault(name, id_)
        most[name] = max(releases, most.get(name, 0))

    def place(hit: Hit) -> Place:
        id_, name, releases = hit
        return measure_unlikeness(name, text), -(most[name] if first[name] == id_ else releases)

    return sorted(((place(hit), hit) for hit in by_id), key=lambda each: each[0])


def measure_unlikeness(name: str, text: str) -> int:
    """Return 0 for the exact name, 1 if only capitals differ, 2 for a name that begins with the text, else 3."""
    if name == text:
        return 0
    name, text = name.lower(), text.lower()
    return 1 if name == text else 2 if name.startswith(text) else 3


def build_clauses(text: str) -> list[str]:
    """Return the clauses, all of which must hold, for names with words that begin with those of a text."""
    text = text.lower()
    found = (
        build_clause(escape_word(text[word.start() : word.end()]), text[word.end() :])
        for word in WORD.finditer(replace_marks(text))
    )
    return list(dict.fromkeys(found))[:MOST_WORDS]


def replace_marks(text: str) -> str:
    """Return a text of the same length with a letter for each mark that belongs to the letter before it, as in भू."""
    if text.isascii():
        return text
    return "".join("a" if unicodedata.category(each)[0] == "M" else each for each in text)


def build_clause(word: str, rest: str) -> str:
    """Return the clause of a word: of the whole word if a sign follows it, else of its beginning."""
    is_whole = rest and rest[0] not in JOINING and unicodedata.category(rest[0])[0] in "PS"
    return f"[{word} TO {word}]" if is_whole else f"{word}*"


def escape_word(word: str) -> str:
    """Escape the special characters of Lucene's query language."""
    return SPECIAL.sub(r"\\\1", word)
