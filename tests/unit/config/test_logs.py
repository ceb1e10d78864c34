"""No secret gets into the log, and every line says whose it is."""

import pytest

from config import logs


def hide(**line):
    return logs.hide_secrets(None, "info", line)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("amqp://guest:s3cret@host:5672// is away", "amqp://guest:***@host:5672// is away"),
        ("redis://:s3cret@127.0.0.1:6379/0", "redis://:***@127.0.0.1:6379/0"),
        ("connect with host=db password=s3cret user=x", "connect with host=db password=*** user=x"),
        ("GET /callback?token=s3cret&page=2", "GET /callback?token=***&page=2"),
        ("Authorization: Bearer s3cret.s3cret", "Authorization: Bearer ***"),
        ("bolt://127.0.0.1:7687 does not answer", "bolt://127.0.0.1:7687 does not answer"),
        ("chunk 3 of artists", "chunk 3 of artists"),
    ],
)
def test_secrets_in_texts_are_hidden(text, shown):
    assert hide(event=text) == {"event": shown}


@pytest.mark.parametrize("name", ["password", "METRICS_TOKEN", "django_secret_key", "cookie", "api_key"])
def test_values_with_the_name_of_a_secret_are_hidden(name):
    assert hide(**{name: "s3cret"}) == {name: "***"}


def test_secrets_are_hidden_however_deep_they_are():
    line = hide(data={"args": ["redis://:s3cret@host", 3], "password": "s3cret"}, error=ValueError("token=s3cret"))

    assert line["data"] == {"args": ["redis://:***@host", 3], "password": "***"}
    assert line["error"] == "ValueError('token=***')"


def test_numbers_stay_numbers():
    assert hide(seconds=1.5, new=3, ok=True, chunk=None) == {"seconds": 1.5, "new": 3, "ok": True, "chunk": None}


def test_a_request_is_left_out():
    assert hide(event="Not Found", request="<WSGIRequest: GET '/u?name=x'>") == {"event": "Not Found"}


def test_the_origin_is_added():
    assert logs.Origin("extractor", "production")(None, "info", {"event": "x"}) == {
        "event": "x",
        "service": "extractor",
        "environment": "production",
    }
