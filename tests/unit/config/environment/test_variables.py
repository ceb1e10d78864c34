"""What settings take, and what is said of what they do not take."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.environment import variables
from config.environment.variables import Variables


def env(**given: str) -> Variables:
    return Variables(given, secrets={"SECRET_URL"})


@pytest.mark.parametrize("text", ["yes", "Yes", "TRUE", "on", "1", " y "])
def test_yes(text: str) -> None:
    assert env(DEBUG=text).bool("DEBUG", default=False) is True


@pytest.mark.parametrize("text", ["no", "False", "OFF", "0"])
def test_no(text: str) -> None:
    assert env(DEBUG=text).bool("DEBUG", default=True) is False


@pytest.mark.parametrize("text", ["maybe", "yes!", "2", "-1", "none"])
def test_a_word_that_is_neither_is_refused(text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=rf"^DEBUG is '{text}': give yes or no$"):
        env(DEBUG=text).bool("DEBUG", default=False)


@pytest.mark.parametrize("text", ["", " "])
def test_an_empty_variable_is_not_given(text: str) -> None:
    assert env(SIZE=text).int("SIZE", default=7) == 7
    assert env(SIZE=text).float("SIZE", default=0.5) == 0.5
    assert env(SIZE=text).bool("SIZE", default=True) is True
    assert env(SIZE=text).str("SIZE", default="seven") == "seven"


def test_an_empty_list_has_no_entries() -> None:
    assert env(HOSTS="").list("HOSTS", default=["a"], each=variables.HOST) == []
    assert env().list("HOSTS", default=["a"], each=variables.HOST) == ["a"]


@pytest.mark.parametrize("text", ["8MiB", "-5", "0", "1.5", "1e3", "8_000", "٣", "nan", "9" * 40])
def test_what_is_no_size_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        env(SIZE=text).int("SIZE", default=8388608, least=1, unit="bytes")

    assert str(refused.value) == f"SIZE is {text!r}: give a whole number of bytes, 1 or more, such as 8388608"


@pytest.mark.parametrize(("text", "value"), [("1", 1), (" 65535 ", 65535), ("+8", 8)])
def test_a_whole_number_within_its_range(text: str, value: int) -> None:
    assert env(PORT=text).int("PORT", default=80, least=1, most=65535) == value


@pytest.mark.parametrize("text", ["0", "65536"])
def test_a_number_outside_its_range_is_refused(text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="give a whole number, from 1 to 65535, such as 80"):
        env(PORT=text).int("PORT", default=80, least=1, most=65535)


@pytest.mark.parametrize("text", ["nan", "inf", "-inf", "-0.1", "1.01", "half", "0,5"])
def test_what_is_no_share_is_refused(text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"give a number, 0 or more, at most 1, such as 0\.9$"):
        env(SHARE=text).float("SHARE", default=0.9, most=1)


def test_a_number_that_must_be_above_zero() -> None:
    assert env(WAIT="0.5").float("WAIT", default=2, above=0) == 0.5
    with pytest.raises(ImproperlyConfigured, match="give a number of seconds, above 0, such as 2"):
        env(WAIT="0").float("WAIT", default=2, above=0, unit="seconds")


def test_a_text_is_taken_as_it_is() -> None:
    assert env(TOKEN=" $HOME #1").str("TOKEN", default="") == " $HOME #1"


def test_a_secret_is_never_shown() -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        env(SECRET_URL="bolt:/neo4j:hunter2@host").str("SECRET_URL", default="", kind=variables.NEO4J)

    assert "hunter2" not in str(refused.value)
    assert str(refused.value) == (
        "SECRET_URL is wrong: give the address of a Neo4j, such as bolt://neo4j:password@host:7687"
    )


SOUND = [
    (variables.DATABASE, "postgresql://linernotes:p%40ss@127.0.0.1:5433/linernotes"),
    (variables.DATABASE, "postgres://one:1,two:2/linernotes?target_session_attrs=any"),
    (variables.DATABASE, "postgresql:///linernotes?host=/var/run/postgresql"),
    (variables.NEO4J, "bolt://neo4j@127.0.0.1:7687"),
    (variables.NEO4J, "neo4j+s://neo4j:secret@graph.example"),
    (variables.BROKER, "amqp://guest:guest@rabbitmq:5672//"),
    (variables.BROKER, "amqp://one//;amqp://two//"),
    (variables.BROKER, "redis+socket:///run/valkey.sock?virtual_host=0"),
    (variables.RESULTS, "rediss://:secret@redis:6379/1"),
    (variables.CACHE, "unix:///run/valkey.sock?db=2"),
    (variables.SITE, "http://127.0.0.1:1/"),
    (variables.ORIGIN, "http://localhost:3000"),
    (variables.HOST, "*"),
    (variables.HOST, ".music.example"),
    (variables.HOST, "[::1]"),
    (variables.NETWORK, "10.0.0.1/8"),
    (variables.PROXY, "*"),
    (variables.PROXY, "172.20.0.0/16"),
    (variables.URL_PATH, "/back/office/"),
    (variables.EXCHANGE, "linernotes-discogs.v2"),
    (variables.HEADER, "Linernotes/0.1 (+https://music.example)"),
    (variables.KEY, "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="),
]
WRONG = [
    (variables.DATABASE, "nonsense"),
    (variables.DATABASE, "postgresql://host:port/database"),
    (variables.DATABASE, "postgresql://host/database?no-such-option=1"),
    (variables.DATABASE, "mysql://host/database"),
    (variables.NEO4J, "http://neo4j:7474"),
    (variables.NEO4J, "neo4j:7687"),
    (variables.NEO4J, "bolt://:7687"),
    (variables.NEO4J, "bolt://neo4j:76870"),
    (variables.BROKER, "amqp://one//;two"),
    (variables.BROKER, "127.0.0.1:6379"),
    (variables.RESULTS, "amqp://rabbitmq//"),
    (variables.CACHE, "redis://redis:x/2"),
    (variables.CACHE, "redis://["),
    (variables.SITE, "data.example"),
    (variables.SITE, "ftp://data.example/"),
    (variables.SITE, "https://data example/"),
    (variables.ORIGIN, "https://music.example/"),
    (variables.ORIGIN, "*"),
    (variables.HOST, "https://music.example"),
    (variables.HOST, "music.example:443"),
    (variables.NETWORK, "10.0.0.0/99"),
    (variables.NETWORK, "web"),
    (variables.PROXY, "10.0.0.1/8"),
    (variables.URL_PATH, "/"),
    (variables.URL_PATH, "<str:x>"),
    (variables.EXCHANGE, "a b"),
    (variables.HEADER, "one\r\ntwo"),
    (variables.KEY, "short"),
    (variables.KEY, "AAECAw=="),
]


@pytest.mark.parametrize(("kind", "text"), SOUND, ids=[text for _, text in SOUND])
def test_what_a_kind_takes(kind: variables.Kind[str], text: str) -> None:
    assert env(NAME=text).str("NAME", default="", kind=kind) == text


@pytest.mark.parametrize(("kind", "text"), WRONG, ids=[text for _, text in WRONG])
def test_what_a_kind_refuses(kind: variables.Kind[str], text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"^NAME is .*: give .*, such as "):
        env(NAME=text).str("NAME", default="", kind=kind)


@pytest.mark.parametrize("kind", [variables.DATABASE, variables.NEO4J, variables.RESULTS, variables.CACHE])
def test_an_example_is_one(kind: variables.Kind[str]) -> None:
    assert kind.parse(kind.example) == kind.example
