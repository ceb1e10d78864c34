"""What holds for the whole project: its migrations, its settings, its documents."""

import re
import socket
from pathlib import Path
from typing import Any

import pytest
from celery import current_app
from django.apps import apps
from django.conf import settings
from django.core.management import call_command, load_command_class

from apps.graph import post_load
from apps.ingest.feed import queues
from apps.stack import environment

ROOT = Path(__file__).resolve().parent.parent
COMMANDS = sorted(ROOT.glob("apps/*/management/commands/[a-z]*.py"))


def documents():
    return "\n".join(path.read_text() for path in [ROOT / "README.md", *ROOT.glob("docs/**/*.md")])


# Django


@pytest.mark.django_db
def test_no_migration_is_missing():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_the_checks_find_nothing():
    call_command("check", fail_level="DEBUG")


# Imports


def test_no_test_is_imported_by_the_product():
    for folder in ("apps", "tasks", "config"):
        for path in (ROOT / folder).rglob("*.py"):
            found = re.findall(r"^\s*(?:from|import) tests\b", path.read_text(), re.MULTILINE)
            assert not found, path


# The tests


def test_no_test_connects_to_another_host():
    with socket.socket() as opened, pytest.raises(AssertionError, match="wants to connect to"):
        opened.connect(("192.0.2.1", 80))


def test_no_test_sees_the_stores_of_a_developer():
    assert environment.folder().name == "test"
    assert environment.read()["DATABASE_URL"] == settings.DATABASE_URL
    assert environment.read()["NEO4J_URL"] == settings.NEO4J_URL
    assert environment.read()["CELERY_BROKER_URL"] == settings.CELERY_BROKER_URL


# Celery


def tasks():
    current_app.loader.import_default_modules()
    return {name: task for name, task in current_app.tasks.items() if name.startswith("tasks.")}


def test_every_task_goes_to_a_queue_that_exists():
    assert tasks()
    assert {current_app.amqp.router.route({}, name)["queue"].name for name in tasks()} <= set(queues.NAMES)


@pytest.mark.parametrize("name", queues.NAMES)
def test_every_queue_has_a_task(name):
    assert name in {current_app.amqp.router.route({}, each)["queue"].name for each in tasks()}


def test_what_beat_sends_exists():
    assert {entry["task"] for entry in current_app.conf.beat_schedule.values()} <= set(tasks())


# Documents


def architecture():
    return (ROOT / "docs" / "architecture.md").read_text()


def test_the_table_of_tasks_has_every_task_with_its_queue():
    section = architecture().split("\n## Tasks\n")[1].partition("\n## ")[0]
    table = section.strip().partition("\n\n")[0]
    routes = {name: current_app.amqp.router.route({}, name)["queue"].name for name in tasks()}

    written = re.findall(r"^\| `(\w+)\(\w*\)` \| `(\w+)` \|", table, re.MULTILINE)
    assert sorted(written) == sorted((name.rpartition(".")[2], queue) for name, queue in routes.items())


def test_the_table_of_maintenance_has_every_step():
    section = architecture().split("\n## Maintenance\n")[1].partition("\n## ")[0]
    steps = {
        step.__name__ for each in (post_load.DISCOGS, post_load.MUSICBRAINZ, post_load.BULK) for step in each.steps
    }

    assert {
        name for cell in re.findall(r"^\| (`.+?) \|", section, re.MULTILINE) for name in re.findall(r"`(\w+)`", cell)
    } == steps


@pytest.mark.parametrize("path", COMMANDS, ids=lambda path: path.stem)
def test_every_command_has_a_help_and_is_documented(path):
    command = load_command_class(f"apps.{path.parents[2].name}", path.stem)

    assert command.help
    assert re.search(rf"\b(manage\.py|make) {path.stem}\b", documents())


def our_tables():
    models = [
        model for config in apps.get_app_configs() if config.name.startswith("apps.") for model in config.get_models()
    ]
    return sorted(model._meta.db_table.replace('"', "").rpartition(".")[2] for model in models)


@pytest.mark.parametrize("table", our_tables())
def test_every_table_is_in_the_data_dictionary(table):
    assert f"`{table}`" in (ROOT / "docs" / "data-dictionary.md").read_text()


def loading_settings():
    text = (ROOT / "config" / "settings.py").read_text()
    return re.findall(r'env\.\w+\("([A-Z_0-9]+)"', text[text.index("# --- loading") :])


@pytest.mark.parametrize("name", loading_settings())
def test_every_setting_of_loading_is_documented(name):
    assert f"`{name}`" in (ROOT / "docs" / "settings.md").read_text()


# Connections


def test_no_process_has_a_pool_of_connections():
    """A process has one connection: with a pool each, a few more workers would be more than the server takes."""
    options: Any = settings.DATABASES["default"]["OPTIONS"]
    assert "pool" not in options


# References to documents


def references():
    """Yield (file, referenced page, anchor or "") for every page below docs/ that code or a document names."""
    code = [path for folder in ("apps", "config", "tasks", "tests", "bench") for path in (ROOT / folder).rglob("*.py")]
    written = [
        *ROOT.glob("*.md"),
        *(path for folder in ("docs", "tests", "bench") for path in (ROOT / folder).rglob("*.md")),
    ]
    for path in [*code, *written]:
        for page, anchor in re.findall(r"\b(docs/[\w/.-]+\.md)(?:#([\w-]+))?", path.read_text()):
            yield path, ROOT / page, anchor
    for path in written:
        for page, anchor in re.findall(r"\]\((?!https?:)([\w/.-]*)(?:#([\w-]+))?\)", path.read_text()):
            yield path, (path.parent / page).resolve() if page else path, anchor


def anchors(page):
    """Return the anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def test_every_reference_to_a_document_leads_somewhere():
    lost = {
        f"{path.relative_to(ROOT)}: {page.relative_to(ROOT)}#{anchor}"
        for path, page, anchor in references()
        if not page.exists() or (anchor and page.suffix == ".md" and anchor not in anchors(page))
    }

    assert lost == set()


def test_every_decision_that_is_named_exists():
    decisions = {int(path.name[:4]) for path in (ROOT / "docs" / "decisions").glob("[0-9]*.md")}
    paths = [path for folder in ("apps", "config", "tasks", "tests", "bench") for path in (ROOT / folder).rglob("*.py")]
    written = [path for folder in ("docs", "tests", "bench", "deploy") for path in (ROOT / folder).rglob("*.[my]*")]
    for path in [*paths, *written, *ROOT.glob("*.md")]:
        for numbers in re.findall(r"\bdecisions? (\d+(?:(?:, | and | to )\d+)*)", path.read_text()):
            named = {int(number) for number in re.findall(r"\d+", numbers)}
            assert named <= decisions, f"{path} names decision {numbers}"


def test_code_names_no_document_that_is_not_here():
    for folder in ("apps", "config", "tasks", "tests", "bench"):
        for path in (ROOT / folder).rglob("*.py"):
            found = re.findall(r"\b(?:api|data|surfaces|design|technology|house|style)\.md \d", path.read_text())
            assert not found, f"{path}: {found}"


def test_the_index_of_decisions_lists_each_with_its_title():
    pages = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
    listed = re.findall(r"^- \[(\d+)\. (.+)\]\((.+)\)$", (pages[0].parent / "README.md").read_text(), re.MULTILINE)
    titles = [re.match(r"# (\d+)\. (.+)\n\nAccepted, 20\d\d-\d\d-\d\d\.\n", page.read_text()) for page in pages]
    assert [page.name for page, title in zip(pages, titles, strict=True) if title is None] == []
    assert listed == [(title[1], title[2], page.name) for page, title in zip(pages, titles, strict=True)]
