"""The admin's pages of figures in a browser: for everybody, in both themes, on a phone."""

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from tests.pages.elsewhere import elsewhere
from tests.pages.test_everywhere import AXE, RULES

pytestmark = pytest.mark.django_db

# What is ours on the page; the frame around it is Unfold's.
OURS = ["nav[aria-label=Range]", "section"]


EMAIL, PASSWORD = "figures@example.com", "right horse"


@contextmanager
def sampled():
    """Have a superuser and a day of samples."""
    from apps.dashboard.models import HealthSample, QueueSample  # noqa: PLC0415 - needs the servers
    from tests.users import forget_users, make_user  # noqa: PLC0415

    now = datetime.now(UTC)
    make_user(EMAIL, is_staff=True, is_superuser=True)
    times = [(number, now - timedelta(minutes=5 * number)) for number in range(200)]
    QueueSample.objects.bulk_create(
        QueueSample(at=at, queue="graphinator", ready=number * 7 % 90, consumers=2) for number, at in times
    )
    HealthSample.objects.bulk_create(
        HealthSample(at=at, server="postgresql", ok=True, ms=number % 9 + 1, sizes={"bytes": 10**9 - number * 10**6})
        for number, at in times
    )
    yield
    QueueSample.objects.all().delete()
    HealthSample.objects.all().delete()
    forget_users()


@pytest.fixture
def admin(site, page, messages, django_db_blocker):
    """Return what opens a page of figures, logged in."""

    def open_(name):
        page.goto(f"{site.url}{reverse(name)}", wait_until="networkidle")
        return page

    with elsewhere(django_db_blocker, sampled()):
        open_("admin:index")
        page.fill("[name=username]", EMAIL)
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_url(f"{site.url}{reverse('admin:index')}")
        yield open_
    # Unfold's own scripts.
    messages.clear()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_everybody_can_use_figures(admin, page, theme):
    page.emulate_media(color_scheme=theme)
    for name in ("figures_queues", "figures_health", "figures_storage", "figures_users"):
        admin(name)
        page.wait_for_function(
            "dark => document.documentElement.classList.contains('dark') === dark", arg=theme == "dark"
        )
        page.evaluate(AXE.read_text())
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        for width in (1440, 390):
            page.set_viewport_size({"width": width, "height": 844})
            page.wait_for_timeout(200)
            found = page.evaluate("([ours, rules]) => axe.run({include: ours}, {runOnly: rules})", [OURS, RULES])
            wrong = [(each["id"], [node["html"] for node in each["nodes"]][:3]) for each in found["violations"]]
            assert not wrong, (name, width, wrong)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)


def test_a_chart_has_a_bar_for_each_point_and_its_table(admin):
    page = admin("figures_storage")
    section = page.locator("section", has_text="postgresql: bytes")

    label = section.get_by_role("img").get_attribute("aria-label")
    assert label == "Bytes of postgresql over 24h, 1,000,000,000 at most"
    bars = section.locator("svg rect:not(.base)").count()
    section.locator("summary").click()
    assert section.locator("tbody tr").count() == bars > 60
