# Two commands do everything: `make demo` and `make test`. Each makes .venv and installs what it needs, once.
.ONESHELL:
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: install demo test test-slow test-gpu test-gpu-compile lint types check figures docs bench clean

install: $(VENV)/installed

$(VENV)/installed: pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing into $(VENV) (once)"
	@$(PIP) --editable . && touch $@

$(VENV)/installed-test: $(VENV)/installed
	@$(PIP) --editable ".[test]" && touch $@

$(VENV)/installed-dev: $(VENV)/installed-test
	@$(PIP) --editable ".[test,dev]" && touch $@

demo: $(VENV)/installed
	@$(BIN)/ratelab demo

test: $(VENV)/installed-test
	@$(BIN)/python -m pytest --numprocesses auto --dist loadfile

test-slow: $(VENV)/installed-test
	@$(BIN)/python -m pytest --numprocesses auto -m "slow and not gpu and not gpu_compile"

test-gpu: $(VENV)/installed-test
	@$(BIN)/python -m pytest -m gpu

test-gpu-compile: $(VENV)/installed-test
	@$(BIN)/python -m pytest --numprocesses auto -m gpu_compile

lint: $(VENV)/installed-dev
	@$(BIN)/ruff format --check . && $(BIN)/ruff check .

types: $(VENV)/installed-dev
	@$(BIN)/mypy

check: lint types test

figures: $(VENV)/installed
	@$(BIN)/ratelab figures

$(VENV)/installed-docs: $(VENV)/installed-test
	@$(PIP) --editable ".[test,docs]" && touch $@

docs: $(VENV)/installed-docs
	@$(BIN)/ratelab doctor --libraries --out docs/libraries.md
	@$(BIN)/ratelab errata --out docs/errata.md
	@$(BIN)/ratelab list problems --cards docs/problems
	@$(BIN)/ratelab figures --gallery docs/gallery.md
	@$(BIN)/python docs/build_api.py docs/api
	@$(BIN)/python -m pytest -q tests/test_docs.py

$(VENV)/installed-bench: $(VENV)/installed
	@$(PIP) --editable ".[bench]" && touch $@

bench: $(VENV)/installed-bench
	@$(BIN)/ratelab bench

clean:
	@rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
