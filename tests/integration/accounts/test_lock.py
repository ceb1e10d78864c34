"""Failed logins let an account wait, then lock it, and an address, for a while; and nobody is told."""

import re
from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from apps.accounts import throttling
from apps.accounts.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nina")]
LIMIT = 5


@pytest.fixture(autouse=True)
def _limits(settings):
    """Lock early, and let nobody wait before: the tests of waiting choose their own."""
    settings.AXES_FAILURE_LIMIT, settings.LOGIN_FAILURES = LIMIT, 1000


@pytest.fixture
def fail(log_in):
    """Fail to log in so many times, each time from another address or as somebody else."""

    def fail(times, **fixed):
        for number in range(times):
            answer = log_in(
                **{
                    "name": f"name{number}@example.com",
                    "address": f"192.0.2.{number + 10}",
                    **fixed,
                    "password": "wrong",
                }
            )
        return answer

    return fail


def text(answer):
    """Return a page without what is random in it, and without the name that was typed."""
    page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())
    return re.sub(r'value="(nina|nobody)@example.com"', "", page)


def is_in(answer):
    return answer.status_code == 302


def test_a_locked_account_is_answered_like_a_wrong_password(log_in, fail):
    wrong = fail(1, name="nina@example.com")
    fail(LIMIT - 1, name="nina@example.com")

    locked = log_in(address="192.0.2.99")

    assert not is_in(locked)
    assert (locked.status_code, text(locked)) == (wrong.status_code, text(wrong))


def test_one_failure_less_does_not_lock(log_in, fail):
    fail(LIMIT - 1, name="nina@example.com")

    assert is_in(log_in())


def test_an_account_that_does_not_exist_is_answered_alike(fail):
    assert text(fail(LIMIT + 1, name="nobody@example.com")) == text(fail(LIMIT + 1, name="nina@example.com"))


def test_capitals_and_blanks_make_no_other_account_to_guess_at(log_in, fail):
    names = ("nina@example.com", "NINA@example.com", "Nina@Example.com", " nina@example.com ", "nina@EXAMPLE.com")
    for number, name in enumerate(names):
        fail(1, name=name, address=f"192.0.2.{number + 10}")

    assert not is_in(log_in(address="192.0.2.99"))


def test_capitals_and_blanks_in_the_email_do_not_matter(log_in):
    assert is_in(log_in(name=" Nina@Example.COM "))


def test_an_address_is_locked_for_every_account(log_in, fail):
    fail(LIMIT, address="192.0.2.7")

    assert not is_in(log_in(address="192.0.2.7"))
    assert is_in(log_in(address="192.0.2.8"))


def test_no_client_talks_itself_out_of_its_address(log_in, fail):
    for number in range(LIMIT):
        log_in(name=f"name{number}", password="wrong", address="192.0.2.7", **{"X-Forwarded-For": f"10.0.0.{number}"})

    assert not is_in(log_in(address="192.0.2.7", **{"X-Forwarded-For": "10.0.0.99"}))


def test_a_lock_ends_by_itself(log_in, fail, settings):
    fail(LIMIT, name="nina@example.com")
    for attempt in AccessAttempt.objects.all():
        AccessAttempt.objects.filter(pk=attempt.pk).update(
            attempt_time=attempt.attempt_time - timedelta(seconds=settings.LOGIN_LOCK_SECONDS + 1)
        )

    assert is_in(log_in())


def test_failing_while_locked_does_not_prolong_the_lock(fail):
    fail(LIMIT, name="nina@example.com")
    before = list(AccessAttempt.objects.order_by("pk").values())

    fail(3, name="nina@example.com")

    assert list(AccessAttempt.objects.order_by("pk").values()) == before


def test_who_got_in_begins_to_count_anew(log_in, fail):
    fail(LIMIT - 1, name="nina@example.com")
    log_in()
    fail(LIMIT - 1, name="nina@example.com")

    assert is_in(log_in())


def test_no_password_is_kept_of_a_failure(log_in):
    log_in(password="nearly right horse")

    assert "horse" not in str(AccessAttempt.objects.values())


def test_support_unlocks_an_account(log_in, fail):
    fail(LIMIT, name="nina@example.com")
    otto = User.objects.create(email="otto@example.com", is_staff=True)
    otto.groups.add(Group.objects.get(name="Support"))
    support = Client()
    support.force_login(otto)

    page = reverse("admin:axes_accessattempt_changelist")
    chosen = list(AccessAttempt.objects.values_list("pk", flat=True))
    support.post(page, {"action": "delete_selected", "_selected_action": chosen, "post": "yes"})

    assert is_in(log_in())


# Waiting before the lock


@pytest.fixture
def _delays(settings):
    settings.AXES_FAILURE_LIMIT, settings.LOGIN_FAILURES = 20, LIMIT


def pass_time(seconds):
    for attempt in AccessAttempt.objects.all():
        AccessAttempt.objects.filter(pk=attempt.pk).update(
            attempt_time=attempt.attempt_time - timedelta(seconds=seconds)
        )


@pytest.mark.usefixtures("_delays")
def test_after_some_failures_the_next_login_has_to_wait(log_in, fail):
    wrong = fail(LIMIT, name="nina@example.com")

    early = log_in(address="192.0.2.99")
    assert not is_in(early)
    assert text(early) == text(wrong)
    pass_time(throttling.FIRST_SECONDS)
    assert is_in(log_in(address="192.0.2.99"))


@pytest.mark.usefixtures("_delays")
def test_what_comes_too_early_is_not_counted(fail):
    fail(LIMIT, name="nina@example.com")
    before = list(AccessAttempt.objects.order_by("pk").values())

    fail(3, name="nina@example.com")

    assert list(AccessAttempt.objects.order_by("pk").values()) == before


@pytest.mark.usefixtures("_delays")
def test_a_name_without_an_account_waits_alike(fail):
    fail(LIMIT, name="nobody@example.com")
    fail(1, name="nobody@example.com")

    assert sum(AccessAttempt.objects.values_list("failures_since_start", flat=True)) == LIMIT


@pytest.mark.usefixtures("_delays")
def test_other_accounts_do_not_wait(log_in, fail):
    fail(LIMIT, name="nobody@example.com")

    assert is_in(log_in(address="192.0.2.99"))


@pytest.mark.usefixtures("_delays")
def test_a_failure_after_the_wait_doubles_it(log_in, fail):
    fail(LIMIT, name="nina@example.com")
    pass_time(throttling.FIRST_SECONDS)
    fail(1, name="nina@example.com")
    pass_time(throttling.FIRST_SECONDS)

    assert not is_in(log_in(address="192.0.2.99"))
    pass_time(throttling.FIRST_SECONDS)
    assert is_in(log_in(address="192.0.2.99"))


def test_waits_grow_to_five_minutes_and_allow_twenty_guesses_an_hour(settings):
    settings.LOGIN_FAILURES = LIMIT
    waits = [throttling.compute_delay(count).total_seconds() for count in range(1, 20)]

    assert waits[:7] == [0, 0, 0, 0, 5, 10, 20]
    assert waits[-1] == 300
    assert sum(waits) + settings.LOGIN_LOCK_SECONDS > 3600
