"""Panes of a site whose graph or tables are away: what they say, and which of them do without."""

import pytest

from tests.pages.catalogue import ANTI_EP, LONG_LIVED, R_AND_S

pytestmark = pytest.mark.django_db

# Nobody listens there.
NOWHERE = "127.0.0.1:1"


@pytest.fixture(scope="module")
def without_graph(loaded, tmp_path_factory):
    from tests.api.site import run_site  # noqa: PLC0415 - settings can be read only when the servers run

    with run_site(tmp_path_factory.mktemp("away") / "site.log", NEO4J_URL=f"bolt://{NOWHERE}") as found:
        yield found


@pytest.fixture(scope="module")
def without_tables(loaded, tmp_path_factory):
    from tests.api.site import run_site  # noqa: PLC0415

    variables = {"DATABASE_URL": f"postgresql://nobody:none@{NOWHERE}/none"}
    with run_site(tmp_path_factory.mktemp("away") / "site.log", **variables) as found:
        yield found


# With names that no other test asks for: these are in no cache.
@pytest.mark.parametrize("path", ["/credits/?name=Fresh", "/credits/?name=Fresh&with=Other", "/dna/?name=Fresh"])
def test_panes_of_the_graph_say_that_it_starts(without_graph, path):
    response = without_graph.get(path)

    assert response.status_code == 503
    assert response.headers["Retry-After"] == "5"
    assert "The graph is starting." in response.text
    assert "Try again" in response.text


def test_insights_do_without_the_graph(without_graph):
    response = without_graph.get("/insights/")

    assert response.status_code == 200
    assert "not computed yet" in response.text


def test_insights_say_that_the_tables_are_away(without_tables):
    response = without_tables.get("/insights/")

    assert response.status_code == 503
    assert "The catalogue is starting." in response.text


@pytest.mark.parametrize("path", ["/genres/", f"/label/{R_AND_S}/dna/", "/credits/?name=Sean+Booth"])
def test_panes_of_the_graph_do_without_the_tables(without_tables, path):
    assert without_tables.get(path).status_code == 200


def test_a_release_is_whole_without_the_graph(without_graph):
    response = without_graph.get(f"/release/{ANTI_EP}")

    assert response.status_code == 200
    assert "WAP54" in response.text
    assert "The graph is starting." not in response.text


@pytest.mark.parametrize(
    "path", [f"/artist/{LONG_LIVED}?order=newest", f"/label/{R_AND_S}?after=1990-1", "/master/1315"]
)
def test_a_page_shows_its_record_without_the_graph(without_graph, path):
    response = without_graph.get(path)

    assert response.status_code == 200
    assert "The graph is starting." in response.text
    assert "Open on Discogs" in response.text


@pytest.mark.parametrize("path", ["/style/Fresh/", "/person/Fresh/"])
def test_pages_without_a_record_say_that_the_graph_starts(without_graph, path):
    assert without_graph.get(path).status_code == 503


@pytest.mark.parametrize("path", [f"/release/{ANTI_EP}", f"/artist/{LONG_LIVED}"])
def test_pages_of_records_say_that_the_tables_are_away(without_tables, path):
    response = without_tables.get(path)

    assert response.status_code == 503
    assert "The catalogue is starting." in response.text
