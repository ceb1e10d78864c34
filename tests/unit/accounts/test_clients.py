"""Which address a request comes from, whatever stands in its headers."""

import pytest

from apps.accounts.clients import address


@pytest.mark.parametrize(
    ("peer", "forwarded", "found"),
    [
        ("192.0.2.1", None, "192.0.2.1"),
        ("192.0.2.1", "198.51.100.7", "192.0.2.1"),
        ("10.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "203.0.113.9, 198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "198.51.100.7, 10.0.0.2", "198.51.100.7"),
        ("10.0.0.1", "2001:db8::1", "2001:db8::1"),
        ("10.0.0.1", "unknown", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("", "198.51.100.7", None),
    ],
)
def test_the_last_address_that_is_no_proxy_of_ours(rf, settings, peer, forwarded, found):
    settings.FORWARDED_ALLOW_IPS = ["10.0.0.1", "10.0.0.2"]
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}

    assert address(rf.get("/", REMOTE_ADDR=peer, headers=headers)) == found


def test_where_everybody_is_believed_it_is_the_first(rf, settings):
    settings.FORWARDED_ALLOW_IPS = ["*"]

    asked = rf.get("/", REMOTE_ADDR="192.0.2.1", headers={"X-Forwarded-For": "203.0.113.9, 198.51.100.7"})

    assert address(asked) == "203.0.113.9"
