# What a developer of Dealwright types. `make test` is the one that must pass.

GOLANGCI_VERSION := v2.15.0
WORKFLOWCHECK_VERSION := v0.6.0

TOOLS := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/dealwright/bin
GOLANGCI := $(TOOLS)/golangci-lint-$(GOLANGCI_VERSION)
WORKFLOWCHECK := $(TOOLS)/workflowcheck-$(WORKFLOWCHECK_VERSION)

# Postfix only starts as root, so the test binaries do too.
AS_ROOT := $(if $(filter 0,$(shell id -u)),,-exec "sudo -E env PATH=$(PATH)")

# The packages where goroutines meet; the embedded engine is not among them,
# because building all of Temporal with the race detector takes half an hour.
RACED := ./activities/... ./inbox/... ./outbox/... ./server/... ./store/... ./worker ./workflows/...
# All others: no package is tested twice.
OTHERS = $(shell go list -tags system ./... | grep -vxF "$$(go list $(RACED))")

.PHONY: build test race bench lint generate screenshots demo ci

build:
	go build -o bin/dealwright ./cmd/dealwright

# Most system tests wait for mail to travel: four at a time leave two cores idle
# still.
test: build race
	DEALWRIGHT_TEST_BINARY=$(CURDIR)/bin/dealwright go test -tags system $(AS_ROOT) -timeout 30m -parallel 4 $(OTHERS)

race:
	scripts/debian.sh
	scripts/npm.sh
	go test -race -timeout 20m $(RACED)

bench: build
	scripts/debian.sh
	scripts/npm.sh
	DEALWRIGHT_TEST_BINARY=$(CURDIR)/bin/dealwright go test -tags system $(AS_ROOT) -run '^$$' -bench . -benchtime 1x -timeout 60m ./...

lint: $(GOLANGCI) $(WORKFLOWCHECK)
	$(GOLANGCI) run ./...
	$(WORKFLOWCHECK) ./workflows/...

generate:
	go generate ./...

screenshots: build
	scripts/debian.sh
	scripts/npm.sh
	DEALWRIGHT_TEST_BINARY=$(CURDIR)/bin/dealwright go test -tags system $(AS_ROOT) -run 'TestDashboard/pages' ./system/browser -update

demo:
	go run ./cmd/dealwright demo

ci:
	.ci/run

$(GOLANGCI):
	scripts/tool.sh $@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_VERSION)

$(WORKFLOWCHECK):
	scripts/tool.sh $@ go.temporal.io/sdk/contrib/tools/workflowcheck@$(WORKFLOWCHECK_VERSION)
