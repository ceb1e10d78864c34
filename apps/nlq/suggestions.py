"""Suggested questions: about the entity in focus, or about the pane of the site that is open."""

from __future__ import annotations

FOCUS_CHARACTERS = 120

DEFAULT_PANE = "explore"
OF_PANES = {
    DEFAULT_PANE: (
        "How is Miles Davis connected to Björk?",
        "Who has worked with Brian Eno?",
        "Which artists are similar to Massive Attack?",
        "Which labels are similar to Blue Note?",
        "Which styles does Electronic have?",
    ),
    "trends": (
        "When did Disco have the most releases?",
        "How many Techno releases were there in each year?",
        "In which years was Kraftwerk most active?",
        "How has Blue Note released over the decades?",
    ),
    "insights": (
        "How many artists and releases are there?",
        "Which genre has the most releases?",
        "What are the largest styles of Rock?",
        "What is typical of the label Blue Note?",
    ),
    "genres": (
        "Which styles does Jazz have?",
        "Which genre has the most releases?",
        "How many releases of Dub are there?",
        "How has Ambient grown over the years?",
    ),
    "credits": (
        "What did Rudy Van Gelder work on?",
        "Show me the credits of Quincy Jones",
        "Who has worked with Conny Plank?",
        "How is Butch Vig connected to Nirvana?",
    ),
}

DEFAULT_TYPE = "artist"
OF_TYPES = {
    DEFAULT_TYPE: (
        "Who has worked with {focus}?",
        "Which artists are similar to {focus}?",
        "In which years did {focus} have the most releases?",
        "How is {focus} connected to Miles Davis?",
        "Show me the credits of {focus}",
    ),
    "label": (
        "What is typical of the label {focus}?",
        "Which labels are similar to {focus}?",
        "In which years did {focus} have the most releases?",
        "Which genres does {focus} release?",
    ),
    "genre": (
        "Which styles does {focus} have?",
        "When did {focus} have the most releases?",
        "How many releases of {focus} are there?",
        "How is {focus} connected to Miles Davis?",
    ),
    "style": (
        "Which genres does {focus} belong to?",
        "When did {focus} have the most releases?",
        "How many releases of {focus} are there?",
        "How is {focus} connected to Miles Davis?",
    ),
}


def read_topic(pane: str, focus: str | None, focus_type: str | None) -> tuple[str, str, str]:
    """Return (pane, focus, type of the focus), normalised; focus and type are empty unless both are given."""
    focus, focus_type = (focus or "").strip()[:FOCUS_CHARACTERS], (focus_type or "").strip().lower()
    known = focus_type if focus_type in OF_TYPES else DEFAULT_TYPE
    pane = pane if pane in OF_PANES else DEFAULT_PANE
    return (pane, focus, known) if focus and focus_type else (pane, "", "")


def suggest_questions(pane: str, focus: str, focus_type: str) -> dict[str, list[str]]:
    """Return four to six questions, ``{suggestions}``: about the focus if there is one, else about the pane."""
    if focus:
        return {"suggestions": [text.format(focus=focus) for text in OF_TYPES[focus_type]]}
    return {"suggestions": list(OF_PANES[pane])}
