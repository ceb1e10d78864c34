"""Registering: the API and the page do the same."""

import pytest
from django.core import mail
from django.test import RequestFactory

from apps.accounts import background
from apps.accounts.models import User
from apps.accounts.views.auth import RegisterView
from tests.api.site import another_client

pytestmark = pytest.mark.django_db
GIVEN = {"email": "ada@example.org", "password": "right horse"}


def register_by_api(client):
    made = RequestFactory(REMOTE_ADDR=another_client())
    return RegisterView.as_view()(made.post("/api/auth/register", GIVEN, content_type="application/json"))


def register_by_page(client):
    return client.post("/register/", {**GIVEN, "repeat": GIVEN["password"]}, REMOTE_ADDR=another_client())


@pytest.fixture(params=[register_by_api, register_by_page])
def register(request, client, monkeypatch):
    """Register in one way; mail is sent at once."""
    monkeypatch.setattr(background, "run_later", lambda task: task())
    return lambda: request.param(client)


def test_a_link_verifies_the_address_where_that_is_required(register, settings):
    settings.REQUIRE_EMAIL_VERIFICATION, settings.EMAIL_PROVIDER = True, "console"

    register()
    register()

    assert User.objects.get().must_verify_email
    (sent,) = mail.outbox
    assert sent.to == [GIVEN["email"]]
    assert "verify_token=" in sent.body


def test_nothing_is_mailed_where_it_is_not(register, settings):
    settings.EMAIL_PROVIDER = "console"

    register()

    assert not User.objects.get().must_verify_email
    assert mail.outbox == []


def test_nobody_registers_where_it_is_closed(register, settings):
    settings.REGISTRATION = "closed"

    response = register()

    assert b"Registration is closed" in response.content
    assert not User.objects.exists()


@pytest.mark.parametrize(("registration", "words"), [("invite", b"by invitation"), ("closed", b"no new accounts")])
def test_a_page_says_who_may_register(client, settings, registration, words):
    settings.REGISTRATION = registration

    for path in ("/login/", "/register/"):
        assert words in client.get(path).content


def test_a_page_mails_a_link_only_where_mail_is_sent(client, settings, monkeypatch):
    monkeypatch.setattr(background, "run_later", lambda task: task())
    User.objects.create_user(GIVEN["email"])
    settings.EMAIL_PROVIDER = "off"
    assert b"ask its operator" in client.get("/forgot/").content
    settings.EMAIL_PROVIDER = "console"
    sent = client.post("/forgot/", {"email": GIVEN["email"]}, REMOTE_ADDR=another_client())

    assert b"a link is on its way" in sent.content
    assert "/?reset_token=" in mail.outbox[0].body
