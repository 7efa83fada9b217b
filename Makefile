# Needs Python 3.11 or later and make; everything else is installed into .venv.
PYTHON ?= python3
WORKERS ?= 2
BIN := .venv/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: demo serve test check bench format environment browser lite clean

demo: .venv/.app
	$(BIN)/readerstudy demo

serve: .venv/.app
	$(BIN)/readerstudy serve

test: environment browser lite
	$(BIN)/python -m pytest -n $(WORKERS)

check: environment
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest --quiet tests/test_house.py
	$(BIN)/python -m tests.sql_check

bench: environment browser lite
	$(BIN)/python -m benchmarks

format: environment
	$(BIN)/ruff check --fix --quiet .
	$(BIN)/ruff format --quiet .

environment: .venv/.dev

browser:
	@.ci/packages chromium || echo "Tests in a browser are skipped: install Chromium (Debian's package is chromium)."

# What stands in for Supabase in tests, and its command line; quick where it is installed.
lite: environment
	@$(BIN)/python -m tests.supabase.install && $(BIN)/python -m tests.supabase.cli || echo "Tests of Supabase are skipped: npm has to reach its packages once."

.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed, this is " + sys.version)'
	$(PYTHON) -m venv .venv

# The stamps say which pyproject.toml and constraints were last installed, so that a second run is quick.
.venv/.app: pyproject.toml constraints.txt | .venv/bin/python
	$(INSTALL) --editable .
	@touch $@

.venv/.dev: pyproject.toml constraints.txt | .venv/bin/python
	$(INSTALL) --editable '.[dev]'
	@touch .venv/.app $@

clean:
	rm -rf .venv build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache
