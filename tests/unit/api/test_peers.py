"""Whose request it is, and whom we believe."""

import pytest

from apps.api.limits import get_client_address


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("172.20.0.9", None, "172.20.0.9"),
        ("172.20.0.9", "", "172.20.0.9"),
        ("172.20.0.9", "203.0.113.7", "203.0.113.7"),
        ("::ffff:198.51.100.1", None, "198.51.100.1"),
        # An IPv6 client counts by its network of 64 bits, however its address is written.
        ("172.20.0.9", "2001:db8:0:7::1", "2001:db8:0:7::"),
        ("172.20.0.9", "2001:0DB8:0:7:ffff:ffff:ffff:ffff", "2001:db8:0:7::"),
        ("172.20.0.9", "2001:db8:0:8::1", "2001:db8:0:8::"),
        ("fe80::1%eth0", None, "fe80::"),
        ("::ffff:172.20.0.9", "203.0.113.7", "203.0.113.7"),
        ("10.0.0.1", "203.0.113.7", "203.0.113.7"),
        # Whoever is no proxy of ours may say what he likes.
        ("198.51.100.1", "203.0.113.7", "198.51.100.1"),
        # The first entry came from the client; the last one was put there by the proxy in front of ours.
        ("172.20.0.9", "203.0.113.9, 203.0.113.7, 172.20.0.8", "203.0.113.7"),
        ("172.20.0.9", "172.20.0.7, 172.20.0.8", "172.20.0.7"),
        ("172.20.0.9", "unknown", "172.20.0.9"),
        ("172.20.0.9", "203.0.113.9, unknown", "172.20.0.9"),
        ("", "203.0.113.7", None),
    ],
)
def test_the_client_is_the_last_one_that_is_no_proxy_of_ours(rf, settings, peer, forwarded, client):
    settings.FORWARDED_ALLOW_IPS = ["172.20.0.0/16", "10.0.0.1"]
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}

    assert get_client_address(rf.get("/", REMOTE_ADDR=peer, headers=headers)) == client


def test_where_everybody_is_believed_it_is_the_first(rf, settings):
    settings.FORWARDED_ALLOW_IPS = ["*"]
    headers = {"X-Forwarded-For": "203.0.113.9, 198.51.100.7"}

    assert get_client_address(rf.get("/", REMOTE_ADDR="192.0.2.1", headers=headers)) == "203.0.113.9"
