# Every verb sets itself up: the virtual environment, the pinned dependencies and Temporal's CLI. A second run starts at once.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
READY := $(VENV)/.ready
BIN := $(VENV)/bin
ROOMS := $(wildcard engine channels records workers api sojourn)

.PHONY: help setup temporal demo test check bench trial style types arrows rules
.DELETE_ON_ERROR:

help:
	@echo "make demo   live through a sample customer base on a real Temporal server"
	@echo "make test   the whole test suite, but for the trials"
	@echo "make check  style, types, the rooms' arrows, the house's rules (each a verb of its own; make -k check tries all)"
	@echo "make bench  what it costs, measured"
	@echo "make trial  the long runs: the whole kill matrix, CDNOW live"

$(READY): pyproject.toml constraints.txt
	@test -x $(BIN)/python || { echo "Making the virtual environment in $(VENV)"; $(PYTHON) -m venv $(VENV); }
	@echo "Installing the pinned dependencies"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

setup: $(READY)

temporal: setup
	@$(BIN)/python -m workers.devserver ensure

demo: temporal
	@$(BIN)/sojourn demo

test: temporal
	@$(BIN)/python -m pytest

trial: temporal
	@$(BIN)/python -m pytest -m trial --timeout 7200

bench: temporal
	@$(BIN)/python -m tests.bench

check: style types arrows rules

style: setup
	@$(BIN)/ruff check $(ROOMS) tests
	@$(BIN)/ruff format --check $(ROOMS) tests

types: setup
	@$(BIN)/mypy $(ROOMS) tests

arrows: setup
	@$(BIN)/lint-imports --no-logo

rules: setup
	@$(BIN)/python -m pytest -q tests/house
