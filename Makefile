# Two commands are enough: `make demo` shows what gongkai does, `make test` proves it. Each makes what it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

# Commands that tests need, and the Debian packages that bring them.
DEBIAN := localc:libreoffice-calc lowriter:libreoffice-writer chromium:chromium pdftotext:poppler-utils \
	configurable-http-proxy:node-configurable-http-proxy

.PHONY: demo test check golden bench crash corpus lock debian clean

demo: $(READY)
	$(BIN)/gongkai run params/demo.yaml

test: check debian
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder

check: $(READY)
	$(BIN)/ruff check --quiet .
	$(BIN)/ruff format --quiet --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest tests/architecture

# Writes the golden files anew; review what changed with git before committing it.
golden: $(READY)
	GONGKAI_GOLDEN=write $(BIN)/python -m pytest tests/golden

bench: $(READY) debian
	$(BIN)/python benchmarks/command_line.py
	$(BIN)/python -m benchmarks.reading
	$(BIN)/python -m benchmarks.prose
	$(BIN)/python -m benchmarks.checking
	$(BIN)/python -m benchmarks.formats
	$(BIN)/python -m benchmarks.batch
	$(BIN)/python -m benchmarks.review

# Kills runs at random moments and lets each of their operations fail; takes about an hour.
crash: $(READY)
	$(BIN)/python -m tests.crash

# Publishes reports by other software in many styles, reads them back and compares them cell by cell; then spoils
# workbooks in many ways and reads what is left of them.
corpus: $(READY) debian
	$(BIN)/python -m tests.published
	$(BIN)/python -m tests.mutated
	$(BIN)/python -m tests.prose

# In two steps, since pip takes no editable project where hashes are demanded.
$(READY): requirements.lock pyproject.toml hatch_build.py $(shell find toolkit/share -type f)
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || \
		{ echo "gongkai needs Python 3.11 to 3.13; run: make PYTHON=python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# Pins every dependency with its hashes; names no registry.
lock: $(READY)
	$(BIN)/uv --version >/dev/null 2>&1 || $(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet pyproject.toml --extra dev --extra bench --universal --python-version 3.11 --upgrade \
		--generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header -o requirements.lock

debian:
	@missing=""; \
	for pair in $(DEBIAN); do \
		command -v $${pair%%:*} >/dev/null || missing="$$missing $${pair##*:}"; \
	done; \
	fc-list 2>/dev/null | grep -q "Noto Serif CJK" || missing="$$missing fontconfig fonts-noto-cjk"; \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && \
		DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	else \
		echo "Some tests are left out; to run them: sudo apt-get install --no-install-recommends$$missing"; \
	fi

clean:
	rm -rf build dist $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis
