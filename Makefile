# Two commands matter to a stranger: `make demo` and `make test`. Both need Rust, Python 3 and the package registries.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
CARGO_FLAGS := --locked
BIN := target/debug/mxcensus
DEMO := demo-dataset
VENV := target/venv
ANALYSIS := target/analysis-venv
# What `make report` reports on; PREVIOUS=DIR adds the changes since an earlier crawl.
DATASET := $(DEMO)
PREVIOUS :=
REPORT := report.html
NOTEBOOKS := target/notebooks-venv
NOTEBOOK_DATA := target/notebook-data
TOOLS := target/tools
# Real servers that judge us: Debian's names.
JUDGES := unbound nsd bind9-utils bind9-dnsutils dns-root-data openssl postfix nginx-light iproute2 chromium

.PHONY: help build demo test lint deny vendor-check judges unit readers kill hostile hostile-10k mutants fuzz bench bench-parts report sample-report analysis-test notebooks notebooks-test

help:
	@echo "make demo   build, start the lab (an internet on loopback), scan it, print a summary; leaves $(DEMO)/"
	@echo "make report DATASET=DIR [PREVIOUS=DIR]   write $(REPORT) and its Markdown twin; DATASET='A B C': over time"
	@echo "make sample-report   the same on two made crawls, a month apart"
	@echo "make notebooks   open JupyterLab on two sample crawls; MXCENSUS_DATASET=DIR for your own"
	@echo "make test   every check and test, installing what it needs"
	@echo "make vendor-check  is vendor/domain the published crate with our patches, and nothing else"
	@echo "make bench  what a census costs: DOMAINS=10000 MODE=trust-ad|validate SEED=1"
	@echo "make bench-parts  what its parts cost"
	@echo "make mutants  does a test fail when a rule is changed: some hours; MUTATE='src/dane/**'"
	@echo "make fuzz   hostile bytes for every parser, ten minutes each: FUZZ_TARGETS=sts_record"

build:
	cargo build $(CARGO_FLAGS)

demo: build
	$(BIN) demo --out $(DEMO)

test: lint deny vendor-check unit readers analysis-test notebooks-test

# Sixty kills and more, some minutes; the short form is part of `make test`.
kill:
	cargo test $(CARGO_FLAGS) --test kill --test disk -- --include-ignored

# A rule that can be changed without a test failing is a rule without a test. Some hours; MUTATE='src/dane/**' for a part.
# The slowest tests are left out, so what survives is to be tried against them too. What did, and why: docs/testing.md.
RULES := dane eval failure.rs judge mta_sts name.rs nist_p521.rs observation pkix smtp special_address.rs text.rs tlsrpt
MUTATE := src/{dane,judge,mta_sts,pkix,smtp,tlsrpt}/**

$(TOOLS)/bin/cargo-mutants:
	cargo install --quiet --locked cargo-mutants@27.1.0 --root $(TOOLS)

mutants: $(TOOLS)/bin/cargo-mutants
	rm -rf target/mutants/src target/mutants/tests
	mkdir -p target/mutants/src target/mutants/tests
	cp -r $(addprefix src/,$(RULES)) tests/mutants/lib.rs target/mutants/src/
	cp tests/eval_cases/cases.rs target/mutants/src/eval_cases.rs
	cp -r tests/data target/mutants/tests/
	cp tests/mutants/Cargo.toml Cargo.lock target/mutants/
	cd target/mutants && CARGO_TARGET_DIR=target PROPTEST_CASES=16 ../tools/bin/cargo-mutants mutants \
		--in-place --no-shuffle --timeout 60 --file '$(MUTATE)' -- --lib -- --skip oracle --skip worlds_reach

# Every fuzz target for ten minutes or ten million inputs, whichever is sooner. Without a sanitizer: there is no `unsafe` of ours, and
# so the stable compiler does.
FUZZ_SECONDS := 600
FUZZ_RUNS := 10000000
FUZZ_TARGETS := $(basename $(notdir $(wildcard fuzz/fuzz_targets/*.rs)))

$(TOOLS)/bin/cargo-fuzz:
	cargo install --quiet --locked cargo-fuzz@0.13.2 --root $(TOOLS)

fuzz: $(TOOLS)/bin/cargo-fuzz
	for target in $(FUZZ_TARGETS); do \
		mkdir -p target/fuzz/found/$$target; \
		PATH="$$PWD/$(TOOLS)/bin:$$PATH" cargo fuzz run --sanitizer none --target-dir target/fuzz $$target \
			target/fuzz/found/$$target fuzz/corpus/$$target -- -timeout=60 -rss_limit_mb=3000 -print_final_stats=1 \
			-max_total_time=$(FUZZ_SECONDS) -runs=$(FUZZ_RUNS) || exit 1; \
	done

hostile:
	cargo test $(CARGO_FLAGS) --test hostile -- --nocapture

# Twelve thousand sessions that are held open at once; `ulimit -n` must allow 15,000 descriptors.
hostile-10k:
	cargo test $(CARGO_FLAGS) --test hostile -- --nocapture --include-ignored held_open

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

# Downloads the published crate: vendor/README.md.
vendor-check:
	vendor/check

# Where this is not Debian or not root, a test that lacks its judge says so and is skipped.
judges:
	@if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
		dpkg -s $(JUDGES) >/dev/null 2>&1 || { apt-get -qq update && \
		DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends $(JUDGES) >/dev/null; }; \
	else echo "not root on Debian: tests against real servers run only where those are installed"; fi

# Two judges are written in Python.
target/judges-venv/ready: requirements-judges.txt
	python3 -m venv target/judges-venv
	target/judges-venv/bin/pip install --quiet --disable-pip-version-check -r requirements-judges.txt
	touch $@

unit: judges target/judges-venv/ready
	cargo test $(CARGO_FLAGS)

$(VENV)/ready: requirements-test.txt
	python3 -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check -r requirements-test.txt
	touch $@

readers: build $(VENV)/ready
	$(BIN) demo --out target/readers-dataset
	$(VENV)/bin/python tests/readers.py target/readers-dataset

# Figures: docs/performance.md.
DOMAINS := 10000
MODE := trust-ad
SEED := 1

bench: judges
	cargo build $(CARGO_FLAGS) --release
	python3 benches/census.py --domains $(DOMAINS) --seed $(SEED) --mode $(MODE)

bench-parts:
	cargo bench $(CARGO_FLAGS) --bench wire --bench parts

$(ANALYSIS)/ready: analysis/pyproject.toml
	python3 -m venv $(ANALYSIS)
	$(ANALYSIS)/bin/pip install --quiet --disable-pip-version-check --editable './analysis[test]'
	touch $@

# The whole way without a network: two made crawls a month apart, and the report on them.
sample-report: $(ANALYSIS)/ready $(NOTEBOOK_DATA)/changes/summary.json
	$(ANALYSIS)/bin/mxcensus-report $(NOTEBOOK_DATA)/month-1 --previous $(NOTEBOOK_DATA)/month-0 \
		--changes $(NOTEBOOK_DATA)/changes --out $(REPORT)

# With PREVIOUS, or several in DATASET, `mxcensus diff` says what changed.
report: $(ANALYSIS)/ready $(if $(PREVIOUS)$(word 2,$(DATASET)),build)
	$(ANALYSIS)/bin/mxcensus-report $(DATASET) $(if $(PREVIOUS),--previous $(PREVIOUS)) --mxcensus $(BIN) --out $(REPORT)

# Chromium, which looks at the report, comes with the judges.
analysis-test: build judges $(ANALYSIS)/ready
	cd analysis && ../$(ANALYSIS)/bin/ruff check . && ../$(ANALYSIS)/bin/ruff format --check . && ../$(ANALYSIS)/bin/mypy
	cd analysis && MXCENSUS=$(abspath $(BIN)) ../$(ANALYSIS)/bin/pytest

$(NOTEBOOKS)/ready: analysis/pyproject.toml
	python3 -m venv $(NOTEBOOKS)
	$(NOTEBOOKS)/bin/pip install --quiet --disable-pip-version-check -e './analysis[notebooks]' ipykernel nbformat pytest
	touch $@

# Two crawls of a made world, a month apart, rich in MTA-STS and DANE; no network.
$(NOTEBOOK_DATA)/changes/summary.json: | build
	rm -rf $(NOTEBOOK_DATA)
	mkdir -p $(NOTEBOOK_DATA)
	$(BIN) sample --domains 5000 --adoption 5 --month 0 --out $(NOTEBOOK_DATA)/month-0 >/dev/null
	$(BIN) sample --domains 5000 --adoption 5 --month 1 --out $(NOTEBOOK_DATA)/month-1 >/dev/null
	$(BIN) diff $(NOTEBOOK_DATA)/month-0 $(NOTEBOOK_DATA)/month-1 --out $(NOTEBOOK_DATA)/changes >/dev/null

notebooks: $(NOTEBOOKS)/ready $(NOTEBOOK_DATA)/changes/summary.json
	$(NOTEBOOKS)/bin/jupyter lab --notebook-dir .

notebooks-test: $(NOTEBOOKS)/ready $(NOTEBOOK_DATA)/changes/summary.json
	PATH="$$PWD/$(NOTEBOOKS)/bin:$$PATH" $(NOTEBOOKS)/bin/python -m pytest -q tests/notebooks.py
