# The commands of the project; `make help` lists them. Each is a small script
# in scripts/ that also runs alone.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help run test test-odoo lint bench shell demo-retail setup stop clean
export ODOO_SRC ODOO_GIT PORT PYTHON PG_BIN

help: ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 22
	@echo
	@echo "  Variables: PORT=8070, ODOO_SRC=<folder of an Odoo 19.0 source>, PYTHON=python3.12,"
	@echo "  PGHOST, PGPORT, PGUSER, PGPASSWORD for a PostgreSQL server of your own."

run: ## Odoo with the addon and its demo data on 127.0.0.1, until Ctrl-C
	@bash scripts/setup.sh && bash scripts/db.sh demo && exec bash scripts/run.sh

test: ## everything that must pass; PILLAR=care: what concerns one package
	@bash scripts/setup.sh dev && exec bash scripts/test.sh $(PILLAR)

test-odoo: ## all tests of the addons under Odoo's own runner
	@bash scripts/setup.sh dev && bash scripts/gate_install.sh && exec bash scripts/odoo_runner.sh all

lint: ## the gates on the source alone
	@bash scripts/setup.sh dev && exec bash scripts/lint.sh

bench: ## speed and memory, out of benchmarks/
	@bash scripts/setup.sh dev && exec bash scripts/bench.sh

shell: ## Odoo's shell on the demo database
	@bash scripts/setup.sh && bash scripts/db.sh demo && exec .odoo/odoo-bin shell -d crm_extended_demo --no-http

demo-retail: ## Odoo with real retail data on 127.0.0.1, until Ctrl-C
	@bash scripts/setup.sh && exec bash scripts/demo_retail.sh

setup: ## get and start what the other commands need, and no more
	@bash scripts/setup.sh dev

stop: ## stop what this folder started
	@bash scripts/stop.sh

clean: ## remove what the set-up made here (CACHE=1: the downloads too)
	@CACHE=$(CACHE) bash scripts/clean.sh
