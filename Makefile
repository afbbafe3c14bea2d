# GreenLane. `make help` lists the targets.
SHELL := /bin/sh
.DEFAULT_GOAL := help
export PATH := $(CURDIR)/.toolchain/node_modules/.bin:$(PATH)
SETUP := ./deploy/setup.sh

# A variable that is set already wins over .env.
NODE := node $(if $(wildcard .env),--env-file=.env)
INFRA_CLI := $(NODE) deploy/infra/main.ts

.PHONY: help up down restart logs logs-redis logs-kafka logs-redpanda logs-timescale status proto build-all clean \
  test test-unit lint dev-ingestion dev-mock-grid dev-pricing-worker dev-booking dev-cli dev-simulator demo herd chaos bench bench-compare soak fuzz

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-20s %s\n", $$1, $$2}'

demo: ## set up, run the whole thread for DURATION seconds (60) and reconcile it
	@$(SETUP)
	@exec $(NODE) deploy/demo/main.ts

herd: ## send CARS (1000) at once to STATIONS (25) × CONNECTORS (4), and check what they booked; RATE CHAOS=1 SEEDS OUT JSON=1
	@$(SETUP)
	@exec $(NODE) bench/herd/main.ts

chaos: ## hurt everything under load, one fault after the other, and reconcile; ONLY=names SECONDS (15) JSON=1
	@$(SETUP)
	@exec $(NODE) bench/faults/main.ts

bench: ## measure throughput, latency and cost beside the client libraries alone; ONLY=name,name SECONDS=60 FULL=1 JSON=1
	@$(SETUP)
	@exec $(NODE) bench/main.ts

bench-compare: ## hold RUN, or a quick new run, against the newest of bench/results, by ratios to the floor; BASELINE TOLERANCE=20
	@$(SETUP)
	@exec $(NODE) bench/compare/main.ts

soak: ## send a steady load through everything for MINUTES (60) and watch memory; EVENTS_PER_SECOND=2000 CARS=1000 JSON=1
	@$(SETUP)
	@exec $(NODE) bench/soak/main.ts

fuzz: ## give strange inputs to all that reads from outside, or to one TARGET, for MINUTES (1) each; SEED RUNS REPLAY
	@$(SETUP)
	@exec $(NODE) bench/fuzz/main.ts

up: ## start the servers, make the topics, bring the database to the present schema
	@$(SETUP)
	@$(INFRA_CLI) up

down: ## stop the servers; their data stays
	@$(SETUP) tools
	@$(INFRA_CLI) down

restart: ## down, then up
	@$(SETUP)
	@$(INFRA_CLI) restart

status: ## each server and service: up or not, where, since when, how far behind
	@$(SETUP) tools
	@$(INFRA_CLI) status || true # the program's exit code says whether all are up; make would call that an error

logs: ## follow the log of every server
	@$(SETUP) tools
	@$(INFRA_CLI) logs

logs-redis: ## follow the log of Redis
	@$(SETUP) tools
	@$(INFRA_CLI) logs redis

logs-kafka: ## follow the log of Kafka
	@$(SETUP) tools
	@$(INFRA_CLI) logs kafka

logs-redpanda: logs-kafka ## the same

logs-timescale: ## follow the log of the database
	@$(SETUP) tools
	@$(INFRA_CLI) logs postgres

clean: ## stop the servers and remove their data (asks first; FORCE=1 does not)
	@$(SETUP) tools
	@$(INFRA_CLI) clean

build-all: ## set up all that the other targets need, and check types
	@$(SETUP)
	@pnpm run --silent typecheck

dev-mock-grid: ## run the mock grid in this terminal
	@$(SETUP) tools
	@exec $(NODE) services/mock-grid/src/main.ts

dev-ingestion: ## run ingestion in this terminal
	@$(SETUP) tools
	@exec $(NODE) services/ingestion/src/main.ts

dev-pricing-worker: ## run the pricing worker in this terminal
	@$(SETUP) tools
	@exec $(NODE) services/pricing-worker/src/main.ts

dev-booking: ## run the booking process in this terminal
	@$(SETUP) tools
	@exec $(NODE) services/booking/src/main.ts

dev-cli: ## watch the fleet in this terminal
	@$(SETUP) tools
	@exec $(NODE) cli/src/main.ts live

dev-simulator: ## drive a simulated fleet in this terminal
	@$(SETUP) tools
	@exec $(NODE) simulator/src/main.ts

test: ## set up, check and run every test on real servers
	@$(SETUP)
	@pnpm run --silent lint
	@pnpm exec vitest run

test-unit: ## run the tests that need no server
	@$(SETUP) tools
	@pnpm exec vitest run --project unit

lint: ## check style and types
	@$(SETUP) tools
	@pnpm run --silent lint

proto: ## generate the TypeScript types of proto/fleet.proto
	@$(SETUP) tools
	@pnpm run --silent proto
