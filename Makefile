# Two commands: `make run` charges a car, `make test` proves the station. `make help` lists the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help setup run test fast nightly matrix check format bench torture generate lock clean mutation

help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(STAMP) ## the virtual environment with locked dependencies

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Ohmstead needs Python 3.11 or newer; try: make PYTHON=python3.12 run")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing locked dependencies into $(VENV) (once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

run: $(STAMP) ## start the station, its CSMS and the web page
	@$(BIN)/ohmstead run

test: $(STAMP) check ## everything: checks, then the whole test suite
	$(BIN)/python -m pytest -n 3 --dist worksteal

fast: $(STAMP) ## format, types, tests of model and blocks: under a minute
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest tests/model tests/blocks -n 2

nightly: $(STAMP) ## the whole of every generator, torture, and fuzz; writes docs/nightly.md (PART=torture: one part; RESUME=1: what has not passed)
	$(BIN)/python tools/nightly.py $(if $(RESUME),--resume) $(PART)

matrix: $(STAMP) ## 200 products that a seed draws, each through every case; what fails shrinks (SEED=7, N=20: the first 20, ONLY="3 17")
	$(BIN)/python -m tests.matrix $(if $(SEED),--seed $(SEED)) $(if $(N),--products $(N)) $(if $(ONLY),--only $(ONLY))

check: $(STAMP) ## format, lint, types, architecture, generated files
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python tools/generate.py --check
	$(BIN)/python -m pytest tests/architecture

format: $(STAMP) ## put the code in form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

generate: $(STAMP) ## make the generated files again
	$(BIN)/python tools/generate.py

bench: $(STAMP) ## benchmarks, as a table, against named peers
	$(BIN)/python -m benchmarks

mutation: $(STAMP) ## small changes to model/ and blocks/, and which of them no test notices; goes on where it was (hours); writes docs/mutation.md
	$(BIN)/python -m tools.mutation --page

torture: $(STAMP) ## 1,000 kill -9 of a real station process: charging, outages, updates, settings
	OHMSTEAD_NIGHTLY=1 $(BIN)/python -m pytest tests/torture -n 2 --dist worksteal

lock: ## renew requirements.lock (needs uv)
	uv pip compile -q pyproject.toml --group dev --universal --generate-hashes --no-emit-index-url --no-emit-find-links --python-version 3.11 -o requirements.lock

clean: ## remove the environment and what runs left behind
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
