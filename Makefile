PY ?= python3
V := .venv

.PHONY: help run test test-peers soak rows messages schema lint bench bench-smoke screenshots clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(V)/.run ## serve the demo at http://127.0.0.1:5000/ (PORT and FLASK_… change it)
	exec $(V)/bin/python -m paidsupport.site

# A worker holds whole modules, and each worker has a PostgreSQL and a Chromium of its own: more than four gain nothing.
# In the order of the folders the long modules, those of browsers and processes, come first, and short ones end it.
test: $(V)/.test ## run all tests; installs what they need if you have the rights
	sh scripts/ensure_tools.sh
	$(V)/bin/pytest -ra -n auto --maxprocesses 4 --dist loadscope --no-loadscope-reorder

# Most of the time goes into installing, the first time. The limit is for servers that never answer.
test-peers: $(V)/.test ## run the tests against a real Tryton and a real Request Tracker, in some minutes
	timeout --foreground -s INT -k 30 840 sh -c 'sh scripts/ensure_tools.sh peers && \
	  exec $(V)/bin/pytest -ra -m peers -n 2 --dist loadfile tests/peers'

soak: $(V)/.test ## run the tests that take an hour: many rows, long walks, many requests
	sh scripts/ensure_tools.sh
	$(V)/bin/pytest -ra -m soak
	PAIDSUPPORT_PROOF_SECONDS=600 $(V)/bin/pytest -ra -s tests/concurrency

rows: $(V)/bin/python ## list done requirements without a test
	$(V)/bin/python scripts/rows.py

messages: $(V)/.dev ## renew the translation catalogues after any text has changed
	$(V)/bin/python scripts/messages.py

schema: $(V)/.dev ## renew docs/export.schema.json after any table has changed
	$(V)/bin/python scripts/export_schema.py
	$(V)/bin/python scripts/events.py

lint: $(V)/.dev ## check style, types, architecture, templates, translations
	$(V)/bin/ruff check
	$(V)/bin/ruff format --check
	$(V)/bin/mypy
	$(V)/bin/lint-imports
	$(V)/bin/djlint --lint paidsupport
	$(V)/bin/python scripts/messages.py --check

bench: $(V)/.bench ## measure speed; see benchmarks/README.md
	PYTHON=$(V)/bin/python sh benchmarks/run.sh
	$(V)/bin/python -m benchmarks.feed

bench-smoke: $(V)/.bench ## check speed against limits, in 2 minutes
	$(V)/bin/python -m benchmarks.smoke

screenshots: $(V)/.test ## renew docs/screenshots
	sh scripts/ensure_tools.sh
	$(V)/bin/pytest tests/browser/test_screenshots.py --screenshots docs/screenshots

clean: ## remove everything that was built; the data in instance/ stays
	rm -rf $(V) build dist test-results .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(V)/bin/python:
	@$(PY) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed. Run: make PY=python3.x …"; exit 1; }
	@$(PY) -m venv $(V) || { rm -rf $(V); echo "Python lacks venv. Run: apt-get install python3-venv"; exit 1; }

# One stamp per set of packages, renewed when pyproject.toml changes.
$(V)/.run: EXTRAS = all
$(V)/.test: EXTRAS = test
$(V)/.bench: EXTRAS = bench
$(V)/.dev: EXTRAS = dev
$(V)/.run $(V)/.test $(V)/.bench $(V)/.dev: pyproject.toml | $(V)/bin/python
	$(V)/bin/pip install --quiet --editable '.[$(EXTRAS)]'
	@touch $@
