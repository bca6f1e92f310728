# Asks for nothing but Python 3.11 or newer (with its venv module and pip), git and make; uses uv where it is there.
# The set-up speaks on stderr only, so that `make demo > file` has the dashboard in the file and nothing else.

SHELL = /bin/sh
VENV = .venv
BIN = $(VENV)/bin
STAMP = $(VENV)/.installed
PYTHON =
# One more than there are processors: tests of screens and programs wait for much of their time.
WORKERS = $$(( $$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2) + 1 ))
SEED = 1
SCENARIOS = 1
KILLS = 0
SCALE = default
ARGS =

.PHONY: help demo test lint check oracle bench snapshots lock clean
.NOTPARALLEL:

help: ## This list
	@sed -n 's/^\([a-z][a-z]*\):.*## \(.*\)$$/\1 \2/p' Makefile | while read -r name what; do printf '  make %-10s %s\n' "$$name" "$$what"; done

demo: $(STAMP) ## The program on made-up data; without a terminal, its dashboard as text
	@exec $(BIN)/python -m smtpauth_tui demo

test: $(STAMP) ## The whole test suite
	@exec $(BIN)/python -m pytest -n $(WORKERS) --maxprocesses 8

lint: $(STAMP) ## Style, form, types, and who may import whom
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy
	$(BIN)/lint-imports

check: lint test ## Both: lint, then test

oracle: $(STAMP) ## Random scenarios of imports, from SEED on: SEED=1 SCENARIOS=10000 KILLS=10000
	@exec $(BIN)/python -m tests.importer.oracle $(SEED) $(SCENARIOS) $(KILLS)

bench: $(STAMP) ## Figures against other programs: SCALE=small (minutes), SCALE=full (10 M lines too), ARGS="imports"
	@exec $(BIN)/python -m bench --scale $(SCALE) $(ARGS)

snapshots: $(STAMP) ## Draw the snapshots of the screens and mails and the table of keys anew; look at them before you commit
	@exec env SNAPSHOT_UPDATE=1 $(BIN)/python -m pytest -n $(WORKERS) --maxprocesses 8 tests/screens tests/mailing tests/rules/test_documented.py tests/test_readme.py

lock: $(STAMP) ## Choose the newest packages that pyproject.toml allows (needs uv)
	@command -v uv >/dev/null || { echo "make lock needs uv." >&2; exit 1; }
	@uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --upgrade --quiet \
		--no-emit-index-url --custom-compile-command "make lock" --output-file requirements.lock

clean: ## Remove the environment and all that tools left behind
	@rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The environment: made once, brought up to date when a package or the project's own description changes.
# Each candidate is run, because a name may be there without a Python behind it.
$(STAMP): pyproject.toml requirements.lock
	@exec >&2; \
	fit='import sys; sys.exit(sys.version_info < (3, 11))'; \
	python=; missing=; old=; \
	for name in $(PYTHON) python3.13 python3.12 python3.11 python3 python; do \
		version=$$("$$name" -c 'import platform; print(platform.python_version())' 2>/dev/null) || continue; \
		found="Python $$version ($$name)"; \
		if ! "$$name" -c "$$fit"; then \
			old="$${old:-Python 3.11 or newer is needed, and here is only $$found: install a newer one, or name it: make PYTHON=/path/to/python3.}"; \
		elif ! "$$name" -c 'import venv, ensurepip' 2>/dev/null; then \
			missing="$${missing:-$$found is here without its venv module: install it (Debian and Ubuntu: apt install python3-venv).}"; \
		elif ! "$$name" -c 'import sqlite3; assert sqlite3.sqlite_version_info >= (3, 37)' 2>/dev/null; then \
			missing="$${missing:-$$found is here without SQLite 3.37 or newer: install another Python, or name one: make PYTHON=/path/to/python3.}"; \
		else \
			python=$$name; break; \
		fi; \
	done; \
	if [ -z "$$python" ]; then \
		none="Python 3.11 or newer is needed, and here is none: install it (Debian and Ubuntu: apt install python3 python3-venv)."; \
		echo "$${missing:-$${old:-$$none}}"; exit 1; \
	fi; \
	echo "Setting up $(VENV) with $$python; the first time this takes about half a minute ..."; \
	$(BIN)/python -c "$$fit" 2>/dev/null && $(BIN)/python -m pip --version >/dev/null 2>&1 \
		|| "$$python" -m venv --clear $(VENV) || exit 1; \
	if command -v uv >/dev/null \
		&& uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock; then :; \
	else \
		$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements.lock || exit 1; \
	fi; \
	$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e . || exit 1; \
	touch $(STAMP)
