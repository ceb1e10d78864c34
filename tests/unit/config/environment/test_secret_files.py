"""Secrets out of files."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.environment import secret_files


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "secret"
    path.write_text("amqp://of-the-file\n")
    return path


def test_the_file_wins_over_the_variable(secret: Path) -> None:
    environ = {"CELERY_BROKER_URL": "amqp://of-the-variable", "CELERY_BROKER_URL_FILE": str(secret)}

    assert secret_files.read(environ)["CELERY_BROKER_URL"] == "amqp://of-the-file"


def test_what_a_file_replaces_is_out_of_the_environment_where_celery_would_prefer_it(secret: Path) -> None:
    environ = {"CELERY_BROKER_URL": "amqp://of-the-variable", "CELERY_BROKER_URL_FILE": str(secret)}

    secret_files.read(environ)

    assert "CELERY_BROKER_URL" not in environ


def test_a_variable_without_a_file_stays() -> None:
    environ = {"REDIS_PASSWORD": "of the variable", "LOG_LEVEL": "DEBUG"}

    assert secret_files.read(environ) == {"REDIS_PASSWORD": "of the variable", "LOG_LEVEL": "DEBUG"}


def test_an_empty_secret_is_none() -> None:
    assert secret_files.read({"DATABASE_URL": "", "DATABASE_URL_FILE": ""}) == {"DATABASE_URL_FILE": ""}


def test_the_file_of_what_is_no_secret_is_not_read(secret: Path) -> None:
    assert "LOG_LEVEL" not in secret_files.read({"LOG_LEVEL_FILE": str(secret)})


@pytest.mark.parametrize("end", ["", "\n", "\r\n", "\n\n"])
def test_newlines_at_the_end_do_not_count_and_spaces_do(tmp_path: Path, end: str) -> None:
    (tmp_path / "secret").write_bytes(f" word  {end}".encode())

    assert secret_files.content("X_FILE", tmp_path / "secret") == " word  "


@pytest.mark.parametrize(
    ("content", "reason"), [(None, "No such file"), (b"", "is empty"), (b"\n", "is empty"), (b"\xff", "not text")]
)
def test_a_file_that_holds_no_secret_is_a_clear_error(tmp_path: Path, content: bytes | None, reason: str) -> None:
    path = tmp_path / "secret"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(ImproperlyConfigured, match=rf"NEO4J_PASSWORD_FILE: {path} .*{reason}.*create-secrets.sh"):
        secret_files.read({"NEO4J_PASSWORD_FILE": str(path)})
