# `make run` and `make test` are the two commands a newcomer needs. Everything is brought into this folder.

SHELL := /bin/bash
UV := .tools/bin/uv
BIN := .venv/bin

.PHONY: run test check fix bench install lock messages clean

.tools/bin/uv:
	@echo "Bringing uv into the checkout"
	@python3 -m pip install --quiet --disable-pip-version-check --target .tools uv

install: .tools/bin/uv
	@test -x $(BIN)/python || $(UV) venv --quiet --python python3 .venv
	@$(UV) pip sync --quiet --require-hashes requirements/all.txt

lock: .tools/bin/uv
	@$(UV) pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate --python-version 3.11 --custom-compile-command "make lock" pyproject.toml -o requirements/production.txt
	@$(UV) pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate --python-version 3.11 --custom-compile-command "make lock" pyproject.toml --group embedded --group dev -c requirements/production.txt -o requirements/all.txt
	@$(UV) pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate --python-version 3.11 --custom-compile-command "make lock" pyproject.toml --group maps -c requirements/all.txt -o requirements/maps.txt

test: install
	@$(BIN)/pytest -n auto

check: install
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy . && $(BIN)/lint-imports

fix: install
	@$(BIN)/ruff check --fix . && $(BIN)/ruff format .
