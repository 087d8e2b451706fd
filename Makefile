# make demo [SONG=path]          a beatmap for the demo song, or for another, in out/
# make studio                    the page, on this machine
# make reproduce                 a small mapper, trained on made-up songs and measured
# make test [TORCH_INDEX=url]    lint, types, unit tests and laws; an index to take torch from
# make test-all                  the slow tests; those of the page need Chromium
# PYTHON=python3.12 before either chooses the interpreter.

PYTHON ?= python3
SONG ?= demo/BeatHeritage - First Light.ogg
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
PYTEST := $(BIN)/python -m pytest --quiet
.DEFAULT_GOAL := demo
.PHONY: reproduce demo studio test test-all lint

demo: $(VENV)/core.stamp
	@$(BIN)/beatheritage generate "$(SONG)" --output out --overwrite

studio: $(VENV)/studio.stamp
	@$(BIN)/beatheritage serve --open

reproduce: $(VENV)/dev.stamp
	@$(BIN)/beatheritage reproduce

test: lint
	$(PYTEST) -m "not slow"

# 5 is what pytest exits with when there is no such test.
test-all: $(VENV)/browser.stamp
	$(PYTEST) -m slow || test $$? -eq 5

lint: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/basedpyright

$(BIN)/python:
	@command -v "$(PYTHON)" >/dev/null || { echo "error: there is no $(PYTHON); install Python 3.11 or newer" >&2; exit 1; }
	@"$(PYTHON)" -c "import sys; sys.exit(sys.version_info < (3, 11))" || { echo "error: $(PYTHON) is older than 3.11; choose another, as in: make PYTHON=python3.12" >&2; exit 1; }
	@"$(PYTHON)" -c "import ensurepip, venv" 2>/dev/null || { echo "error: $(PYTHON) cannot make virtual environments; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	"$(PYTHON)" -m venv $(VENV)

# What runs is compiled when it first runs: the rest would be a sixth of the whole.
$(VENV)/core.stamp: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) install --no-compile -c constraints.txt -e .
	@touch $@

$(VENV)/studio.stamp: $(VENV)/core.stamp
	$(PIP) install -c constraints.txt -e ".[studio]"
	@touch $@

# Torch by itself, so that its index serves nothing else.
$(VENV)/dev.stamp: $(VENV)/core.stamp
	$(PIP) install -c constraints.txt $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX)) torch
	$(PIP) install -c constraints.txt -e ".[dev]"
	@touch $@

# Drives a Chromium that is installed already; without one its tests are skipped. Ray is for those
# of a cluster.
$(VENV)/browser.stamp: $(VENV)/dev.stamp
	$(PIP) install -c constraints.txt -e ".[browser,cluster]"
	@touch $@
