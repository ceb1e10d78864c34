"""The second step of logging in: enrolling a phone, codes right and wrong, and a phone that is lost."""

import time

import pytest
from cryptography.fernet import InvalidToken
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_otp.oath import TOTP

from apps.accounts import two_factor
from apps.accounts.models import Authenticator, encrypt_secret

KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
OTHER_KEY = "//////////////////////////////////////////8="


@pytest.fixture(autouse=True)
def _two_factor(settings):
    settings.STAFF_TWO_FACTOR = True
    settings.ENCRYPTION_MASTER_KEY = KEY


@pytest.fixture
def phone(nina):
    """Nina's phone, enrolled."""
    return Authenticator.objects.create(user=nina)


@pytest.fixture
def half_in(client, log_in, nina):
    """A client that gave name and password."""
    log_in()
    return client


def code(phone, seconds=0):
    """Return the code that a phone shows now, or shows so many seconds from now."""
    totp = TOTP(phone.key)
    totp.time = time.time() + seconds
    return f"{totp.token():06}"


def change_code(right):
    return f"{(int(right) + 1) % 1_000_000:06}"


def give(client, given, **query):
    return client.post(reverse("admin:two_factor", query=query), {"code": given})


def is_in(client):
    return client.get(reverse("admin:index")).status_code == 200


def test_a_password_alone_opens_nothing(half_in, phone):
    assert not is_in(half_in)
    assert half_in.get("/auth/staff").status_code == 401

    page = half_in.get(reverse("admin:index"), follow=True)

    assert page.redirect_chain[-1][0].startswith(reverse("admin:two_factor"))


def test_the_code_of_the_phone_opens_the_page_that_was_wanted(half_in, phone):
    wanted = reverse("admin:ingest_run_changelist")
    (*_, (asked, _)) = half_in.get(wanted, follow=True).redirect_chain

    answer = half_in.post(asked, {"code": code(phone)})

    assert answer["Location"] == wanted
    assert is_in(half_in)
    assert half_in.get("/auth/staff").status_code == 204


def test_nobody_is_led_to_another_site(half_in, phone):
    assert give(half_in, code(phone), next="https://elsewhere.example/")["Location"] == reverse("admin:index")


def test_the_session_of_before_is_of_no_use(half_in, phone):
    before = half_in.session.session_key

    give(half_in, code(phone))

    assert half_in.session.session_key != before


def test_a_phone_is_enrolled_at_the_first_login(half_in, nina):
    page = half_in.get(reverse("admin:two_factor")).content.decode()
    phone = Authenticator.objects.get(user=nina)
    assert not phone.confirmed
    assert two_factor.format_secret(phone) in page
    assert two_factor.draw_qr_code(phone) in page

    give(half_in, code(phone))

    phone.refresh_from_db()
    assert phone.confirmed
    assert is_in(half_in)


def test_a_phone_that_is_enrolled_is_not_shown_again(half_in, phone):
    page = half_in.get(reverse("admin:two_factor")).content.decode()

    assert two_factor.format_secret(phone) not in page
    assert "data:image" not in page


def test_five_wrong_codes_lock_for_a_quarter_of_an_hour(half_in, phone):
    right = code(phone)
    for _ in range(5):
        assert "This code is wrong" in give(half_in, change_code(right)).content.decode()
    give(half_in, right)
    assert not is_in(half_in)

    Authenticator.objects.update(locked_until=timezone.now())
    give(half_in, change_code(right))
    phone.refresh_from_db()
    assert (phone.failures, phone.locked_until) == (1, None)
    give(half_in, right)
    assert is_in(half_in)


@pytest.mark.parametrize("given", ["", "12345", "1234567", "abcdef", "१२३४५६"])
def test_what_is_no_code_is_not_counted(half_in, phone, given):
    answer = give(half_in, given)

    assert answer.context["form"].errors
    phone.refresh_from_db()
    assert phone.failures == 0


def test_a_code_is_taken_once(half_in, phone, nina):
    given = code(phone)
    give(half_in, given)
    second = Client()
    second.force_login(nina)

    give(second, given)

    assert not is_in(second)


@pytest.mark.parametrize(("seconds", "taken"), [(-60, False), (-30, True), (30, True), (60, False)])
def test_a_clock_may_be_half_a_minute_off(half_in, phone, seconds, taken, monkeypatch):
    now = 1_800_000_000
    monkeypatch.setattr(time, "time", lambda: now)
    given = code(phone, seconds)

    assert phone.verify_token(given) == taken


def test_codes_are_those_of_the_standard(nina, monkeypatch):
    """RFC 6238, appendix B, the last six of its eight digits."""
    phone = Authenticator.objects.create(user=nina, secret=encrypt_secret(b"12345678901234567890"))
    for seconds, given in ((59, "287082"), (1111111109, "081804"), (20000000000, "353130")):
        monkeypatch.setattr(time, "time", lambda seconds=seconds: seconds)
        assert phone.verify_token(given)


def test_who_leaves_is_out(half_in, phone):
    half_in.post(reverse("admin:two_factor"), {"leave": "yes"})

    assert "_auth_user_id" not in half_in.session


def test_nobody_gives_a_code_before_a_password(client, phone):
    answer = give(client, code(phone))

    assert answer["Location"] == reverse("admin:login")


def test_the_database_alone_does_not_give_a_secret_away(phone, settings):
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM accounts_authenticator")
        (stored,) = cursor.fetchone()

    assert two_factor.format_secret(phone) not in stored
    assert phone.key.hex() not in stored
    settings.ENCRYPTION_MASTER_KEY = OTHER_KEY
    with pytest.raises(InvalidToken):
        phone.key  # noqa: B018


def test_where_it_is_not_asked_for_a_password_is_enough(half_in, settings):
    settings.STAFF_TWO_FACTOR = False

    assert is_in(half_in)


# A phone that is lost


def test_a_command_lets_somebody_enrol_another(phone, capsys):
    call_command("reset_two_factor", "nina@example.com")

    assert "nina@example.com enrols a phone at the next login" in capsys.readouterr().out
    assert not Authenticator.objects.exists()


@pytest.mark.parametrize(
    ("name", "said"), [("nina@example.com", "has enrolled no phone"), ("nobody@example.com", "There is no user nobody")]
)
def test_the_command_says_what_it_cannot_do(nina, name, said):
    with pytest.raises(CommandError, match=said):
        call_command("reset_two_factor", name)


def test_a_session_of_the_lost_phone_ends(half_in, phone):
    give(half_in, code(phone))

    two_factor.reset_authenticator(phone.user)

    assert not is_in(half_in)
