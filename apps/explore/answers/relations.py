"""The relationship of two neighbours in the graph, in words that stand between their names."""

from __future__ import annotations

import re

# (relationship, kind before, kind behind) → the words.
WORDS = {
    ("BY", "artist", "release"): "released",
    ("BY", "artist", "master"): "made",
    ("BY", "release", "artist"): "is by",
    ("BY", "master", "artist"): "is by",
    ("ON", "release", "label"): "came out on",
    ("ON", "label", "release"): "released",
    ("IS", "release", "genre"): "is",
    ("IS", "release", "style"): "is",
    ("IS", "master", "genre"): "is",
    ("IS", "master", "style"): "is",
    ("IS", "genre", "release"): "is the genre of",
    ("IS", "genre", "master"): "is the genre of",
    ("IS", "style", "release"): "is the style of",
    ("IS", "style", "master"): "is the style of",
    ("ALIAS_OF", "artist", "artist"): "is also known as",
    ("DERIVED_FROM", "release", "master"): "is an edition of",
    ("DERIVED_FROM", "master", "release"): "has the edition",
    ("SAME_AS", "person", "artist"): "is",
    ("SAME_AS", "artist", "person"): "is credited as",
}
MEMBER, GROUP = "is a member of", "has the member"
UNKNOWN = "is linked to"

DETAIL = re.compile(r"\[[^\]]*(?:\]|$)")
DONE_BY = re.compile(r"(.*(?:ed|written|cut|made|drawn))[ -]by", re.IGNORECASE)
MADE_BY = re.compile(r"(.+)[ -]by", re.IGNORECASE)
# Role → the verb in its past participle.
DOERS = {
    "producer": "produced",
    "co-producer": "co-produced",
    "executive-producer": "executive produced",
    "executive producer": "executive produced",
    "engineer": "engineered",
    "remix": "remixed",
    "composer": "composed",
    "arranger": "arranged",
    "conductor": "conducted",
    "lacquer cut": "cut",
    "performer": "performed",
    "songwriter": "written",
    "photography": "photographed",
    "photography by": "photographed",
    "design": "designed",
}
PAST = {"written": "wrote", "drawn": "drew"}
# Roles that are work other than playing, and have no verb above.
WORK = re.compile(
    r"art|a&r|cover|design|dj|illustrat|image|layout|liner|logo|management|manager|master|mix|promotion|publish|"
    r"record|research|sleeve|sound|supervis|technician|typograph|coordinator|director|editor|concept|other|paint",
    re.IGNORECASE,
)


def describe_relation(rel: str, before: str, behind: str) -> str:
    """Return the words between an entity of the kind ``before`` and the one that a relationship leads to."""
    return WORDS.get((rel, before, behind), UNKNOWN)


def describe_credit(role: str, *, is_release_first: bool) -> str:
    """Return the words between a release and who has a role on it: ``was produced by``, or ``produced`` the other way.

    Only the first of several roles counts.
    """
    part = " ".join(DETAIL.sub(" ", role).split(",")[0].split())
    done = DOERS.get(part.lower())
    # "Mastered By", "Written-By": the role has its verb in it.
    if match := DONE_BY.fullmatch(part):
        done = match[1].lower()
    if done:
        return f"was {done} by" if is_release_first else PAST.get(done, done)
    if part.lower() == "featuring":
        return "features" if is_release_first else "is featured on"
    if match := MADE_BY.fullmatch(part):
        return f"has {match[1].lower()} by" if is_release_first else f"is credited for {match[1].lower()} on"
    if not part:
        return "credits" if is_release_first else "is credited on"
    # Abbreviations such as "A&R" stay as they are; what is left is an instrument or a kind of work.
    name = part if part.isupper() or part.startswith("DJ") else part.lower()
    # "is on bass of" is said of an instrument, "is credited for artwork on" of work.
    if WORK.search(part):
        return f"credits for {name}" if is_release_first else f"is credited for {name} on"
    return f"has on {name}" if is_release_first else f"is on {name} of"
