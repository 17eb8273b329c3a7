# Two commands matter to a stranger: `make demo` and `make test`. Both need Rust, Python 3 and the package registries.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
CARGO_FLAGS := --locked
BIN := target/debug/mxcensus
DEMO := demo-dataset
VENV := target/venv
TOOLS := target/tools

.PHONY: help build demo test lint deny unit interop readers clean-demo

help:
	@echo "make demo   build, start the lab (an internet on loopback), scan it, print a summary; leaves $(DEMO)/"
	@echo "make test   every check and test, installing what it needs"

build:
	cargo build $(CARGO_FLAGS)

demo: build
	$(BIN) demo --out $(DEMO)

test: lint deny unit readers

lint:
	cargo fmt --check
	cargo clippy $(CARGO_FLAGS) --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc $(CARGO_FLAGS) --no-deps --document-private-items

# Built without optimisation: it runs for a second and would compile for minutes.
$(TOOLS)/bin/cargo-deny:
	CARGO_PROFILE_RELEASE_OPT_LEVEL=0 CARGO_PROFILE_RELEASE_DEBUG=0 CARGO_PROFILE_RELEASE_LTO=off \
		cargo install --quiet --locked cargo-deny@0.20.2 --root $(TOOLS)

deny: $(TOOLS)/bin/cargo-deny
	$(TOOLS)/bin/cargo-deny check licenses bans sources

unit:
	cargo test $(CARGO_FLAGS)

$(VENV)/ready: requirements-test.txt
	python3 -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check -r requirements-test.txt
	touch $@
