# Everything a person or a machine runs here. Needs only Python 3.11+ and make.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

.PHONY: run test test-slow lint bench clean

# installed once, again when the dependencies change
$(VENV)/.installed: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt "pip>=25.1"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[postgres]" --group dev
	touch $@

run: $(VENV)/.installed  ## the nightly flow on the bundled sample project
	$(BIN)/meibo demo

lint: $(VENV)/.installed  ## style, types, import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: lint  ## all checks and all tests but the slow ones
	$(BIN)/pytest --numprocesses 3 --dist loadgroup -m "not slow"

test-slow: $(VENV)/.installed  ## the slow tests: kills, readers beside writers, a Prefect server with a worker, long histories
	$(BIN)/pytest --numprocesses 2 --dist loadfile -m slow

bench: $(VENV)/.installed  ## accuracy and speed, measured; writes docs/benchmarks.md
	$(BIN)/python tests/bench/run.py

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
