# One command for each chore. `make demo` and `make test` need nothing but Python 3.11+ and this file's neighbours.
PYTHON ?= python3
PIP_FLAGS ?=
PYTEST_FLAGS ?=

VENV := .venv
BIN := $(VENV)/bin
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check $(PIP_FLAGS)
INSTALLED := $(VENV)/.installed
DEV_INSTALLED := $(VENV)/.installed-dev

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup demo test lint check format docs clean

help: ## list the targets
	@awk 'BEGIN { FS = ":.*## " } /^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo 'PYTHON=python3.12 names the interpreter; PYTEST_FLAGS="-k labels" goes to pytest;'
	@echo 'PIP_FLAGS="--extra-index-url https://download.pytorch.org/whl/cpu" takes the small CPU build of torch.'

setup: $(INSTALLED) ## make .venv and install the requirements, where they changed

demo: $(INSTALLED) ## score data/sample_reviews.csv with the shipped model
	$(BIN)/python predict.py data/sample_reviews.csv

test: $(DEV_INSTALLED) ## run the tests, on up to four cores
	$(BIN)/python -m pytest -n logical --maxprocesses 4 --dist loadfile $(PYTEST_FLAGS)

lint: $(DEV_INSTALLED) ## check style, types and layers
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint test ## lint, then test: what has to pass before a commit

format: $(DEV_INSTALLED) ## format the code and mend what ruff can mend
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

docs: $(INSTALLED) ## write docs/settings.md and docs/reference/errors.md anew from the code
	$(BIN)/python -m sentiment.settings_page > docs/settings.md
	$(BIN)/python -m docs.reference.errors_page > docs/reference/errors.md

clean: ## remove .venv and the caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(INSTALLED): requirements.txt requirements/score.txt requirements/train.txt
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or newer is needed; %s is %s. Name another with make PYTHON=..." % (sys.executable, sys.version.split()[0]))'
	@echo "Setting up $(VENV) (a minute or two, longer where torch is downloaded) ..."
	$(PYTHON) -m venv $(VENV)
	$(PIP_INSTALL) -r requirements.txt
	@touch $@

$(DEV_INSTALLED): $(INSTALLED) $(wildcard requirements/*.txt)
	$(PIP_INSTALL) -r requirements/dev.txt
	@touch $@
