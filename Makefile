# One recipe per task. `make help` lists them.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help tools build fmt lint unit integration chart e2e matrix fleet test test-all demo bench soak crds iam check-generated deny sbom reproducible

# Everything that is built outlives the checkout, in one folder that can be deleted at any time.
CACHE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/wordpress-operator
export CARGO_TARGET_DIR ?= $(CACHE)/target
BIN := $(CARGO_TARGET_DIR)/debug

# Always the whole workspace and every target: another selection would have other features, and
# the AWS SDK would be compiled twice.
ALL := --workspace --all-targets $(if $(CI),--locked)
TESTS := --workspace $(if $(CI),--locked)
INTEGRATION := $(sort $(notdir $(basename $(wildcard operator/*/tests/*.rs)) \
	$(patsubst %/main.rs,%,$(wildcard operator/*/tests/*/main.rs))))

CRDS := crds/wordpressclusters.wordpresscluster.dev.yaml \
	charts/wordpress-operator/files/wordpressclusters.wordpresscluster.dev.yaml

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

tools: ## Build what the tests run beside our own code: API server, etcd, helm, clouds, cargo-deny
	@e2e/tools.sh

build: ## Build everything, debug
	cargo build $(ALL)

fmt: ## Check the formatting (`cargo fmt` repairs it)
	cargo fmt --all --check

lint: ## Clippy on every target, warnings denied
	cargo clippy $(ALL) -- -D warnings

unit: ## Unit tests and documentation tests: no process, no network
	cargo test $(TESTS) --lib --bins
	cargo test $(TESTS) --doc

integration: ## Integration tests of the operator's crates
	$(if $(INTEGRATION),cargo test $(TESTS) $(addprefix --test ,$(INTEGRATION)),@echo "no integration tests")

chart: ## Lint the Helm chart and render it in every shape
	@e2e/tools.sh charts
	@charts/check $(CACHE)/bin

e2e: tools build ## End-to-end tests: control plane, clouds, the operator as a process (ARGS: a filter)
	RUST_TEST_THREADS=$${RUST_TEST_THREADS:-4} cargo test $(TESTS) --test e2e -- $(ARGS)

matrix: tools build ## The crash matrix, in this process (ARGS: a filter; --include-ignored for all of it)
	RUST_TEST_THREADS=$${RUST_TEST_THREADS:-8} cargo test $(TESTS) --test matrix -- --nocapture $(ARGS)

fleet: tools build ## Instances that run WordPress, on this machine, as root (ARGS: a filter; --ignored: figures under load)
	cargo test $(TESTS) --test fleet -- --nocapture --test-threads 1 $(ARGS)

test: ## Every suite, then a table of seconds against budgets
	@.ci/suites

test-all: test ## make test, then the whole crash matrix: every call at every moment
	@$(MAKE) --no-print-directory matrix ARGS=--ignored

demo: tools build ## Show it: no cluster, no AWS account (ARGS=--once ends by itself)
	@$(BIN)/demo $(ARGS)

bench: tools build ## Measure what README states
	@$(BIN)/bench $(ARGS)

soak: tools build ## More lives of the engine; then an hour of twenty sites, faults and killed operators (ARGS=--short: five minutes; --seed N repeats)
	WPC_FIRST=$${WPC_FIRST:-$$((10000 + RANDOM * RANDOM))} WPC_LIVES=$${WPC_LIVES:-$(if $(findstring --short,$(ARGS)),2000,30000)} \
		cargo test $(TESTS) --test suite -- every_random_life
	@$(BIN)/soak $(ARGS)

crds: build ## Write the CustomResourceDefinition from the Rust types
	@mkdir -p $(dir $(CRDS))
	$(BIN)/wpc crd | tee $(CRDS) >/dev/null

iam: build ## Write the operator's IAM policies from what its kinds call
	@rm -f config/iam/*.json
	$(BIN)/wpc iam-policy --dir config/iam

check-generated: build ## Fail when a generated file is stale
	@fresh=$$(mktemp -d) && $(BIN)/wpc iam-policy --dir "$$fresh" && diff -u -r "$$fresh" config/iam || \
		{ echo "config/iam is stale: run make iam" >&2; exit 1; }
	@for file in $(CRDS); do \
		$(BIN)/wpc crd | diff -u "$$file" - || { echo "$$file is stale: run make crds" >&2; exit 1; }; \
	done

deny: ## Licences, duplicates and sources of the dependencies
	@e2e/tools.sh deny
	$(CACHE)/bin/cargo-deny check bans licenses sources

sbom: ## Write what the binary is made of, as CycloneDX, to dist/wpc.cdx.json
	@release/sbom dist/wpc.cdx.json

reproducible: ## Build the release binary twice, in two places, and compare (an hour; ARGS=dev: a quarter of it)
	@release/reproducible $(ARGS)
