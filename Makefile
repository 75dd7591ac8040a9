# make run    everything, from nothing: set-up, database, emulator, worker, web
# make lint   style, types, who may import whom, templates, migrations, deployment checks
# make test   the whole test suite, browser included      (make test ARGS="tests/platform -x")
# make bench  the budgets of the design, measured          make chaos  kill -9 while it works
# make lock   resolve requirements*.in anew

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
TEST_PROCESSES ?= 3
ARGS ?=
# Tests and installations start dozens of programs, each of which would compile crmsync anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run lint test bench chaos lock setup tools stop
.DEFAULT_GOAL := help

help:
	@sed -n 's/^# \{0,1\}//p;/^$$/q' Makefile

setup: $(VENV)/.runtime
tools: $(VENV)/.tools

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "crmsync needs Python 3.11 or newer; set PYTHON=/path/to/one.")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.tools: requirements-dev.txt $(VENV)/.runtime
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

run: setup
	@exec $(BIN)/python -m crmsync.supervisor

# For a database that a manage.py command started; `make run` stops its own.
stop: setup
	@DEBUG=1 $(BIN)/python -m crmsync.embedded_database stop

# Set as in production, so that the deployment checks judge production; nothing is contacted.
lint: export DEBUG = 0
lint: export SECRET_KEY = only-for-make-lint-0123456789-0123456789-0123456789-abcdefghijk
lint: export TOKEN_ENCRYPTION_KEYS = b25seS1mb3ItbWFrZS1saW50LTAxMjM0NTY3ODktYWI=
lint: export SITE_URL = https://crm.example.com
lint: export ALLOWED_HOSTS = crm.example.com
lint: export DATABASE_URL = postgres://lint@127.0.0.1:1/lint
lint: export EMAIL_URL = smtp+tls://lint:lint@127.0.0.1:1
lint: export INTUIT_ENVIRONMENT = production
lint: export INTUIT_CLIENT_ID = lint
lint: export INTUIT_CLIENT_SECRET = lint
lint: export INTUIT_WEBHOOK_VERIFIER_TOKEN = lint
lint: tools
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	git ls-files -z -- 'templates/*.html' | xargs -0 --no-run-if-empty $(BIN)/djade --check --target-version 5.2
	$(BIN)/python -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run
	$(BIN)/python manage.py check --deploy --fail-level WARNING

test: tools
	@chromium=$$(.ci/find-browser) && CHROMIUM_PATH="$$chromium" \
	  $(BIN)/python -m pytest -n $(TEST_PROCESSES) --dist worksteal $(ARGS)

bench: tools
	$(BIN)/python -m tests.bench $(ARGS)

chaos: tools
	$(BIN)/python -m tests.chaos $(ARGS)
	$(if $(ARGS),,$(BIN)/python -m tests.chaos.mailing)

LOCK := $(BIN)/python -m piptools compile --quiet --allow-unsafe --generate-hashes --strip-extras \
	--no-emit-find-links --no-emit-index-url --no-emit-trusted-host
lock: $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check pip-tools
	$(LOCK) --output-file=requirements.txt requirements.in $(ARGS)
	$(LOCK) --output-file=requirements-dev.txt requirements-dev.in $(ARGS)
