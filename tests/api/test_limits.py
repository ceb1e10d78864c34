"""Rate limits: a window for each client and path, counted by all processes together.

Contract: docs/contract/rest.md#rate-limits.
"""

from concurrent.futures import ThreadPoolExecutor

import pytest

from apps.api import limits
from apps.api.limits import Limit
from tests.api.routes import ENDPOINTS

pytestmark = pytest.mark.django_db

PATH = "/api/autocomplete?q=mir"
# Limits → the operations that have them, as the contract and what was added to it say. All others have none.
OPERATIONS = {
    (Limit(1),): "askForCommunityCounts",
    (Limit(3),): "registerUser requestPasswordReset",
    (Limit(5),): "logIn logInAdmin confirmPasswordReset changePassword verifyRecoveryCode verifyEmail exportAccount"
    " deleteAccount listConnectedArtists listGenreDecades listOldestLabels listAnniversariesOfYear listCompleteness"
    " listRarityScores",
    (Limit(10),): "verifySecondFactor startSync askQuestion getEnrichmentStatus importCollection",
    (Limit(20, by_token=True),): "saveSnapshot",
    (Limit(30),): "completeNames listCollaborators getGenreTree searchCatalogue getLabelDna listSimilarLabels"
    " compareLabels listSimilarArtists exploreFromEntity listArtistNetwork getArtistCentrality listArtistClusters"
    " getMusicbrainzArtist listMusicbrainzArtistRelationships listMusicbrainzArtistLinks getArtistMetadata"
    " listArtistRelationships listArtistLinks getSnapshot listRoleLeaders listSharedCredits listConnectedPeople"
    " listRarityLeaders listHiddenGems listRareReleasesOfArtist listRareReleasesOfLabel getReleaseRarity",
    (Limit(60),): "listPersonCredits getPersonTimeline getPersonProfile listReleaseCredits getStatusStream getMetrics"
    " listServices listQueues listDatabases getQueuePrefixes",
    (Limit(60, by_token=True), Limit(600, limits.HOUR, by_token=True)): "listCollection getCollectionStats"
    " getCollectionTimeline",
    (Limit(100),): "listSuggestedQuestions",
    (Limit(120),): "completePeople",
}


def test_operations_have_the_limits_of_the_contract():
    limited = {each.operation: tuple(each.view.limits) for each in ENDPOINTS if each.view.limits}

    assert limited == {name: found for found, names in OPERATIONS.items() for name in names.split()}


def test_the_headers_tell_how_the_window_stands(site):
    client = "192.0.2.1"

    first, second = (site.get(PATH, client=client).headers for _ in range(2))

    assert (first["X-RateLimit-Limit"], first["X-RateLimit-Remaining"]) == ("30", "29")
    assert second["X-RateLimit-Remaining"] == "28"
    assert 55 < float(first["Retry-After"]) <= 60
    assert float(first["X-RateLimit-Reset"]) == pytest.approx(float(second["X-RateLimit-Reset"]), abs=0.5)


def test_one_request_too_many_is_refused_whichever_process_it_reaches(site):
    client = "192.0.2.2"
    with ThreadPoolExecutor(10) as many:
        statuses = list(many.map(lambda _: site.get(PATH, client=client).status_code, range(34)))

    refused = site.get(PATH, client=client)

    assert (statuses.count(200), statuses.count(429)) == (30, 4)
    assert refused.json() == {"error": "Rate limit exceeded: 30 per 1 minute"}
    assert refused.headers["X-RateLimit-Remaining"] == "0"
    assert refused.headers["Retry-After"]


def test_what_cannot_be_read_does_not_count_and_tells_nothing(site):
    client = "192.0.2.3"

    headers = [site.get("/api/autocomplete?q=x", client=client).headers for _ in range(31)][-1]

    assert "X-RateLimit-Limit" not in headers
    assert site.get(PATH, client=client).status_code == 200


def test_an_error_of_the_endpoint_counts_and_tells(site):
    assert site.get(f"{PATH}&type=nope", client="192.0.2.4").headers["X-RateLimit-Remaining"] == "29"


def test_a_path_without_a_limit_has_no_headers(site):
    assert "X-RateLimit-Limit" not in site.get("/api/trends?name=x").headers


def read_limit(path, limit, address, **headers):
    """Return what a request finds of a limit when it is counted."""
    (window,) = limits.count_request({"REMOTE_ADDR": address, **headers}, path, (limit,))
    return window.used


def test_each_path_and_each_limit_has_a_window_of_its_own():
    minute, hour = Limit(30), Limit(600, limits.HOUR)
    asked = (("/a/1", minute), ("/a/1", minute), ("/a/2", minute), ("/a/1", hour))

    assert [read_limit(path, limit, "192.0.2.5") for path, limit in asked] == [1, 2, 1, 1]


def test_the_addresses_of_an_ipv6_network_count_together():
    addresses = ("2001:db8::1", "2001:db8::ffff:1", "2001:db8:0:1::1", "::ffff:192.0.2.9", "192.0.2.9")

    assert [read_limit("/six", Limit(30), address) for address in addresses] == [1, 2, 1, 1, 2]


def test_a_request_counts_against_all_limits_at_once():
    both = (Limit(2), Limit(600, limits.HOUR))
    found = [limits.count_request({"REMOTE_ADDR": "192.0.2.8"}, "/both", both) for _ in range(3)][-1]

    assert [(window.limit, window.used, window.is_exceeded) for window in found] == [
        (both[0], 3, True),
        (both[1], 3, False),
    ]
    assert 55 < found[0].seconds_left <= 60
    assert 3595 < found[1].seconds_left <= 3600


def test_a_token_counts_for_itself_and_without_one_the_address_does():
    limit = Limit(20, by_token=True)

    assert read_limit("/tokens", limit, "192.0.2.6", HTTP_AUTHORIZATION="Bearer one") == 1
    assert read_limit("/tokens", limit, "192.0.2.7", HTTP_AUTHORIZATION="bearer one") == 2
    assert read_limit("/tokens", limit, "192.0.2.6", HTTP_AUTHORIZATION="Bearer two") == 1
    assert read_limit("/tokens", limit, "192.0.2.6") == 1
    assert read_limit("/tokens", limit, "192.0.2.7") == 1
