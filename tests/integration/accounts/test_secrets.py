"""How passwords and secrets are made, stored and left out of the log."""

import base64
import io
import itertools
import json
import logging

import pytest
from cryptography.fernet import InvalidToken
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client

from apps.accounts import encryption, mail, tokens, two_factor
from apps.accounts.models import MailedToken, User
from apps.accounts.views.auth import MeView
from tests.users import bearer

pytestmark = pytest.mark.django_db

KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
ARGON2 = ["apps.accounts.hashers.Argon2idHasher", "django.contrib.auth.hashers.PBKDF2PasswordHasher"]


numbers = itertools.count(1)


@pytest.fixture
def ask(client):
    def ask(path, body, **headers):
        address = f"198.18.0.{next(numbers) % 250}"
        return client.post(
            f"/api/auth/{path}", body, content_type="application/json", headers=headers, REMOTE_ADDR=address
        )

    return ask


@pytest.mark.parametrize("password", ["pass word  two ", "🎷🎺🥁🎸🎻🎹🪘📯", "é" * 64, "x" * 127 + "y", "a<b>'\"&;%\\"])
def test_every_character_of_a_password_counts(ask, password):
    ask("register", {"email": "eve@example.com", "password": password})
    eve = User.objects.get()

    assert eve.check_password(password)
    for other in (password[:-1], password.strip() if password != password.strip() else f"{password} ", password + "x"):
        assert not eve.check_password(other)


def test_passwords_are_hashed_slowly_and_with_a_salt_each(settings):
    settings.PASSWORD_HASHERS = ARGON2
    first, second = make_password("right horse"), make_password("right horse")

    assert first.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    salts = [base64.b64decode(each.split("$")[4] + "==") for each in (first, second)]
    assert salts[0] != salts[1]
    assert min(map(len, salts)) >= 16


def test_an_older_hash_is_replaced_at_the_next_login(ask, settings):
    settings.PASSWORD_HASHERS = ARGON2
    eve = User.objects.create(email="eve@example.com", password=make_password("right horse", hasher="pbkdf2_sha256"))

    ask("login", {"email": eve.email, "password": "right horse"})

    eve.refresh_from_db()
    assert eve.password.startswith("argon2$")


def test_what_must_not_be_guessed_is_long_and_new_each_time(nina, settings):
    settings.ENCRYPTION_MASTER_KEY = KEY
    sessions = [SessionStore() for _ in range(2)]
    for each in sessions:
        each.create()
    made = [
        # What is made, and its bits at least.
        ([each.session_key for each in sessions], 160),
        ([tokens.make_token(nina, issued=0, seconds=1)[1] for _ in range(2)], 128),
        ([tokens.make_app_token() for _ in range(2)], 256),
        ([mail.make_link(nina, mail.RESET).partition("=")[2] for _ in range(2)], 256),
        (two_factor.make_recovery_codes(), 96),
    ]

    for texts, bits in made:
        assert len(set(texts)) == len(texts)
        assert all(len(each) * 6 >= bits for each in texts)
    assert nina.pk.version == 4
    assert len(two_factor.make_recovery_codes()) == 8


def test_random_tokens_are_stored_as_hashes(nina):
    token = mail.make_link(nina, mail.RESET).partition("=")[2]

    assert MailedToken.objects.get().hash == tokens.hash_token(token) != token


def test_what_is_encrypted_is_authentic_and_never_the_same(settings):
    settings.ENCRYPTION_MASTER_KEY = KEY
    cipher = encryption.get_cipher("tests")
    first, second = cipher.encrypt(b"secret"), cipher.encrypt(b"secret")

    assert first != second
    changed = bytearray(base64.urlsafe_b64decode(first))
    changed[30] ^= 1
    for wrong in (base64.urlsafe_b64encode(bytes(changed)), b"", b"x", first[:-8]):
        with pytest.raises(InvalidToken):
            cipher.decrypt(wrong)
    with pytest.raises(InvalidToken):
        encryption.get_cipher("another purpose").decrypt(first)


def test_without_a_key_nothing_is_stored_in_the_clear(ask, nina, settings):
    settings.ENCRYPTION_MASTER_KEY, settings.ENCRYPTION_MASTER_KEYS = "", []

    assert ask("2fa/setup", {}, **bearer(nina)).status_code == 503
    assert not hasattr(nina, "authenticator")


def test_a_bug_tells_a_client_nothing(nina, monkeypatch):
    def fail(*_):
        raise RuntimeError("the password of the database is hunter2")

    monkeypatch.setattr(MeView, "get", fail)
    answer = Client(raise_request_exception=False).get("/api/auth/me", headers=bearer(nina))

    assert (answer.status_code, answer.content) == (500, b"Internal Server Error")


@pytest.fixture
def read_log(monkeypatch):
    """Return a function that returns the lines that the site has logged."""
    written = io.StringIO()
    (handler,) = (each for each in logging.getLogger().handlers if each.get_name() == "stderr")
    monkeypatch.setattr(handler, "stream", written)
    return lambda: [json.loads(line) for line in written.getvalue().splitlines()]


def test_a_refusal_is_logged_without_what_was_sent(ask, nina, read_log):
    own = bearer(nina)
    assert ask("login", {"email": nina.email, "password": "wrong horse"}).status_code == 401
    assert Client().post("/api/admin/auth/logout", headers=own).status_code == 403

    lines = read_log()
    (refusal,) = (each for each in lines if "access refused" in each["event"])
    assert refusal["level"] == "warning"
    assert {"timestamp", "request_id", "service"} <= set(refusal)
    assert refusal["timestamp"].endswith("Z")
    shown = str(lines)
    assert not [each for each in ("horse", nina.email, own["Authorization"].split()[1]) if each in shown]


def test_a_line_of_the_log_stays_one_line(ask, read_log):
    ask("login", {"email": 'x\n{"event": "forged"}', "password": "y"}, **{"X-Request-ID": "a\\nb", "User-Agent": "c"})

    lines = read_log()
    assert lines
    assert not [each for each in lines if each["event"] == "forged"]
