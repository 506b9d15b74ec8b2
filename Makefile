# The newcomer's door: each goal installs what it needs by itself, from hash-locked lists of wheels.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: install run live test lint certify lock soak clean

install: ; @PYTHON=$(PYTHON) requirements/install run
run: install ; @exec $(BIN)/python -m livermore --mode exchange --demo
live: install ; @exec $(BIN)/python -m livermore --tree supervisors.local.yaml

.venv/.dev: ; @PYTHON=$(PYTHON) requirements/install dev
.PHONY: .venv/.dev

# Three at a time on two cores: many of them wait more than they compute.
test: .venv/.dev ; @$(BIN)/python -m pytest -n 3 --dist worksteal $(ARGS)

lint: .venv/.dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

# Clients that others wrote, unmodified, against the simulated exchange.
certify: .venv/.dev ; @$(BIN)/python -m tests.certify

# The full counts behind the sampled tests; each world, process and night writes its table to docs/soak/.
# NIGHTS=2 makes fewer nights of each exchange, REAL_NIGHT=2 one of so many minutes of the wall's.
SAMPLED := tests/exchanges/test_promise.py tests/exchanges/test_kline_promise.py tests/simulator/test_market.py
soak: .venv/.dev ; @EXAMPLES=5 $(BIN)/python -m pytest -o addopts="--strict-markers -p no:valkey -s" tests/soak $(SAMPLED) $(ARGS)

# Needs uv. Run it after a change of setup.cfg's requirements.
lock:
	uv pip compile setup.cfg --extra run --universal --python-version 3.11 --generate-hashes --no-header -q -o requirements/run.lock
	uv pip compile setup.cfg --extra dev --universal --python-version 3.11 --generate-hashes --no-header -q -o requirements/dev.lock -c requirements/run.lock
	for client in ccxt coinbase binance; do uv pip compile requirements/certify-$$client.in --universal --python-version 3.11 --generate-hashes --only-binary :all: --no-header -q -o requirements/certify-$$client.lock || exit; done

clean: ; rm -rf .venv .certify build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
