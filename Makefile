# Panhuo 盘活. `make demo` and `make test` need Python 3.11 or 3.12 and make, nothing else.
PYTHON ?= $(shell for p in python3.11 python3.12 python3; do command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(not (3,11) <= sys.version_info[:2] <= (3,12))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
BORROWERS ?= 2000
PRESET ?= county
SEED ?= 7
DEMO ?= demo
PORT ?= 8000
NPROC ?= 2

.PHONY: help demo test test-all lint bench chaos docs lists clean

help:  ## what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

$(VENV)/.bootstrap:
	@if [ -z "$(PYTHON)" ]; then echo "Panhuo needs Python 3.11 or 3.12 (found: $$(python3 --version 2>&1)). Install one, or name it: make PYTHON=/path/to/python3.11 ..."; exit 1; fi
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@touch $@

$(VENV)/.list-%: requirements/%.txt pyproject.toml $(VENV)/.bootstrap
	@echo "installing requirements/$*.txt"
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements/$*.txt
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e . 2>/dev/null || $(UV) pip install --quiet --python $(BIN)/python --no-deps -e .
	@touch $@

demo: $(VENV)/.list-server  ## the console on a sample bank, with sign-ins (BORROWERS=, PRESET=, SEED=, PORT=; ANEW=1 makes it again, DEMO_STAY=0 stops once it is up)
	@$(BIN)/panhuo demo --out $(DEMO) --borrowers $(BORROWERS) --preset $(PRESET) --seed $(SEED) --port $(PORT) $(if $(filter 1,$(ANEW)),--anew) $(if $(filter 0,$(DEMO_STAY)),--once)

test: $(VENV)/.list-test  ## the fast tests
	@$(BIN)/pytest -n $(NPROC) --dist loadfile -m "not slow and not spark" tests

test-all: $(VENV)/.list-spark lint  ## every test: slow and Spark too (Spark skips with its reason without Java)
	@$(BIN)/pytest -n $(NPROC) --dist loadfile --durations=40 --durations-min=5 tests

lint: $(VENV)/.list-test  ## ruff, mypy --strict, the house's import contracts
	@$(BIN)/ruff format --check --quiet src tests bench || (echo "run: $(BIN)/ruff format src tests bench"; exit 1)
	@$(BIN)/ruff check --quiet src tests bench
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

bench: $(VENV)/.list-bench  ## kernels beside their peers; fails below "must"
	@$(BIN)/python -m bench

chaos: $(VENV)/.list-test  ## kill runs, the server (50 times) and PostgreSQL (10): nothing lost or done twice
	@$(BIN)/pytest -n 0 -m "slow" tests/journey/test_killed.py
	@PANHUO_CHAOS_SERVER=$${PANHUO_CHAOS_SERVER:-50} PANHUO_CHAOS_POSTGRES=$${PANHUO_CHAOS_POSTGRES:-10} $(BIN)/pytest -n 0 -s tests/panhuo_server/flows/test_chaos.py

docs: $(VENV)/.list-test  ## pages made from declarations
	@$(BIN)/python docs/make.py

lists: $(VENV)/.bootstrap  ## resolve the hashed requirements lists again
	@for n in core learn optimise server test bench spark; do $(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-annotate requirements/$$n.in -o requirements/$$n.txt; done

clean:  ## remove the environment and the demo
	@rm -rf $(VENV) $(DEMO)
