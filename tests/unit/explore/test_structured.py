"""What a page is about, for machines."""

import json
import re

from apps.explore.answers import releases
from apps.explore.pages import structured

SITE = "https://music.example"


def read(written):
    return json.loads(re.fullmatch(r'<script type="application/ld\+json">(.*)</script>', written)[1])


def test_a_name_cannot_end_the_element():
    written = structured.script({"name": "</script><script>alert(1)</script><!-- & \u2028"})

    assert written.count("<") == 2
    assert read(written)["name"] == "</script><script>alert(1)</script><!-- & \u2028"


def test_what_has_no_value_is_left_out():
    assert read(structured.script({"name": "x", "genre": [], "duration": "", "of": None, "count": 0})) == {
        "@context": "https://schema.org",
        "name": "x",
        "count": 0,
    }


def test_a_release_has_its_tracks_and_links():
    known = {"artist": {"1": "One"}, "label": {}, "master": {"5": "Ebbe"}}
    record = {
        "title": "Ebbe",
        "artists": [{"id": "1", "name": "One"}],
        "labels": [{"id": "7", "name": "Deich", "catno": "D 1"}],
        "master_id": "5",
        "released": "1994-09-00",
        "tracklist": [{"title": "Part one"}, {"position": "A", "title": "Flut", "duration": "3:05"}],
    }

    found = structured.release({"id": "9", **releases.describe_record(record, known)}, SITE)

    assert found["@id"] == f"{SITE}/release/9-ebbe"
    assert found["datePublished"] == "1994-09"
    assert found["recordLabel"] == [{"@type": "Organization", "name": "Deich"}]
    assert found["track"]["itemListElement"] == [
        {"@type": "ListItem", "position": 1, "item": {"@type": "MusicRecording", "name": "Flut", "duration": "PT3M5S"}}
    ]
    assert found["releaseOf"]["byArtist"] == found["creditedTo"]
