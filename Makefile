# Everything that is run here, by people and by CI, is one of these targets.
PYTHON ?= python3
VIDEO ?=
STYLE ?= brushwork

BIN := .venv/bin
export DAGSTER_HOME := $(CURDIR)/.dagster
export DAGSTER_DISABLE_TELEMETRY := yes

.PHONY: demo dev test test-slow check format clean

demo: .venv/run  ## Style VIDEO (or a generated clip) and print where the film is
	$(BIN)/python -m style_pipeline.demo $(if $(VIDEO),--video "$(VIDEO)") --style $(STYLE)

dev: .venv/run $(DAGSTER_HOME)/dagster.yaml  ## Dagster's UI and daemon; drop videos into media/videos/<style>/
	mkdir -p media/videos/$(STYLE)
	$(BIN)/dagster dev

test: .venv/test node_modules/.bin/azurite-blob  ## The tests, without the slow ones
	$(BIN)/pytest -m "not slow" $(ARGS)

test-slow: .venv/test node_modules/.bin/azurite-blob  ## The slow tests alone
	$(BIN)/pytest -m slow $(ARGS)

check: .venv/test  ## Lint, formatting, types, and whether Dagster can load the project
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/dagster definitions validate

format: .venv/test  ## Let ruff mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:  ## Remove what was installed; films and Dagster's memory stay
	rm -rf .venv node_modules

.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv

.venv/run: .venv/bin/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
	touch $@

.venv/test: .venv/run
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[test,check]'
	touch $@

# Node itself comes from PyPI, in the test requirements.
node_modules/.bin/azurite-blob: .venv/test package.json
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/npm install --no-audit --no-fund
	touch $@

$(DAGSTER_HOME)/dagster.yaml: | .venv/run
	mkdir -p $(DAGSTER_HOME)
	ln -sf ../dagster.yaml $@
# The default limit of pools is not known to the first runs of a new instance.
	$(BIN)/dagster instance concurrency set gpu 1
