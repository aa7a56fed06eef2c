# make demo    a simulated market and a chat with it, here in the terminal
# make test    every test, with what the tests need
# make check   format, lint, types, floors, known holes in packages
# make bench   how fast and how right, one table
# make approve draw the approved pictures anew, after looking at them
# make words  give translators every sentence that is said
# make lock    resolve the dependencies again, hashes and all

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin

# Installs exactly what is locked, and says which package it is at.
INSTALL = $(BIN)/python -m pip install --disable-pip-version-check --require-hashes --no-deps -r
TELL = awk '/^Collecting|^Requirement already/ {n++; printf "\r  package %d %-40.40s", n, $$2; fflush()} END {printf "\r%-60s\r", ""}'
ITSELF = $(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation --no-index --editable .

.PHONY: help demo test check bench words approve lock clean

help:
	@grep '^# make' Makefile | sed 's/^# //'

.venv/made:
	@echo "Making .venv with $$($(PYTHON) --version)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Emberline needs Python 3.11 or newer; set PYTHON=python3.11")'
	@$(PYTHON) -m venv .venv
	@touch $@

.venv/run: .venv/made requirements.txt pyproject.toml
	@echo "Installing $$(grep -c '==' requirements.txt) locked packages (a minute the first time)"
	@$(INSTALL) requirements.txt | $(TELL)
	@$(ITSELF)
	@touch $@

.venv/dev: .venv/run requirements-dev.txt
	@echo "Installing what the tests need, $$(grep -c '==' requirements-dev.txt) locked packages in all"
	@$(INSTALL) requirements-dev.txt | $(TELL)
	@touch $@

demo: .venv/run
	@$(BIN)/emberline demo

test: .venv/dev
	@$(BIN)/python -m pytest -n auto

check: .venv/dev
	@echo "ruff"; $(BIN)/ruff check . && $(BIN)/ruff format --check .
	@echo "mypy"; $(BIN)/mypy
	@echo "lint-imports"; $(BIN)/lint-imports --no-logo
	@echo "pip-audit"; $(BIN)/python .ci/audit

bench: .venv/dev
	@$(BIN)/python -m tests.benchmarks

words: .venv/dev
	@$(BIN)/python -m tests.languages.gather

approve: .venv/dev
	@$(BIN)/python -m tests.renderers.approve

# uv resolves; no address of an index is written down.
lock:
	uv pip compile -q pyproject.toml --extra build --universal --python-version 3.11 \
	    --generate-hashes --no-emit-index-url --no-header -o requirements.txt
	uv pip compile -q pyproject.toml --extra build --extra dev --universal --python-version 3.11 \
	    --generate-hashes --no-emit-index-url --no-header -c requirements.txt -o requirements-dev.txt

clean:
	rm -rf .venv .mypy_cache .ruff_cache .hypothesis out
