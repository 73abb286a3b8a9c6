# Everything from the first start to the release; `make` alone lists it.
#
# What is installed comes from the locks in requirements/, checked by hash.  An empty file under
# .venv/.made stands for each step that is done: a second run costs nothing, a changed lock installs again.

PYTHON ?= python3
VENV ?= .venv
ARGS ?=
DEBIAN_PACKAGES = redis-server libjemalloc2
# Test processes: one per core, at most four, since each starts a store of its own.
WORKERS ?= auto
UPGRADE ?=

# A checkout that moved, or another PYTHON, is another environment.
MADE = $(VENV)/.made/$(shell printf '%s' '$(CURDIR) $(PYTHON)' | cksum | cut -d' ' -f1)
PIP = $(VENV)/bin/python -m pip --disable-pip-version-check -qq --no-input
INSTALL = $(PIP) install --require-hashes --no-deps

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

.PHONY: help
help: ## List what can be made.
	@awk -F ': .*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))
	@echo
	@echo '  make serve ARGS="--listen 127.0.0.1:9090"   hands options on; so do bench, evaluate and test.'
	@echo '  make serve PYTHON=python3.12                chooses the interpreter, 3.11 or newer.'

.PHONY: serve
serve: $(MADE).package ## Install what the service needs and start it on 127.0.0.1:9080, its data in var/.
	@exec $(VENV)/bin/nacre serve --data-dir var $(ARGS)

.PHONY: install
install: $(MADE).dev $(MADE).package ## Install what the service and its tests need.

.PHONY: test
test: install ## Install what the tests need, Debian packages too when root, and run them all.
	@tools/install_debian_packages $(DEBIAN_PACKAGES)
	@$(VENV)/bin/python -m pytest --numprocesses $(WORKERS) --maxprocesses 4 $(ARGS)

.PHONY: lint
lint: install ## Check style, types, imports and documents.
	@faults=0; for check in 'python -m ruff check' 'python -m ruff format --check' 'python -m mypy' \
		'lint-imports --no-logo --no-cache' 'python tools/check_docs.py'; do \
		$(VENV)/bin/$$check || faults=1; done; exit $$faults

.PHONY: format
format: install ## Bring the source into shape.
	@$(VENV)/bin/python -m ruff check --fix-only
	@$(VENV)/bin/python -m ruff format

.PHONY: bench
bench: install ## Measure the service against its own limits on this machine.
	@$(VENV)/bin/python -m benchmarks $(ARGS)

.PHONY: evaluate
evaluate: install ## Judge detection on simulated traffic and on real logs, beside the rules alone.
	@$(VENV)/bin/python -m evaluation run --rules-alone --details $(ARGS)

.PHONY: wheel
wheel: $(MADE).build ## Build the wheel and the source distribution into dist/.
	@$(VENV)/bin/python -m hatchling build --directory dist

.PHONY: lock
lock: $(MADE).venv ## Write the locks anew (needs uv); UPGRADE=yes takes newer versions.
	@PATH="$(CURDIR)/$(VENV)/bin:$$PATH" tools/lock $(if $(UPGRADE),--upgrade)

.PHONY: clean
clean: ## Remove the environment and all that was built; var/ with its data stays.
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find src tests tools evaluation -name __pycache__ -type d -prune -exec rm -rf {} +

$(MADE).venv:
	@tools/make_venv '$(PYTHON)' '$(VENV)' $(if $(filter file default,$(origin PYTHON)),,exactly)
	@mkdir -p $(@D) && touch $@

$(MADE).build: requirements/build.txt $(MADE).venv
	@echo 'Installing the build backend ...'
	@$(INSTALL) -r $<
	@touch $@

$(MADE).runtime: requirements/runtime.txt $(MADE).venv
	@echo 'Installing the locked dependencies ...'
	@$(INSTALL) -r $<
	@touch $@

$(MADE).dev: requirements/dev.txt $(MADE).venv
	@echo 'Installing what the tests need ...'
	@$(INSTALL) -r $<
	@touch $@

$(MADE).package: pyproject.toml $(MADE).build $(MADE).runtime
	@echo 'Installing nacre ...'
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@
