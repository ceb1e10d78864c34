"""Settings: the code, docs/settings.md and .env.example say the same, and production is careful."""

import os
import re
import runpy
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.environment import secret_files
from tests.deployment import defaults, list_expected

ROOT = Path(__file__).resolve().parent.parent
STRONG = "k3H9vQ2mX7tLw8Zr"
PRODUCTION = {
    "ENVIRONMENT": "production",
    "DJANGO_SECRET_KEY": "of its own, long, and with more than fifty different characters: aZ09-xyz!",
    "ENCRYPTION_MASTER_KEY": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
    "ALLOWED_HOSTS": "music.example",
    "DATABASE_URL": f"postgresql://linernotes:{STRONG}@127.0.0.1:1/linernotes",
    "NEO4J_URL": f"bolt://neo4j:{STRONG}@127.0.0.1:1",
    "CELERY_BROKER_URL": f"amqp://linernotes:{STRONG}@127.0.0.1:1//",
    "CELERY_RESULT_BACKEND": f"redis://:{STRONG}@127.0.0.1:1/1",
    "CACHE_URL": f"redis://:{STRONG}@127.0.0.1:1/2",
}
# Words of a written default.
WORDS = {"no": False, "yes": True, "none": ""}


@cache
def read_documented():
    """Return the rows of docs/settings.md about settings: (kind or unit, default, meaning).

    A row whose meaning begins with "Read by" is about a variable of another program.
    """
    text = (ROOT / "docs" / "settings.md").read_text()
    of_settings = text.partition("\n## Variables of the commands")[0]
    rows = re.findall(r"^\| `([A-Z_0-9]+)` \| ([^|]*) \| ([^|]*) \| ([^|]*) \|$", of_settings, re.MULTILINE)
    return {name: row for name, *row in rows if not row[-1].startswith("Read by")}


@cache
def read_exemplified():
    """Return the settings of .env.example with the values that stand there, commented out or not."""
    text = (ROOT / ".env.example").read_text()
    of_settings = text[text.index("# --- site") :]
    return dict(re.findall(r"^#?([A-Z_0-9]+)=(.*)$", of_settings, re.MULTILINE))


def read(text):
    """Return a written default as its value: a number, yes or no, or a text; without what it says of it."""
    word = re.split(r" \(| in |: ", text)[0].strip("`")
    if word in WORDS:
        return WORDS[word]
    return float(word.replace(",", "")) if re.fullmatch(r"[\d.]+|\d{1,3}(,\d{3})+", word) else word


def read_default(value):
    """Return a default as its text would be read."""
    value = ",".join(value) if isinstance(value, list) else value
    return float(value) if re.fullmatch(r"[\d.]+", str(value)) else value


def test_the_document_has_every_setting_and_no_other():
    assert set(read_documented()) == set(list_expected())


def test_the_example_has_every_setting_and_no_other():
    assert set(read_exemplified()) == set(list_expected())


@pytest.mark.parametrize("name", list_expected())
def test_units_and_defaults_agree(name):
    kind, written, _ = read_documented()[name]
    default = list_expected()[name]

    assert kind.strip()
    if default is None:
        # It depends on another setting: the document says how.
        assert written.strip()
        assert read_exemplified()[name] == ""
    else:
        assert read(written) == read_default(default)
        assert read(read_exemplified()[name]) == read_default(default)


# Wrong values

# Any text is one of these: secrets, names, paths.
FREE_TEXTS = {
    "DJANGO_SECRET_KEY",
    "JWT_SECRET_KEY",
    "JWT_PREVIOUS_SECRET_KEY",
    "EMAIL_API_KEY",
    "SERVICE_NAME",
    "METRICS_TOKEN",
    "NLQ_API_KEY",
    "INSIGHTS_INTERNAL_SECRET",
    "STATIC_ROOT",
    "SPOOL_URL",
    "DATA_QUALITY_RULES",
    "QUALITY_ROOT",
    "LIVENESS_FILE",
    "DISCOGS_ROOT",
    "MUSICBRAINZ_ROOT",
}


@pytest.mark.parametrize("name", sorted(defaults().keys() - FREE_TEXTS))
def test_a_wrong_value_is_refused_by_its_name_with_what_it_takes(monkeypatch, name):
    monkeypatch.setenv(name, "§ nonsense §")

    with pytest.raises(ImproperlyConfigured, match=f"^{name} is .*: give "):
        runpy.run_path(str(ROOT / "config" / "settings.py"))


def test_every_default_could_be_given(monkeypatch):
    for name, default in defaults().items():
        monkeypatch.setenv(name, ",".join(default) if isinstance(default, list) else str(default or ""))

    assert runpy.run_path(str(ROOT / "config" / "settings.py"))


# Production


def manage(*arguments, **variables):
    """Run manage.py in a process of its own, with these variables and no others that are settings."""
    settings = {*list_expected(), *(f"{name}_FILE" for name in secret_files.NAMES)}
    environment = {name: value for name, value in os.environ.items() if name not in settings}
    command = [sys.executable, "-W", "error", str(ROOT / "manage.py"), *arguments]
    return subprocess.run(command, env=environment | variables, capture_output=True, text=True, check=False)


def test_production_passes_the_checks_of_a_deployment():
    found = manage("check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)

    assert found.returncode == 0, found.stderr


def evaluate_in_production(expression, **variables):
    """Return what an expression about the settings gives in production."""
    command = f"from django.conf import settings; print({expression})"
    found = manage("shell", "--no-imports", "--verbosity", "0", "--command", command, **{**PRODUCTION, **variables})
    assert found.returncode == 0, found.stderr
    return found.stdout.strip()


HSTS = "settings.SECURE_HSTS_SECONDS, settings.SECURE_HSTS_INCLUDE_SUBDOMAINS, settings.SECURE_HSTS_PRELOAD"


def test_hsts_speaks_for_other_hosts_only_where_that_is_wanted():
    wanted = {"SECURE_HSTS_INCLUDE_SUBDOMAINS": "yes", "SECURE_HSTS_PRELOAD": "yes", "SECURE_HSTS_SECONDS": "63072000"}

    assert evaluate_in_production(HSTS) == "31536000 False False"
    assert evaluate_in_production(HSTS, **wanted) == "63072000 True True"


@pytest.mark.parametrize("others", [{}, {"SECURE_HSTS_INCLUDE_SUBDOMAINS": "yes", "SECURE_HSTS_SECONDS": "3600"}])
def test_the_list_of_browsers_takes_no_name_without_its_subdomains_or_for_less_than_a_year(others):
    found = manage("check", **{**PRODUCTION, "SECURE_HSTS_PRELOAD": "yes", **others})

    assert "dashboard.E002" in found.stderr


def test_no_page_of_another_origin_reads_the_api_in_production():
    assert evaluate_in_production("settings.CORS_ORIGINS") == "[]"
    assert (
        evaluate_in_production("settings.CORS_ORIGINS", CORS_ORIGINS="https://music.example")
        == "['https://music.example']"
    )


def test_the_cookie_of_a_session_is_this_hosts_alone_in_production():
    names = ("NAME", "SECURE", "HTTPONLY", "SAMESITE", "PATH", "DOMAIN")
    found = evaluate_in_production(", ".join(f"settings.SESSION_COOKIE_{name}" for name in names))

    assert found == "__Host-sessionid True True Lax / None"


def test_production_does_not_start_on_embedded_servers():
    keys = {name: PRODUCTION[name] for name in ("DJANGO_SECRET_KEY", "ENCRYPTION_MASTER_KEY")}
    found = manage("check", ENVIRONMENT="production", **keys)

    assert found.returncode != 0
    assert "Production does not start: set DATABASE_URL" in found.stderr


def test_an_environment_that_is_none_does_not_pass_for_development():
    found = manage("check", ENVIRONMENT="prod")

    assert found.returncode != 0
    assert "ENVIRONMENT is 'prod': give one of development, production" in found.stderr


def test_a_secret_of_a_file_and_an_address_made_of_parts_reach_the_settings_and_celery(tmp_path):
    (tmp_path / "password").write_text(f"{STRONG}\n")
    expression = "from django.conf import settings; from celery import current_app as app; print(app.conf.broker_url)"
    variables = {"RABBITMQ_HOST": "rabbitmq", "RABBITMQ_PASSWORD_FILE": str(tmp_path / "password")}

    found = manage("shell", "--no-imports", "-c", expression, **variables)

    assert found.stdout.strip() == f"amqp://linernotes:{STRONG}@rabbitmq:5672//", found.stderr


def test_the_admin_is_where_it_is_wanted():
    asked = "from django.urls import reverse; print(reverse('admin:index'))"
    found = manage("shell", "--verbosity", "0", "--command", asked, ADMIN_PATH="/back/office/")

    assert found.stdout == "/back/office/\n"
    assert "ADMIN_PATH is '/': give a path" in manage("check", ADMIN_PATH="/").stderr
