# Needs Python 3.11 or newer, git and make; everything else comes hash-checked into .venv.
# Another Python: `make PYTHON=/path/to/python3.12 …`.

.POSIX:
.DEFAULT_GOAL := help
.PHONY: help setup demo test check format references bench fuzz quality new-actor lock clean

VENV := .venv
PY := $(VENV)/bin/python
READY := $(VENV)/.ready
BENCH_READY := $(VENV)/.ready-bench
MODULES := contracts runtime actors gateway cli tools tests
COMPILE := uv pip compile -q --universal --python-version 3.11 --no-emit-index-url --generate-hashes --no-header

help: ## show the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

setup: $(READY) ## make .venv as requirements.lock says

$(READY): requirements.lock pyproject.toml tools/setup.sh
	@PYTHON="$(PYTHON)" sh tools/setup.sh "$(VENV)" requirements.lock

$(BENCH_READY): $(READY) requirements-bench.lock
	@$(PY) -m pip install -q --no-deps --require-hashes -r requirements-bench.lock
	@touch "$@"

demo: $(READY) ## a talking sample video (or VIDEO=path-or-url) becomes captioned shorts, through every actor
	@$(PY) -m cli demo --video "$(VIDEO)"

# Tests start hundreds of processes of ours: those share what the first one compiled, whatever the environment says.
test: $(READY) ## all tests, with real servers, three workers for two cores: make test ARGS="tests/vlm -n 0" for some, in one process
	@unset PYTHONDONTWRITEBYTECODE; $(PY) -m pytest -n auto --dist worksteal $(ARGS)

check: $(READY) ## format, lint, types, import rules, generated references, shape of the actors
	@$(PY) -m tools.check

format: $(READY) ## put the code into its format
	@$(PY) -m ruff format .
	@$(PY) -m ruff check --fix .

references: $(READY) ## write the generated references again
	@$(PY) -m tools.references

bench: $(BENCH_READY) ## the benchmarks, each against its peers in one run
	@$(PY) -m bench $(ARGS)

quality: $(READY) ## the analysis on forty talks with known truth: make quality ARGS="0-19"
	@$(PY) -m tools.quality $(ARGS)

reliability: $(READY) ## a thousand publications under faults and kills: make reliability ARGS="--publications 100"
	@$(PY) -m tests.reliability $(ARGS)

fuzz: $(READY) ## schemathesis over the HTTP door: make fuzz ARGS="--examples 200 --seed 2"
	@$(PY) -m tests.gateway.fuzz $(ARGS)

new-actor: $(READY) ## a new actor's folder and tests: make new-actor NAME=subtitler
	@$(PY) -m tools.new_actor "$(NAME)"

lock: ## resolve the dependencies anew (needs uv)
	$(COMPILE) --extra dev pyproject.toml -o requirements.lock
	$(COMPILE) --extra dev --extra bench -c requirements.lock pyproject.toml -o requirements-bench.lock

clean: ## remove .venv, caches and what the demo made
	rm -rf .venv .clipwire .mypy_cache .ruff_cache .import_linter_cache .hypothesis
