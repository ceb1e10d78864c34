# The commands of a checkout. Each one makes .venv first where that is missing or older than requirements/.

# The first Python that is new enough; "make PYTHON=/path/to/python3 …" names another.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
CONCURRENCY ?= 2
PORT ?= 8000
FLOWER_PORT ?= 5555
HEALTH_PORT ?= 8005
WEB_PROCESSES ?= 2
WEB_THREADS ?= 16
SEED ?= 1
COUNT ?= 1000
BIN := .venv/bin
MANAGE := $(BIN)/python manage.py
INSTALLED := .venv/.installed

.DEFAULT_GOAL := help
.PHONY: help setup demo up down migrate run web openapi worker flower load-sample test test-all check fix bench bench-api \
	bench-pages chaos fuzz-months coverage port-free python

help: ## list these commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r name text; do \
		printf 'make %-12s %s\n' "$$name" "$$text"; done

setup: $(INSTALLED) ## create .venv, or bring it up to date with requirements/

demo: port-free setup ## start everything with the sample loaded, on http://127.0.0.1:8000; Ctrl-C ends it
	@exec $(MANAGE) demo --port $(PORT)

up: setup ## start the embedded PostgreSQL, Valkey and Neo4j
	@$(MANAGE) stack up

down: setup ## stop the embedded servers
	@$(MANAGE) stack down

migrate: setup ## make or update the schemas of PostgreSQL and Neo4j
	@$(MANAGE) schema_init

run: port-free setup ## serve the site
	@exec $(BIN)/uvicorn config.asgi:application --host 127.0.0.1 --port $(PORT) --timeout-graceful-shutdown 2

web: port-free setup ## serve the site as a deployment does: the API, pages and admin, by two processes
	@MALLOC_ARENA_MAX=2 exec $(MANAGE) serve --health-port $(HEALTH_PORT) gunicorn config.wsgi \
		--bind 127.0.0.1:$(PORT) --workers $(WEB_PROCESSES) --threads $(WEB_THREADS)

openapi: setup ## write docs/openapi.yaml anew from the endpoints, and from it what clients/mcp knows of answers
	@$(MANAGE) spectacular --urlconf config.api --file docs/openapi.yaml --validate --fail-on-warn
	@$(BIN)/python scripts/make_mcp_schemas.py

worker: setup ## work on all queues, with the scheduler in it
	@exec $(BIN)/celery -A config worker -B --concurrency $(CONCURRENCY)

flower: setup ## serve a page about workers and tasks
	@echo "Flower is at http://127.0.0.1:$(FLOWER_PORT); Ctrl-C ends it"
	@exec $(BIN)/celery -A config flower --address=127.0.0.1 --port=$(FLOWER_PORT)

load-sample: setup ## load the sample dump, with a worker of its own
	@exec $(MANAGE) load_sample

test: setup ## run the tests, except the slow ones; ARGS="tests/unit" for some of them
	@$(BIN)/pytest -m "not slow" --timeout 400 $(ARGS)

test-all: setup ## run all tests
	@$(BIN)/pytest

coverage: setup ## run the tests and list the lines that none of them reaches; ARGS as for test
	@$(BIN)/pytest -m "not slow" --timeout 400 --cov=apps --cov=config --cov=tasks --cov-report=term-missing:skip-covered $(ARGS)

check: setup ## check format, lint, directions of imports, types and migrations
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/mypy
	@$(MANAGE) makemigrations --check

fix: setup ## put format and imports right
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: setup ## measure loading on this machine; ARGS="--quick" for a small dump, see bench/README.md
	@$(BIN)/python -m bench $(ARGS)

bench-api: setup ## measure the API over what is loaded; ARGS="--quick" for less of it, see bench/README.md
	@$(BIN)/python -m bench.api $(ARGS)

bench-pages: setup ## measure the pages of a running site in the system's Chromium; ARGS="--url http://127.0.0.1:8000"
	@$(BIN)/python -m bench.pages $(ARGS)

chaos: setup ## load while everything is killed, paused and restarted; ARGS="--seed 7" replays, see bench/README.md
	@$(BIN)/python -m bench.chaos $(ARGS)

fuzz-months: setup ## play random sequences of months; SEED=7 COUNT=1 replays one, see bench/README.md
	@$(BIN)/python -m bench.months --seed $(SEED) --count $(COUNT) $(ARGS)

# Before anything is installed, which takes minutes. Ctrl-C is for make here: Python's start would end in a traceback.
port-free: python
	@trap '' INT; $(PYTHON) -m apps.stack.ports $(PORT)

python:
	@test -n "$(PYTHON)" || { echo "Linernotes needs Python 3.11 or newer; none of python3, python3.13, python3.12 and" \
		"python3.11 is. Name one: make PYTHON=/path/to/python3 setup" >&2; exit 1; }

$(INSTALLED): requirements/dev.txt requirements/embedded.txt requirements/prod.txt requirements/base.txt | python
	@echo "Installing requirements/dev.txt into .venv (once; a minute or two)"
	@$(PYTHON) -m venv .venv || { echo "Could not make .venv: install the venv module of $(PYTHON)" \
		"(on Debian and Ubuntu: apt install python3-venv)" >&2; exit 1; }
	@$(BIN)/pip install --quiet --disable-pip-version-check -r requirements/dev.txt
	@touch $@
