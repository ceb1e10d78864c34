"""Who may see what is for operators, and what a proxy is told about somebody."""

import pytest
from django.test import RequestFactory

from apps.accounts.models import User
from apps.dashboard import access

pytestmark = pytest.mark.django_db(transaction=True)


def request(address, **headers):
    return RequestFactory().get("/", REMOTE_ADDR=address, headers=headers)


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"])
def test_this_host_is_internal(address):
    assert access.is_internal(request(address))


@pytest.mark.parametrize("address", ["10.0.0.7", "192.0.2.1", "2001:db8::1", "::ffff:192.0.2.1", "", "unix:"])
def test_no_other_is(address):
    assert not access.is_internal(request(address))


def test_networks_can_be_added(settings):
    settings.INTERNAL_NETWORKS = ["10.0.0.0/8"]

    assert access.is_internal(request("10.20.30.40"))
    assert not access.is_internal(request("127.0.0.1"))


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded"])
def test_what_came_through_a_proxy_is_not_internal(header):
    assert not access.is_internal(request("127.0.0.1", **{header: "127.0.0.1"}))


# /auth/staff


def test_staff_is_told_from_the_session(client):
    client.force_login(User.objects.create_user("karin@example.com", is_staff=True))

    response = client.get("/auth/staff")

    assert (response.status_code, response.content) == (204, b"")
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("user", [None, {}, {"is_superuser": True}, {"is_staff": True, "is_active": False}])
def test_everybody_else_is_not(client, user):
    if user is not None:
        client.force_login(User.objects.create_user("karl@example.com", **user))

    response = client.get("/auth/staff")

    assert (response.status_code, response.content) == (401, b"")


def test_a_cookie_that_is_made_up_is_nobody(client):
    client.cookies["sessionid"] = "f" * 32

    assert client.get("/auth/staff").status_code == 401


def test_staff_is_only_asked(client):
    assert client.post("/auth/staff").status_code == 405
