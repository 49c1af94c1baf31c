# Every target sets itself up from a bare checkout; python3 (3.11 to 3.13) and make are all it needs.
PYTEST = .venv/bin/python -m pytest
# One more than cores: a test often waits for the database.
WORKERS = $(shell echo $$(($$(nproc 2>/dev/null || echo 2) + 1)))
# Each file of tests by one process, in our own order (tests/lanes.py): else those with most tests would begin.
SPREAD = -n $(WORKERS) --dist loadscope --no-loadscope-reorder
# Where it is set, each of the tests' hundreds of processes would compile the whole project and its tests once more.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo check test soak bench lock codegen lint setup runtime
.DEFAULT_GOAL := help

help: ## Show these lines.
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1	\2/p' Makefile

demo: runtime ## Start the portal with made-up data on http://127.0.0.1:8000 (PORT= changes it); Ctrl-C stops it.
	@exec .venv/bin/portal demo

check: lint ## Format, lint, types, imports and the fast tests, in under 3 minutes.
	@$(PYTEST) $(SPREAD) -m "not slow and not soak"

test: lint ## Everything CI runs, in under 25 minutes.
	@./.ci/setup node
	@./.ci/setup attackers
	@$(PYTEST) $(SPREAD) -m "not soak"

soak: setup ## The long runs, for hours; PART= names one of them.
	@./.ci/setup attackers
	@$(PYTEST) -m soak $(if $(PART),-k "$(PART)") -s

bench: setup ## Beside other servers on the same tables; SCALE= suppliers, ROWS= imported, CASES=, CONTENDERS=, SECONDS=, PLOT=, JSON=.
	@./.ci/setup bench
	@.venv/bin/python -m tests.bench

lock: ## Pin all dependencies anew, with hashes.
	@./.ci/lock

codegen: setup ## Generate the typed client of the journeys.
	@./.ci/setup codegen
	@./.ci/client

lint: setup
	@.venv/bin/ruff format --check
	@.venv/bin/ruff check
	@.venv/bin/mypy
	@.venv/bin/lint-imports

setup:
	@./.ci/setup dev

runtime:
	@./.ci/setup runtime
