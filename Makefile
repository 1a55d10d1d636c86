PYTHON ?= python3
BIN := .venv/bin
PROTOS := $(sort $(wildcard proto/epione/v1/*.proto))

.DEFAULT_GOAL := help

MESSAGES ?= 1000000
FAULTS ?= 200
SEED ?= 8

LIVES ?= 35000
STEPS ?= 1800
JUDGING ?= 6000

.PHONY: help install demo test soak check bench life secrets proto released lock

help:  ## Say what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: .venv/runtime  ## Make .venv with the command .venv/bin/epione and all it needs

demo: install  ## Run one patient end to end, embedded: no Docker, Java, GPU or torch
	@$(BIN)/epione demo

test: .venv/dev  ## Run the whole suite, starting the Kafka and Redis it needs
	@.ci/test

soak: .venv/dev  ## Send MESSAGES (1,000,000) while FAULTS (200) befall; SEED draws both
	$(BIN)/python -m tests.end_to_end.soak $(MESSAGES) $(FAULTS) $(SEED)

check: .venv/dev  ## Lint, types, import contracts, generated code
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/dev  ## Measure, each figure against its baseline in the same run
	EPIONE_TEST_KAFKA=native EPIONE_TEST_REDIS=native $(BIN)/python -m pytest tests/benchmarks -s -q

# From nothing, by the seeds alone; judged by other lives, of which the truth is known.
LIFE := build/life
JUDGES := $(LIFE)/judges/train.bin --labels $(LIFE)/judges/labels.csv
WORLD = $$(sed -n 's/^version = "\(.*\)"/\1/p' services/epione_training/lives/planted.toml)
SHIPPED := services/epione_inference/models/life

life: .venv/dev  ## Make the shipped model of a life anew: LIVES (35,000) drawn, STEPS (1,800), JUDGING (6,000) judge
	rm -rf $(LIFE)
	$(BIN)/epione simulate --out $(LIFE)/cohort --lives $(LIVES) --seed 0
	$(BIN)/epione simulate --out $(LIFE)/judges --lives $(JUDGING) --seed 1
	$(BIN)/epione train $(LIFE)/cohort --out $(LIFE)/model --steps $(STEPS) --size 0.5M --seed 0
	$(BIN)/epione evaluate $(LIFE)/model $(JUDGES) --truth $(LIFE)/judges/truth.json --card --json > $(LIFE)/judged.json
	$(BIN)/epione export $(LIFE)/model --out $(LIFE)/served --judged-by $(JUDGES)
	rm -rf $(SHIPPED) && mkdir -p $(SHIPPED) && mv $(LIFE)/served $(SHIPPED)/$(WORLD)

secrets: .env tokens.toml  ## Make the secrets of docker-compose.yml, once; nobody may send yet

.env:
	@umask 077; for name in EPIONE_SECRET EPIONE_VAULT REDIS_PASSWORD; do \
	  echo "$$name=$$(od -An -vtx1 -N32 /dev/urandom | tr -d ' \n')"; done > $@.new && mv $@.new $@

tokens.toml:
	@touch $@

proto: .venv/dev  ## Generate shared/epione/v1 from proto/
	rm -f shared/epione/v1/*_pb2.py shared/epione/v1/*_pb2.pyi
	$(BIN)/python -m grpc_tools.protoc -Iproto --plugin=$(BIN)/protoc-gen-mypy --python_out=shared --mypy_out=quiet:shared $(PROTOS)

released: .venv/dev  ## Record proto/ as the contract of the version in pyproject.toml
	$(BIN)/python -m grpc_tools.protoc -Iproto \
	  --descriptor_set_out=tests/contract/released/$$(sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml).binpb $(PROTOS)

# What a service's image holds is what the tests ran with: its lock takes the versions of theirs.
COMPILE = $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
  --no-header --no-annotate pyproject.toml
IMAGES := ingestion genomics inference gpu training

lock: .venv/dev  ## Resolve requirements/*.txt anew
	$(COMPILE) --extra dev -o requirements/dev.txt
	$(COMPILE) --extra cli -c requirements/dev.txt -o requirements/runtime.txt
	for name in $(IMAGES); do \
	  $(COMPILE) --extra $$name -c requirements/dev.txt -o requirements/$$name.txt; done

.venv/runtime: requirements/runtime.txt requirements/bootstrap.txt pyproject.toml
	@echo "installing into .venv …"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt
	@$(BIN)/uv pip install -q --python $(BIN)/python --require-hashes -r requirements/runtime.txt
	@$(BIN)/uv pip install -q --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

.venv/dev: .venv/runtime requirements/dev.txt
	@$(BIN)/uv pip install -q --python $(BIN)/python --require-hashes -r requirements/dev.txt
	@touch $@
