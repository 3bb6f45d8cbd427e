# Everything runs in a virtual environment of its own; nothing needs root, a Pi or a modem.
VENV ?= .venv
PYTHON ?= python3
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: help test quick lint bench faults soak demo fuzz peers pictures docs package-test ha-test ha-test-current deb release clean

help: ## this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 24

demo: $(READY) ## simulator, broker and bridge in this terminal, until Ctrl-C
	@$(BIN)/n11bridge demo

# Several at a time: most of them wait for something most of the time.
test: $(READY) peers ## all tests
	HOME_ASSISTANT_PYTHON=$$(.ci/homeassistant-python oldest) $(BIN)/pytest --numprocesses 3 --dist loadfile
	@.ci/homeassistant oldest -q --numprocesses 2
	@.ci/homeassistant current --e2e -q --numprocesses 2

quick: $(READY) ## the tests that take no time and no other programs
	$(BIN)/pytest -m "not slow"

lint: $(READY) ## ruff and mypy
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

bench: $(READY) peers ## how close to the wire's own time it is (parts and options in BENCH=)
	$(BIN)/python -m tests.bench $(BENCH)

MINUTES ?= 1
fuzz: $(READY) ## look for input that breaks it: MINUTES=1 for each target, TARGETS="chat pdu ..."
	@$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[fuzz]'
	@$(BIN)/python -m tests.fuzz --minutes $(MINUTES) $(TARGETS)

faults: $(READY) peers ## break all that breaks in the field (options in FAULTS=)
	$(BIN)/python -m tests.faults $(FAULTS)

soak: $(READY) peers ## a week of one daemon in some ten minutes (options in SOAK=)
	$(BIN)/python -m tests.faults.soak $(SOAK)

$(READY): pyproject.toml
	@echo "Setting up $(VENV), once: half a minute"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev,demo,schema]'
	@touch $@

# Real programs that the tests talk to. Where they can be neither found nor installed, the tests
# that need them are skipped and say so.
peers: $(READY)
	@.ci/peers mosquitto gammu gammu-smsd curl socat nginx faketime jq shellcheck apparmor_parser=apparmor
	@.ci/asyncapi $(VENV)

pictures: $(READY) peers ## the pictures of docs/home-assistant.md; HOME_ASSISTANT_PYTHON= names where it is
	@.ci/peers chromium pngquant
	$(BIN)/python -m tests.home_assistant_pictures

docs: $(READY) ## write docs/topics.md anew
	$(BIN)/n11bridge schema --markdown > docs/topics.md

package-test: $(READY) peers ## builds and runs the Debian package and the add-on; needs root
	@.ci/peers mmdebstrap buildah runc
	$(BIN)/pytest --override-ini addopts="-ra --import-mode=importlib" tests/package

ha-test: ## the integration under the oldest Home Assistant, where Python 3.13 or root is
	@.ci/homeassistant oldest

ha-test-current: ## the same under the current one, where Python 3.14 or root is
	@.ci/homeassistant current

deb: ## the Debian package, in dist/; needs what systemd/debian/control names
	@systemd/debian/build dist

release: $(READY) ## what Home Assistant gets, as zips in dist/: to unpack, and for HACS
	@mkdir -p dist
	@$(BIN)/n11bridge homeassistant zip dist
	@$(BIN)/n11bridge homeassistant zip --hacs dist

clean: ## forget the virtual environment and what tools left behind
	rm -rf $(VENV) .venv-homeassistant* build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
