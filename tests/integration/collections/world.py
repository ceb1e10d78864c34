"""A small catalogue for collections."""

from tests.records import artist, label, master, release

GENRES = {1: ["Rock"], 2: ["Rock", "Pop"], 3: ["Jazz"], 4: ["Rock"], 5: ["Jazz"], 6: ["Blues"]}


def catalogue(releases=range(1, 61)):
    """Sixty releases: artist n % 5 + 1, label n % 3 + 1, years from 1970 on, every tenth without one."""
    return {
        "artists": [artist(each, f"Artist {each}") for each in range(1, 6)],
        "labels": [label(1, "Label 1 & <1>"), label(2, "Label 2"), label(3, "Label 3")],
        "masters": [master(1, "Ebbe", artists=[1])],
        "releases": [make_release(each) for each in releases],
    }


def make_release(number):
    return release(
        number,
        f"Title {number}",
        artists=[number % 5 + 1],
        labels=[number % 3 + 1],
        genres=GENRES.get(number, ["Rock"]),
        styles=["Dub"] if number % 2 else [],
        released="" if number % 10 == 0 else str(1970 + number % 30),
        master_id=1 if number < 4 else 0,
        more='<formats><format name="Vinyl" qty="1" text=""/></formats>',
    )
