# A fresh checkout needs Python 3.11 or newer (with venv), git and make; everything else is installed into $(VENV).
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
SIMCERT := $(BIN)/python -m simcert
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: help demo formal test test-formal lint format check-format install clean

help:
	@echo "make demo          prove and refute invariances, write certificates to demo/, verify them"
	@echo "make test          lint, type check and test everything; installs Coq where it may, and says what it leaves out"
	@echo "make lint          ruff and pyright only"
	@echo "make format        format the sources"
	@echo "make formal        build the machine-checked checker (needs Coq)"
	@echo "make checker.pyz   the independent checker as one file"
	@echo "make clean         remove what these commands made"

$(VENV)/pyvenv.cfg:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "error: $(PYTHON) is older than Python 3.11; say make PYTHON=python3.11" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml $(VENV)/pyvenv.cfg
	$(PIP) install --editable .
	@touch $@

$(VENV)/.installed-test: pyproject.toml $(VENV)/pyvenv.cfg
	$(PIP) install --editable '.[test]'
	@touch $(VENV)/.installed $@

install: $(VENV)/.installed

demo: $(VENV)/.installed
	@mkdir -p demo
	$(SIMCERT) prove mlp:2-3-1:tanh "tie(1: 0,1)" -o demo/tied.json
	@echo
	$(SIMCERT) prove mlp:2-3-1:tanh "W1[0,:] = W1[1,:]" -o demo/rows-only.json
	@echo
	$(SIMCERT) prove mlp:4-8-8-1:tanh "tie(1: 0,1); tie(2: 3,4,5)" -o demo/deep-tied.json
	@echo
	$(SIMCERT) prove mlp:4-8-8-1:tanh "W1[0,:] = W1[1,:]" -o demo/deep-rows-only.json
	@echo
	$(SIMCERT) explain demo/deep-tied.json --html -o demo/deep-tied.html
	@echo
	$(BIN)/python -m simcert.checker demo/tied.json demo/rows-only.json demo/deep-tied.json demo/deep-rows-only.json

test: $(VENV)/.installed-test lint test-formal
	$(BIN)/python -m pytest -n 2

# first, so that the tests compare the two checkers
test-formal:
	@if formal/install; then $(MAKE) --no-print-directory formal && $(MAKE) --no-print-directory -C formal test; \
	else echo "left out: the machine-checked checker, its corpus and axioms, and the tests that compare the two checkers" >&2; fi

lint: $(VENV)/.installed-test check-format
	$(BIN)/python -m ruff check .
	$(BIN)/python -m pyright --pythonpath $(BIN)/python

check-format: $(VENV)/.installed-test
	$(BIN)/python -m ruff format --check .

format: $(VENV)/.installed-test
	$(BIN)/python -m ruff format .

checker.pyz: tools/build_checker.py $(wildcard simcert/checker/*.py)
	$(PYTHON) tools/build_checker.py

# Coq and its libraries are Debian packages
formal:
	@formal/install || exit 1
	$(MAKE) -C formal
	$(MAKE) -C formal audit

clean:
	rm -rf demo build dist checker.pyz .pytest_cache .ruff_cache .hypothesis
	find simcert tests -name __pycache__ -type d -prune -exec rm -rf {} +
