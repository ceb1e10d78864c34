"""Random sequences of months: see ``tests.months``. ``make fuzz-months`` plays thousands of them."""

from pathlib import Path

import pytest
from neo4j import Session

from tests.months.story import Story, WrongError

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("seed", range(1, 21))
def test_a_story_of_months_ends_as_a_fresh_load_of_its_last_state(seed: int, graph: Session, tmp_path: Path) -> None:
    story = Story(seed, tmp_path)
    try:
        story.tell()
    except WrongError as wrong:
        pytest.fail("\n".join([*story.lines, str(wrong), f"Again: make fuzz-months SEED={seed} COUNT=1"]))
