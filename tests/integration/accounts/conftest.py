"""Somebody of the staff with a password, and pages to log in by."""

import pytest
from django.urls import reverse

PASSWORD = "right horse"


@pytest.fixture(autouse=True)
def _quick_hash(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def nina(django_user_model, db):
    return django_user_model.objects.create_user(
        "nina@example.com", password=PASSWORD, is_staff=True, is_superuser=True
    )


@pytest.fixture
def log_in(client):
    """Post a name and a password from an address, and return the answer."""

    def post(name="nina@example.com", password=PASSWORD, address="192.0.2.1", next_="", **headers):
        page = reverse("admin:login") + (f"?next={next_}" if next_ else "")
        return client.post(page, {"username": name, "password": password}, REMOTE_ADDR=address, headers=headers)

    return post
