# What a newcomer needs, each in one word: `make help` lists it. Every target sets itself up, and sets up only once.

VENV  := .venv
BIN   := $(VENV)/bin
READY := $(VENV)/.ready
N     ?= 200
SEEDS ?= 1-50
SEQUENCES ?= 10000
ARGS  ?=

UV_COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header

export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help demo test lint serve crash prove economy simulate fight killswitch mistakes wrongdevice matrix bench lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

demo: $(READY) ## a joiner, a mover and a leaver, from SCIM requests to what Hexnode was told
	@$(BIN)/scim-bridge demo

test: $(READY) ## every test, on SQLite and on a real PostgreSQL (ARGS="-k lock" for some)
	@$(BIN)/pytest -n 3 --dist worksteal $(ARGS)

lint: $(READY) ## style and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

serve: $(READY) ## the whole bridge, with the settings of your environment (ARGS="--bind 127.0.0.1:9000")
	@$(BIN)/scim-bridge serve $(ARGS)

crash: $(READY) ## N rounds of killing the driver, also while it wipes; nothing may be lost or doubled (N=200)
	@$(BIN)/python -m tests.crash --rounds $(N)

prove: $(READY) ## the long proofs: SEQUENCES random conversations against a model of SCIM, N kills of the driver
	@$(BIN)/python -m tests.model --sequences $(SEQUENCES)
	@$(BIN)/python -m tests.model --sequences 1000 --database postgresql
	@$(BIN)/python -m tests.crash --rounds $(N)

economy: $(READY) ## the calls that everyday changes cost, beside the fewest possible
	@$(BIN)/python -m tests.economy

simulate: $(READY) ## months of companies' lives, each from a seed (SEEDS=1-50, ARGS="--people 5000 --days 60")
	@$(BIN)/python -m tests.simulation --seeds $(SEEDS) $(ARGS)

fight: $(READY) ## two workers fight for one portal, N rounds, one of them stopped past its lease (N=1000)
	@$(BIN)/python -m tests.fights --rounds $(N) $(ARGS)

killswitch: $(READY) ## seconds from the IdP's 2xx to a leaver's lock, behind 100,000 joiners (ARGS="--only served")
	@$(BIN)/python -m tests.killswitch $(ARGS)

mistakes: $(READY) ## an IdP deactivates 10,000 people by mistake, and nobody looks (ARGS="--people 1000 --rate 5")
	@$(BIN)/python -m tests.mistakes $(ARGS)

wrongdevice: $(READY) ## fleets that change between plan and send; what is destroyed is judged (ARGS="--examples 2000")
	@$(BIN)/python -m tests.wrong_device $(ARGS)

matrix: $(READY) ## every action of offboarding fails in every way, and the table of what came of it (ARGS="--only wipe")
	@$(BIN)/python -m tests.matrix $(ARGS)

bench: $(READY) ## CPU beside a bare Flask route, growth to a million users, memory (ARGS="--only floor")
	@$(BIN)/python -m tests.benchmarks $(ARGS)

lock: $(READY) ## re-make both lock files from pyproject.toml (ARGS="--upgrade" for newer versions)
	$(UV_COMPILE) $(ARGS) --output-file requirements.lock pyproject.toml
	$(UV_COMPILE) $(ARGS) --extra dev --output-file requirements-dev.lock pyproject.toml

clean: ## remove what was built and cached here; never a database, nor .venv
	rm -rf .demo dist .mypy_cache .ruff_cache .hypothesis
	find . -path ./$(VENV) -prune -o -type d -name __pycache__ -exec rm -rf {} +

# The environment is made again only when the lock or pyproject.toml is newer than the stamp; nothing else asks the network.
$(READY): requirements-dev.lock pyproject.toml
	@if ! $(BIN)/python -m pip --version >/dev/null 2>&1; then \
	    for python in $(PYTHON) python3 python3.11 python3.12 python3.13 python3.14; do \
	        if $$python -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
	            echo "Making $(VENV) with $$python"; exec $$python -m venv --clear $(VENV); \
	        fi; \
	    done; \
	    echo "scim-bridge needs Python 3.11 or newer with its venv module (Debian: apt install python3-venv);" \
	         "if yours has another name, say: make PYTHON=/path/to/python3" >&2; \
	    exit 1; \
	fi
	@echo "Installing what requirements-dev.lock names"
	@$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements-dev.lock
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $(READY)
