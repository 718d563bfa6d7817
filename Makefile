# Everything that is run here, by people and by CI, is one of these targets.
PYTHON ?= python3
VIDEO ?=
READINGS ?=
STYLE ?= starry-night
# Chunks that are stylized at a time: one uses all cores, or the GPU, of a workstation.
CHUNKS_AT_A_TIME ?= 1

BIN := .venv/bin
export DAGSTER_DISABLE_TELEMETRY := yes

.DELETE_ON_ERROR:
.PHONY: demo demo-sensors dev serve studio test test-slow nightly chaos check audit format clean deploy destroy

demo: .venv/run  ## Style VIDEO (or a generated clip) and print where the film is
	$(BIN)/style-pipeline stylize --style $(STYLE) $(if $(VIDEO),"$(VIDEO)")

demo-sensors: .venv/run  ## Find the faults of a simulated plant (or of READINGS), print where the plot is
	$(BIN)/python -m sensor_pipeline.demo $(if $(READINGS),"$(READINGS)")

dev: .dagster/dagster.yaml  ## Dagster's UI and daemon; drop videos into media/videos/<style>/
	@for each in style sensor faq; do $(BIN)/python -m $${each}_pipeline.settings || exit; done
	mkdir -p media/videos/$(STYLE) media/readings media/faq
	DAGSTER_HOME="$(CURDIR)/.dagster" $(BIN)/dg dev --workspace workspace.yaml

serve studio: .venv/run  ## The scoring service and its studio, beside `make dev` and on its folders
	$(BIN)/python -m scoring_service

# The tests' pictures are so small that a second thread only waits for the first.
test test-slow nightly chaos: export OMP_NUM_THREADS := 1
# By file, as files share what is slow to start; in their order, as the last ones mostly wait.
# ARGS=-n0 has them in one process, for a debugger.
WORKERS := -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

test: .venv/test node_modules/.bin/azurite-blob  ## The tests, without the slow ones
	$(BIN)/pytest -m "not slow and not nightly and not chaos" $(WORKERS) $(ARGS)

test-slow: .venv/test node_modules/.bin/azurite-blob  ## The slow tests alone
	$(BIN)/pytest -m slow $(WORKERS) $(ARGS)

nightly: .venv/test node_modules/.bin/azurite-blob  ## What takes minutes and seldom changes
	$(BIN)/pytest -m nightly $(WORKERS) $(ARGS)

chaos: .venv/test node_modules/.bin/azurite-blob  ## Kill all that makes films; SEED=N for the same again
	$(BIN)/pytest -m chaos -s $(ARGS)

check: .venv/test  ## Lint, formatting, types, layers, and whether Dagster can load the project
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/dg check defs
	$(BIN)/python -W ignore::FutureWarning -m dagster definitions validate --workspace workspace.yaml

# Strict, as it would pass over what PyPI does not answer for, and call that no flaw.
audit: .audit/bin/pip-audit  ## Known flaws of what is pinned; it asks PyPI, so it is no part of `check`
	.audit/bin/pip-audit --strict --requirement constraints.txt --no-deps --disable-pip

format: .venv/test  ## Let ruff fix what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

deploy:  ## Bring AKS, storage and Dagster to what deploy/ says; ARGS go to terraform apply
	deploy/deploy.sh $(ARGS)

destroy:  ## Remove all that `make deploy` made, films included
	terraform -chdir=deploy/terraform destroy $(ARGS)

clean:  ## Remove what was installed; films and Dagster's memory stay
	rm -rf .venv .audit node_modules

.venv/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed: make PYTHON=python3.12 ..."; exit 1; }
	$(PYTHON) -m venv .venv || { rm -rf .venv; exit 1; }

.venv/run: .venv/bin/pip pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev,faq,sensors,service]'
	touch $@

.venv/test: .venv/run
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev,test,check]'
	touch $@

# Apart from the project's: what it needs itself is not pinned here.
.audit/bin/pip-audit:
	$(PYTHON) -m venv .audit
	.audit/bin/python -m pip install --quiet pip-audit

# Node itself comes from PyPI, in the test requirements.
node_modules/.bin/azurite-blob: .venv/test package.json
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/npm install --no-audit --no-fund
	touch $@

# The instance of `make dev`: its state is in .dagster/, its settings stay where they can be edited.
.dagster/dagster.yaml: | .venv/run
	mkdir -p .dagster
	rm -f $@
	cp deploy/local/dagster.yaml .dagster/
	DAGSTER_HOME="$(CURDIR)/.dagster" $(BIN)/dagster instance concurrency set gpu $(CHUNKS_AT_A_TIME)
	ln -sf ../deploy/local/dagster.yaml $@
