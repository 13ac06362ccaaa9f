# Citong 刺桐. `make demo` shows it, `make test` proves it; both set up what they need, in .venv and frontend/node_modules.
# Needed: Python 3.11 or newer, make, and the network the first time. Values pass through:
#   make demo SIZE=S PORT=8000 ARGS="--no-serve"      make test ARGS="-k planner"      make bench ARGS="planner"

.PHONY: help demo test faults lint bench clean lock frontend front-end-checks python packages packages-test node browser
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --upgrade --generate-hashes \
	--no-header --no-annotate --no-emit-index-url
BROWSERS := chromium chromium-browser google-chrome google-chrome-stable chrome

help:
	@echo "make demo    a seeded city on this machine, in your browser"
	@echo "make test    style, types, layers, front end and all tests"
	@echo "make faults  the long form of the fault tests; make faults PART=p1 runs those of one promise"
	@echo "make lint    style, types and layers alone"
	@echo "make bench   the benches; make bench ARGS=--help lists them"
	@echo "make clean   removes what was built or downloaded; your data in var/ stays"
	@echo "make lock    pins all packages anew (needs the network)"

demo: frontend
	@$(BIN)/citong demo $(if $(SIZE),--size $(SIZE)) $(if $(PORT),--port $(PORT)) $(ARGS)

bench: frontend
	@$(BIN)/citong bench $(ARGS)

test: packages-test browser lint front-end-checks
	@echo "Tests: two at a time, the quick ones first."
	@$(BIN)/python -m pytest -n 2 $(ARGS)

faults: packages-test
	@CITONG_FAULTS=long $(BIN)/python -m pytest tests/faults $(if $(PART),-k test_$(PART)_) $(ARGS)

lint: packages-test
	@echo "Style, types and layers."
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/mypy --no-error-summary frontend/build_hook.py
	@$(BIN)/lint-imports > $(VENV)/layers.log || { cat $(VENV)/layers.log; exit 1; }

front-end-checks: packages-test node
	@$(BIN)/python frontend/build_hook.py check

clean:
	@echo "Removing what was built or downloaded. Your data in var/ stays."
	@rm -rf $(VENV) dist build frontend/dist frontend/node_modules
	@rm -rf .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

lock: packages-test
	@$(PIP) install --quiet uv
	@$(COMPILE) pyproject.toml --group build --output-file config/requirements.txt
	@$(COMPILE) pyproject.toml --group build --extra test --output-file config/requirements-test.txt
	@$(COMPILE) --group node --output-file config/requirements-node.txt
	@echo "Pinned. Commit config/requirements*.txt together with pyproject.toml."

# ---- Setting up: each step notes what it was made from, and does nothing as long as that holds ----

# $(call install,FILE,SAID): the packages of config/FILE.txt, then Citong itself, which needs no network any more.
define install
set -e; made="$$(cat config/$(1).txt pyproject.toml | cksum)"; \
if [ "$$(cat $(VENV)/$(1).done 2>/dev/null)" != "$$made" ]; then \
  echo "$(2)"; \
  $(PIP) install --quiet --require-hashes -r config/$(1).txt; \
  CITONG_SKIP_FRONTEND=1 $(PIP) install --quiet --no-deps --no-build-isolation -e .; \
  echo "$$made" > $(VENV)/$(1).done; \
fi
endef

packages: python
	@$(call install,requirements,Packages: installing what Citong runs on (once; about 500 MB on disk).)

packages-test: python
	@$(call install,requirements-test,Packages: installing what Citong and its tests run on (once; about 800 MB on disk).)

node: python
	@set -e; made="$$(cksum < config/requirements-node.txt)"; \
	if [ "$$(cat $(VENV)/node.done 2>/dev/null)" != "$$made" ]; then \
	  echo "Node: installing it from the package index, for the front end (once; about 200 MB on disk)."; \
	  $(PIP) install --quiet --require-hashes -r config/requirements-node.txt; \
	  echo "$$made" > $(VENV)/node.done; \
	fi

frontend: packages
	@if $(BIN)/python frontend/build_hook.py stale; then $(MAKE) --no-print-directory node; fi
	@$(BIN)/python frontend/build_hook.py build

python:
	@set -e; if ! $(BIN)/python -c '' 2>/dev/null; then \
	  for python in $(or $(PYTHON),python3 python3.13 python3.12 python3.11 python); do \
	    if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then found=$$python; break; fi; \
	  done; \
	  if [ -z "$$found" ]; then \
	    echo "No Python 3.11 or newer was found. Install one, or name it: make PYTHON=/path/to/python3 ..." >&2; exit 1; \
	  fi; \
	  if ! $$found -c 'import ensurepip, venv' 2>/dev/null; then \
	    echo "$$found lacks its venv package. On Debian or Ubuntu: apt-get install python3-venv" >&2; exit 1; \
	  fi; \
	  echo "Python: making $(VENV) with $$($$found --version)."; \
	  rm -rf $(VENV); $$found -m venv $(VENV); \
	fi

browser:
	@if [ -n "$$CITONG_BROWSER" ]; then exit 0; fi; \
	for name in $(BROWSERS); do if command -v $$name >/dev/null; then exit 0; fi; done; \
	if [ "$$(id -u)" = 0 ]; then as=; else as="sudo -n"; fi; \
	if command -v apt-get >/dev/null && $$as true 2>/dev/null; then \
	  echo "Browser: installing chromium and Chinese fonts with apt-get (once)."; \
	  $$as apt-get update -qq && \
	  $$as env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y chromium fonts-noto-cjk >/dev/null && exit 0; \
	fi; \
	if [ -n "$$CITONG_REQUIRE_BROWSER" ]; then echo "No browser could be had, and CITONG_REQUIRE_BROWSER asks for one." >&2; exit 1; fi; \
	echo "!!!! NO BROWSER FOUND: ALL BROWSER TESTS WILL BE SKIPPED. Install chromium, or name one in CITONG_BROWSER. !!!!"
