# Digit Lab. `make run` starts it, `make test` checks everything; both install first.
# Variables: PYTHON (an interpreter 3.11-3.13), PORT, DIGITLAB_HOME, DIGITLAB_DATA_DIR,
# ARGS (for pytest or the benchmarks: make test ARGS="tests/core -x", make bench ARGS="draw").

PORT ?= 8501
PYTHON ?=
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin

# Some machines forbid byte-code; TensorFlow then takes 20 s to import instead of 6.
unexport PYTHONDONTWRITEBYTECODE
export PORT PYTHON

.PHONY: help install run cluster test test-cluster test-exports lint format bench lock clean
.DEFAULT_GOAL := help

help:
	@echo 'make run      start Digit Lab at http://localhost:$(PORT) (PORT=… for another)'
	@echo 'make test     every check: ruff, mypy, unit tests, browser tests'
	@echo 'make test-exports   what people take home, in environments of Keras alone'
	@echo 'make cluster  the app on PostgreSQL, S3 and Dask workers of this machine, for trying'
	@echo 'make test-cluster  the tests of the store and of workers against those servers'
	@echo 'make lint     ruff and mypy only          make format   let ruff tidy the code'
	@echo 'make bench    speed and accuracy, ARGS="NAME …" for some of them'
	@echo 'make lock     requirements.in -> requirements.txt'
	@echo 'make clean    remove .venv and caches'

install:
	@sh .ci/install.sh

run: install
	@echo 'Digit Lab: http://localhost:$(PORT)   (Ctrl+C stops it)'
	@exec $(BIN)/python app.py --server.port $(PORT)

test: install
	@sh .ci/install_chromium.sh
	@sh .ci/check.sh all $(ARGS)

test-exports: install
	@sh .ci/exports.sh $(ARGS)

cluster: install
	@exec $(BIN)/python -m tests.support.cluster --port $(PORT)

test-cluster: install
	@exec $(BIN)/python -m tests.support.cluster.check $(ARGS)

lint: install
	@sh .ci/check.sh lint

format: install
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/ruff format .

bench: install
	@$(BIN)/python -m benchmarks $(ARGS)

# The versions are resolved for every system and Python 3.11-3.13 at once.
LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-emit-index-url --no-emit-find-links

lock: install
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@$(LOCK) requirements.in -o requirements.txt
	@$(LOCK) requirements-dev.in -o requirements-dev.txt
	@echo 'Locked. `make install` brings .venv up to date.'

clean:
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache test-results
	@find static -type f ! -name .gitkeep -delete
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
