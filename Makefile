# What there is to do with pbxflow. `make` lists the targets.
# Go, git and gcc are all that has to be there (gcc only for the race detector).

SHELL := /bin/bash
GO ?= go
TOOL := $(GO) tool -modfile=internal/tools/go.mod
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo development)
FUZZTIME ?= 30s

# A folder with a pbxflow.yaml is an app.
EXAMPLES := $(patsubst %/,%,$(dir $(wildcard examples/*/pbxflow.yaml)))
# What make generate writes.
GENERATED := docs/reference 'docs/*.schema.json'

.DEFAULT_GOAL := help
.PHONY: help build demo test check fmt lint vet tidy fresh examples bench fuzz generate

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## build bin/pbxflow, static, with the version from git
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '-X main.version=$(VERSION)' -o bin/pbxflow ./cmd/pbxflow

demo: ## start a real Asterisk, serve examples/callcenter, place calls, print what happened
	$(GO) run ./internal/demo

# The Asterisks are installed before the tests, so that the minutes this takes count
# against no test's time. A failure of that does not keep the tests from running: those
# that need Asterisk say themselves what is missing, and so does the report at the end.
test: ## run all tests, also those against real Asterisks (installed on the first run)
	@$(GO) run ./internal/asterisktest/prepare; prepared=$$?; \
	race=-race; \
	if ! command -v "$$($(GO) env CC | cut -d' ' -f1)" >/dev/null; then \
		race=; echo 'make test: there is no C compiler, so the tests run without the race detector' >&2; \
	fi; \
	CGO_ENABLED=$${race:+1} $(GO) test $$race -shuffle=on -timeout 30m ./...; tested=$$?; \
	$(GO) run ./internal/asterisktest/prepare -report || true; \
	[ $$tested -ne 0 ] || exit $$prepared; exit $$tested

check: fmt lint vet tidy fresh examples ## everything but the tests: format, linters, vet, modules, generated files, examples

fmt: ## fail if gofumpt would change a file
	@files=$$($(TOOL) gofumpt -l .) || exit; [ -z "$$files" ] || \
		{ echo "these files are not formatted, run: $(TOOL) gofumpt -w ."; echo "$$files"; exit 1; }

lint: ## run golangci-lint (staticcheck and others, see .golangci.yml)
	$(TOOL) golangci-lint run ./...

vet: ## run go vet
	$(GO) vet ./...

tidy: ## fail if go mod tidy would change go.mod or go.sum
	$(GO) mod tidy -diff

fresh: generate ## fail if the generated files are not those in git
	@git diff --exit-code -- $(GENERATED)
	@new=$$(git ls-files --others --exclude-standard -- $(GENERATED)); [ -z "$$new" ] || \
		{ echo "generated, but not in git:"; echo "$$new"; exit 1; }

examples: build ## check and test the apps in examples with bin/pbxflow
	bin/pbxflow check --strict $(EXAMPLES)
	bin/pbxflow test --chaos $(EXAMPLES)

bench: ## run all benchmarks
	$(GO) test -run '^$$' -bench . -benchmem ./...

fuzz: ## fuzz each target for FUZZTIME (30s), one after another
	@set -e; grep -rl --include='*_test.go' '^func Fuzz' . | sort | while read -r file; do \
		for target in $$(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p' "$$file"); do \
			echo "$$target in $$(dirname "$$file")"; \
			$(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 2s "$$(dirname "$$file")"; \
		done; \
	done

generate: ## write the generated files anew (reference, schemas)
	$(GO) generate ./...
