"""What a page says when it cannot answer."""

from rest_framework.exceptions import NotFound

from apps.explore.answers.records import Gone
from apps.explore.pages import states


def test_what_left_the_catalogue_is_told_from_what_was_never_there():
    assert states.describe_failure(Gone("Release 1 is no longer in the dump")).status == 410
    assert states.describe_failure(Gone("")).title == "It has left the catalogue."
    assert states.describe_failure(NotFound()).status == 404
