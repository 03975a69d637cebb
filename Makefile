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
WEB := web/node_modules/.ready
DASHBOARD := functions/dashboard/static/index.html
CHROMIUM ?= chromium
export CHROMIUM

.DEFAULT_GOAL := help
.PHONY: help setup tools demo web screenshots build replay test test-unit test-web \
  test-integration lint format openapi lock clean java chromium

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-18s %s\n", $$1, $$2}'

setup: $(SETUP) $(WEB) $(DYNAMODB)/node_modules/.ready ## Set up the environments, by hash

tools: $(VENV)/bin/ingress-slo .venv-sam/.ready ## The operator's command and the SAM CLI, nothing else

demo: $(SETUP) web ## Dashboard, real Traefik, agent and stack on this machine (ARGS=--once, ARGS="--lang zh")
	@$(PY) -m lab.demo $(ARGS)

web: $(DASHBOARD) ## Build the dashboard into the function that serves it

screenshots: $(SETUP) web chromium ## Take the README's pictures anew
	@$(PY) -m lab.screenshots

build: .venv-sam/.ready web ## Build what `sam deploy` deploys
	$(SAM)/sam build $(ARGS)

replay: $(VENV)/.ready ## Replay a recording: make -s replay DATA=DIR
	@test -n "$(DATA)" || { echo "say which: make replay DATA=DIR" >&2; exit 2; }
	@$(PY) -m lab.replay $(DATA)

.PHONY: compatibility
compatibility: $(VENV)/.ready ## Compare each version of Traefik with its access log; writes docs/compatibility.md
	@$(PY) -m lab.traefik.compatibility --write docs/compatibility.md $(ARGS)

.PHONY: audit
audit: .venv-audit/.ready ## Look for known weaknesses in every package (needs the advisories of PyPI and npm)
	@for lock in $(wildcard requirements/*.txt requirements/*/*.txt layers/*/requirements.txt agent/requirements.txt); do echo "$$lock"; \
	  .venv-audit/bin/pip-audit --strict --disable-pip --require-hashes -r $$lock || failed=1; done; \
	for lock in web $(DYNAMODB); do echo "$$lock"; npm audit --prefix $$lock || failed=1; done; test -z "$$failed"

.PHONY: soak
soak: setup java ## 10,000 pushes in bad weather, compared with the truth (ARGS="--seed 7", ARGS="--pushes 50000")
	@PYTHONPATH=tests $(PY) -m soak.soak $(ARGS)

.PHONY: bench
bench: setup java ## Cost, speed and exactness in one table; writes docs/benchmarks.md and cost.md (10 minutes)
	@command -v promtool >/dev/null || echo "without Debian's prometheus one column stays empty" >&2
	@$(PY) -m bench

.PHONY: fuzz
fuzz: .venv-fuzz/.ready ## Fuzz the parsers (ARGS="--minutes 30", ARGS=rule); Linux on x86-64
	@PYTHONPATH=layers/slo:agent:tests .venv-fuzz/bin/python -m fuzz.run $(ARGS)

test: setup web test-web java chromium ## All tests, in two processes: those that wait for the local cloud, and the rest
	$(PYTEST) -n 2 $(ARGS)

test-unit: $(VENV)/.ready ## The tests without sockets
	$(PYTEST) tests/unit $(ARGS)

test-web: $(WEB) ## The dashboard's unit tests
	npm test --prefix web

test-integration: setup java ## The tests against real parts
	$(PYTEST) tests/integration $(ARGS)

lint: $(VENV)/.ready .venv-sam/.ready .venv-audit/.ready $(WEB) ## Format, lint, types, import contract, OpenAPI drift, template
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(PY) -m lab.openapi --check
	$(SAM)/sam validate --lint
	$(SAM)/cfn-lint template.yaml
	.venv-audit/bin/checkov --quiet --compact --skip-download --framework cloudformation --file template.yaml
	.venv-audit/bin/checkov --quiet --compact --skip-download --framework dockerfile --file agent/Dockerfile
	npm run lint --prefix web

format: $(VENV)/.ready $(WEB) ## Format and mend what can be mended
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .
	npm run format --prefix web

# The packages of the agent and of the layer are those that the tests ran with.
LOCK := $(VENV)/bin/uv pip compile -q --universal --python-version 3.13 --generate-hashes --no-emit-index-url --no-header
openapi: $(VENV)/.ready ## Write functions/query/openapi.json anew from the code
	$(PY) -m lab.openapi

lock: $(VENV)/.ready ## Pin the newest versions that fit requirements/*.in; what ships is what is tested
	@for file in dev sam cloud fuzz audit; do $(LOCK) --upgrade requirements/$$file.in -o requirements/$$file.txt; done
	@for file in layers/slo agent; do \
	  $(LOCK) --upgrade -c requirements/dev.txt $$file/requirements.in -o $$file/requirements.txt; done

clean: ## Remove what the other targets made
	rm -rf .venv .venv-sam .venv-audit .venv-cloud .venv-fuzz .cache .aws-sam .mypy_cache .pytest_cache .ruff_cache .hypothesis build \
	  $(DYNAMODB)/node_modules web/node_modules web/dist $(dir $(DASHBOARD))

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

%/node_modules/.ready: %/package-lock.json
	@npm ci --prefix $* --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

# What is found in the folder, less what is made there; the types come from the OpenAPI document.
$(DASHBOARD): $(WEB) functions/query/openapi.json \
  $(shell find web -type f -not -path '*/node_modules/*' -not -path 'web/dist/*' -not -name schema.d.ts)
	npm run build --prefix web
	@rm -rf $(@D) && cp -R web/dist $(@D)

# What the tests need of the machine: in CI, as root, it is installed; elsewhere the README asks for it.
need = @$(1) >/dev/null || { test "$$CI" = true && test "$$(id -u)" = 0 && apt-get -qq update && \
  apt-get -qq install -y --no-install-recommends $(2) >/dev/null; } || { echo "$(3)" >&2; exit 1; }

java:
	$(call need,command -v java,default-jre-headless,the tests need a Java runtime (11 or newer) on the PATH)

chromium:
	$(call need,command -v $(CHROMIUM),chromium fonts-noto-cjk,the tests need Chromium: make test CHROMIUM=your-chrome)
