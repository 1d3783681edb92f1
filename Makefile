# RUNRUN. `make` lists what can be done.
GO ?= go
TEMPORAL := bin/temporal
PROMETHEUS := bin/prometheus
# Versions of the tools that are no dependency of the code.
GOLANGCI_LINT := v2.15.0
WORKFLOWCHECK := v0.6.0
REDOCLY := 1.34.5
SPECTRAL := 6.15.0
NPM_BIN := .ci/web/node_modules/.bin
PRETTIER := --print-width 120 --embedded-language-formatting off
STOREFRONT := "api/web/static/**/*.{js,css}" "api/web/types/call.d.ts" "deploy/pgmock/server/*.{js,css}" "!**/vendor/**"
export OASDIFF := v1.37.0

.DEFAULT_GOAL := help
.PHONY: help dev demo test lint lint-api lint-web format-web web-tools browser-tests dashboards openapi bench load load-kill rollout chaos screenshots mutate record build clean

# Tests in a browser: its time is Chromium's, so they run without the race detector.
BROWSER := (InTheWebUI|InTheStorefront|OfTheStorefront|BehindTheStorefront|TestManyOrdersAreRetriedByOneBatch|TestTheQueriesOfSupportStaff)$$

# A system of its own for one command, beside one that may be running.
ALONE := --ephemeral --api 127.0.0.1:0 --api-ops 127.0.0.1:0 --worker 127.0.0.1:0 --pgmock 127.0.0.1:0 --temporal 0 --temporal-ui 0
LOAD ?= drop
# Orders that are delivered within seconds, so that a load test can return them.
LIFE := SHIP_AFTER=10s DELIVER_AFTER=2s COMPLETE_AFTER=1h RETURN_WITHIN=1h RETURN_AFTER=2s PGMOCK_LOSE_WEBHOOKS=0.3

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort | awk -F'\t' '{printf "  make %-10s %s\n", $$1, $$2}'

dev: $(TEMPORAL) ## run the whole system (DEV_FLAGS="--ephemeral …"; --help lists them)
	$(GO) run ./deploy/dev $(DEV_FLAGS)

demo: $(TEMPORAL) ## run a small drop by itself: 60 shoppers, 20 units; exit 0 only if everything balances
	$(GO) run ./deploy/dev $(ALONE) --demo

test: $(TEMPORAL) $(PROMETHEUS) ## run every test, with race detection but in the browser; on MySQL, Redis and PostgreSQL too where MYSQL_DSN, REDIS_ADDR and POSTGRES_URL are set
	$(GO) test -race -timeout 30m -skip '$(BROWSER)' $(TEST_FLAGS) ./...
	$(GO) test -timeout 15m -count=1 -run '$(BROWSER)' ./deploy/e2e
	$(GO) test -C deploy/temporal -count=1 ./...
	$(GO) test -C deploy/monitoring -count=1 ./...
	$(GO) test -C deploy/k8s -count=1 ./...

browser-tests: # the pattern of their names
	@echo '$(BROWSER)'

lint: bin/golangci-lint-$(GOLANGCI_LINT) bin/workflowcheck ## all linters, and the check that workflows are deterministic
	bin/golangci-lint-$(GOLANGCI_LINT) run ./...
	bin/workflowcheck ./...
	$(GO) run ./.ci/mutate -check
	@if command -v npm >/dev/null; then $(MAKE) -s lint-web; else echo "no npm: the storefront is not linted"; fi

lint-api: ## lint the API's description (npm)
	@mkdir -p bin && $(GO) run ./api --openapi > bin/openapi.json && echo 'extends: ["spectral:oas"]' > bin/spectral.yaml
	npx --yes @redocly/cli@$(REDOCLY) lint bin/openapi.json
	npx --yes @stoplight/spectral-cli@$(SPECTRAL) lint bin/openapi.json --ruleset bin/spectral.yaml --fail-severity error
	.ci/breaking

lint-web: .ci/web/node_modules/.package-lock.json ## lint the storefront, and check its types against the API's description (npm)
	$(NPM_BIN)/openapi-typescript api/openapi.json -o api/web/types/api.d.ts >/dev/null
	$(NPM_BIN)/tsc -p api/web
	$(NPM_BIN)/eslint --max-warnings 0 -c .ci/web/eslint.config.js api/web/static deploy/pgmock/server
	$(NPM_BIN)/prettier --check --log-level warn $(PRETTIER) $(STOREFRONT)

format-web: .ci/web/node_modules/.package-lock.json ## format the storefront (npm)
	$(NPM_BIN)/prettier --write --log-level warn $(PRETTIER) $(STOREFRONT)

web-tools: .ci/web/node_modules/.package-lock.json

# What checks the storefront, by exact version.
.ci/web/node_modules/.package-lock.json: .ci/web/package-lock.json
	npm ci --prefix .ci/web --ignore-scripts --no-audit --no-fund --loglevel error

dashboards: ## write the Grafana dashboards, and the alerts for Kubernetes
	$(GO) run -C deploy/monitoring .

openapi: ## write the API's description, api/openapi.json, which a release keeps for its clients
	$(GO) run ./api --openapi > api/openapi.json

bench: $(TEMPORAL) ## measure, side by side with baselines, into loadtest/RESULTS.md (some 15 minutes; bash -c '. .ci/services && make bench' on real databases)
	$(GO) run ./loadtest/bench $(BENCH)

load: $(TEMPORAL) ## run a load test on a system of its own, then count (LOAD="burst", LOAD="mixed --rate 50", …; go run ./loadtest --help)
	@mkdir -p bin && $(GO) build -o bin/ ./loadtest
	PAY_WITHIN=$${PAY_WITHIN:-20s} $(if $(filter mixed soak,$(LOAD)),$(LIFE)) $(GO) run ./deploy/dev $(ALONE) --exec 'bin/loadtest $(LOAD)'

load-kill: $(TEMPORAL) ## run the same drop, and kill -9 the worker and the API in its middle
	$(GO) test ./deploy/e2e -run TestADropWithKills -v -count=1 -timeout 20m -drop 10000

rollout: $(TEMPORAL) ## roll a new build of the worker out and back while shoppers buy (OLD=COMMIT for another old build)
	$(GO) test ./deploy/e2e -run 'TestARollout|TestOneOrderIsMoved' -v -count=1 -timeout 20m -rollout 600 -old '$(OLD)'

chaos: $(TEMPORAL) $(PROMETHEUS) ## break one part after another for a minute while shoppers buy, into deploy/playbooks/RESULTS.md (some 25 minutes, on MYSQL_DSN and REDIS_ADDR; FAULTS="redis" for some)
	$(GO) test ./deploy/e2e -run 'TestChaos$$' -v -count=1 -timeout 60m -fault 1m -chaos '$(FAULTS)' \
	  $(if $(FAULTS),,-chaos-results $(CURDIR)/deploy/playbooks/RESULTS.md)

screenshots: $(TEMPORAL) ## take the pictures of the README and of the guide for support staff anew, in Chromium
	$(GO) test ./deploy/e2e -run 'TestSupportStaffInTheWebUI|TestManyOrdersAreRetriedByOneBatch|TestPicturesOfTheStorefront' -count=1 -screenshots

mutate: $(TEMPORAL) ## take behaviours out of the code, one after another: each time a test must fail (some 20 minutes; not in CI)
	$(GO) run ./.ci/mutate $(MUTANT)

record: $(TEMPORAL) ## record the histories that must replay, from the end-to-end tests (frozen from v0.1.0 on: then only add)
	$(GO) test ./deploy/e2e -count=1 -record

build: $(TEMPORAL) ## build every program into bin/
	$(GO) build -o bin/ ./api ./worker ./deploy/allinone ./deploy/pgmock ./deploy/dev

clean: ## remove what was built and the development data
	rm -rf bin .data coverage.out

# The Temporal server is a module of its own; its first build takes minutes on two cores.
$(TEMPORAL): $(wildcard deploy/temporal/*.go) deploy/temporal/go.mod
	@echo "building the Temporal server; the first time this takes about six minutes on two cores …"
	$(GO) build -C deploy/temporal -o ../../$(TEMPORAL) .

# A Prometheus for the tests of dashboards and alerts, of the version in its module, and without the discovery of clouds.
$(PROMETHEUS): deploy/monitoring/go.mod
	$(GO) build -C deploy/monitoring -tags remove_all_sd -o ../../$(PROMETHEUS) github.com/prometheus/prometheus/cmd/prometheus

bin/golangci-lint-$(GOLANGCI_LINT):
	GOBIN=$(CURDIR)/bin $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_LINT)
	mv bin/golangci-lint $@

bin/workflowcheck:
	GOBIN=$(CURDIR)/bin $(GO) install go.temporal.io/sdk/contrib/tools/workflowcheck@$(WORKFLOWCHECK)
