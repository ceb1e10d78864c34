"""Text of a language model as it may be shown: Markdown without HTML and without links."""

from __future__ import annotations

import re

MOST_CHARACTERS = 4_000
# Control characters but tab and line feed, and those that turn the direction of what follows.
UNWANTED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
# A tag, a comment or what may become one, closed or not.
TAG = re.compile(r"<(?=[a-z/!?])[^<>]*>?", re.IGNORECASE)
LINK = re.compile(r"!?\[([^\[\]]*)\]\((?:[^()]|\([^()]*\))*\)")
DEFINITION = re.compile(r"^[ \t]*\[[^\]\n]*\]:.*$", re.MULTILINE)
ADDRESS = re.compile(
    r"(?:\b[a-z][a-z0-9+.-]{1,20}://|\bwww\.|\b(?:javascript|data|mailto|vbscript):)\S*", re.IGNORECASE
)


def clean_summary(text: str) -> str:
    """Return a text of a model without HTML, links and addresses; of a link its words stay."""
    # No longer than it may be with some markup, which is searched more than once.
    text = UNWANTED.sub("", text[: 4 * MOST_CHARACTERS])
    # What is left of one may be another.
    while (less := LINK.sub(r"\1", TAG.sub("", text))) != text:
        text = less
    text = ADDRESS.sub("", DEFINITION.sub("", text))
    # Whatever is still written like a link is none.
    return text.replace("](", "] (").replace("][", "] [").strip()[:MOST_CHARACTERS].rstrip()


def clean_line(text: str) -> str:
    """Return a text of a model as one line."""
    return " ".join(clean_summary(text).split())
