.DEFAULT_GOAL := help
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(CURDIR)/.venv/tools/bin:$(PATH)
export SAM_CLI_TELEMETRY := 0
ENV ?= local
RUNTIME ?= python3.13
ARCHITECTURE ?= arm64
SCOPES ?= read,write
PORT ?= 8080
POSTS ?= 10
CHANGES ?= 100
SIMULATED ?= 100000
DELIVERIES ?= 10000
EVENTS ?= 5000
GRANTS ?= 10000
EXAMPLES ?= 1000
CASES ?= 20
WORKERS ?= $(shell echo $$(($$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2) + 1)))
AWS_PORT ?= 4566

.PHONY: help .venv demo run clean
.PHONY: test flows calls storms chaos chaos-webhooks fuzz bench bench-webhooks bench-lateness bench-upload bench-lists bench-videos lint format types
.PHONY: docs openapi openapi-examples provider-lines build validate deploy delete
.PHONY: workspace key keys revoke rotate app apps media-key
.PHONY: pause resume state redrive reseal repair-events delete-workspace

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: .venv/ready ## the main job, start to finish, on this computer
	@$(BIN)/python -m local.demo

run: .venv/ready ## the whole stack on this computer, until Ctrl-C [PORT=8080 AWS_PORT=4566]
	@$(BIN)/python -m local.run --port $(PORT) --aws-port $(AWS_PORT)

test: .venv/ready ## all tests, on one worker more than there are processors: some wait for the emulator [WORKERS= ARGS=…]
	$(BIN)/pytest -n $(WORKERS) $(ARGS)

chaos: .venv/ready ## deliveries through random faults: none lost, none doubled [DELIVERIES=10000 SEED= SABOTAGE=]
	@PYTHONPATH=layers/core:functions $(BIN)/python -m tests.chaos --deliveries $(DELIVERIES) $(if $(SEED),--seed $(SEED)) $(if $(SABOTAGE),--sabotage $(SABOTAGE) --stop)

flows: .venv/ready ## every post type of every platform, its worker dying at each call, each answer lost [ARGS=…]
	FLOWS=all $(BIN)/pytest -q -n auto tests/integration/platforms tests/unit/one_more $(ARGS)

calls: .venv/ready ## every operation, called with what the document says of each parameter [ARGS=…]
	FUZZ=all $(BIN)/pytest -q -n auto tests/fuzz $(ARGS)

chaos-webhooks: .venv/ready ## events to good and bad endpoints through random faults: each good one gets each [EVENTS=5000 SEED= SABOTAGE=]
	@PYTHONPATH=layers/core:functions $(BIN)/python -m tests.chaos_webhooks --events $(EVENTS) $(if $(SEED),--seed $(SEED)) $(if $(SABOTAGE),--sabotage $(SABOTAGE))

storms: .venv/ready ## every short storm, and every rule taken out of Punctual once: each must be noticed [ARGS=…]
	STORMS=all $(BIN)/pytest -q -n auto tests/chaos/test_storm.py tests/chaos/test_sabotage.py $(ARGS)

fuzz: .venv/ready ## random steps that try to break a promise; the API, called at random by its document [EXAMPLES=1000 CASES=20]
	FUZZ_EXAMPLES=$(EXAMPLES) $(BIN)/pytest -q -n 0 tests/chaos/test_machine.py
	REPAIR_EXAMPLES=$(EXAMPLES) $(BIN)/pytest -q -n 0 tests/integration/events/test_repairing_by_steps.py -k beside
	FUZZ_CASES=$(CASES) $(BIN)/pytest -q -n 0 tests/fuzz
	@PYTHONPATH=layers/core:functions $(BIN)/python -m tests.fuzz $(CASES)

bench: .venv/ready ## lateness of posts due at one second, on the warmed local stack [POSTS=10]
	@$(BIN)/python -m tests.benchmarks.ten_at_one_second $(POSTS)

bench-lateness: .venv/ready ## the local stack beside BullMQ on Redis, and a simulation of AWS [SIMULATED=100000]
	@$(BIN)/python -m tests.benchmarks.lateness --posts $(SIMULATED)

bench-webhooks: .venv/ready ## how long after a change its webhook arrives, on the local stack: one by one, and many [CHANGES=100]
	@$(BIN)/python -m tests.benchmarks.webhook_lag $(CHANGES)

bench-upload: .venv/ready ## peak memory of uploading 10 MB, 200 MB and 1 GB, and what killed workers send again [SIZES="10000000 …"]
	@PYTHONPATH=layers/core:functions $(BIN)/python -m tests.benchmarks.uploading $(SIZES)

bench-lists: .venv/ready ## what a page of a list reads, by each filter, among 1,000 posts and among 50,000
	@PYTHONPATH=layers/core:functions $(BIN)/python -m tests.benchmarks.lists

bench-workshop: .venv/ready ## what a hundred megapixels take of the memory and time of the function that opens files
	@PYTHONPATH=layers/core:functions $(BIN)/python -m tests.benchmarks.workshop

bench-refresh: .venv/ready ## ten thousand grants due within an hour, a fifth of all calls failing [GRANTS=10000 SEED=1]
	@PYTHONPATH=layers/core:functions $(BIN)/python -m tests.benchmarks.refreshing --grants $(GRANTS) --seed $(or $(SEED),1)

bench-videos: .venv/ready ## the memory that copying a video takes, by its size [MEGABYTES=300]
	@PYTHONPATH=layers/core:functions $(BIN)/python -m tests.benchmarks.video_copies $(MEGABYTES)

lint: .venv/ready ## style, and what usually is a mistake
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: .venv/ready ## let ruff rewrite what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: .venv/ready ## mypy
	$(BIN)/mypy

validate: .venv/ready ## the template, by SAM and cfn-lint
	sam validate --lint

build: .venv/ready ## for AWS, without Docker [RUNTIME=python3.13 ARCHITECTURE=arm64]
	@$(BIN)/python -m local.building $(RUNTIME) $(ARCHITECTURE)

deploy delete: ENV = default

deploy: build ## to AWS: ENV=default, staging or prod
	sam deploy --config-env $(ENV)

delete: .venv/ready ## take a stack down again: ENV=default, staging or prod
	sam delete --config-env $(ENV)

workspace: .venv/ready ## NAME=… [ENV=local|default|staging|prod, or STACK=…]
	@$(BIN)/python -m local.admin workspace --name "$(NAME)" --env "$(ENV)" --stack "$(STACK)"

key: .venv/ready ## WORKSPACE=… [NAME=…] [SCOPES=read,write,admin] [DAYS=90] [ENV=… or STACK=…]
	@$(BIN)/python -m local.admin key --workspace "$(WORKSPACE)" --name "$(NAME)" --scopes "$(SCOPES)" --days "$(DAYS)" --env "$(ENV)" --stack "$(STACK)"

app: .venv/ready ## PROVIDER=…: set the stack's app there; asks for it, or reads JSON: < app.json [ENV=… or STACK=…]
	@PYTHONPATH=layers/core $(BIN)/python -m local.apps set --provider "$(PROVIDER)" --env "$(ENV)" --stack "$(STACK)"

apps: .venv/ready ## at which platforms the stack's app is set [ENV=… or STACK=…]
	@PYTHONPATH=layers/core $(BIN)/python -m local.apps list --env "$(ENV)" --stack "$(STACK)"

media-key: .venv/ready ## the key that signs addresses of media, before ServeMedia=true [ENV=… or STACK=…]
	@PYTHONPATH=layers/core $(BIN)/python -m local.media_key --env "$(ENV)" --stack "$(STACK)"

provider-lines: .venv/ready ## how many lines each provider is
	@$(BIN)/python -m local.provider_lines

docs: .venv/ready ## rewrite what is generated: the README's table of providers, docs/errors.md and its page, docs/events.md
	@$(BIN)/python -m local.provider_table
	@$(BIN)/python -m local.error_pages
	@$(BIN)/python -m local.event_types

openapi: .venv/ready ## rewrite the API's document, functions/catalogue/openapi.json
	@PYTHONPATH=layers/core:functions $(BIN)/python -m local.openapi

openapi-examples: .venv/ready ## record what the document's examples are answered [ONLY=create_post], and rewrite it
	@PYTHONPATH=layers/core:functions:. $(BIN)/python -m tests.document.recording $(ONLY)
	@PYTHONPATH=layers/core:functions $(BIN)/python -m local.openapi

keys: .venv/ready ## WORKSPACE=…: its keys, their expiry and last use, without their secrets
	@$(BIN)/python -m local.admin keys --workspace "$(WORKSPACE)" --env "$(ENV)" --stack "$(STACK)"

revoke: .venv/ready ## WORKSPACE=… KEY=key_…
	@$(BIN)/python -m local.admin revoke --workspace "$(WORKSPACE)" --key "$(KEY)" --env "$(ENV)" --stack "$(STACK)"

rotate: .venv/ready ## WORKSPACE=… KEY=key_… [HOURS=24]: a new key for an old one, which ends HOURS later
	@$(BIN)/python -m local.admin rotate --workspace "$(WORKSPACE)" --key "$(KEY)" --hours "$(HOURS)" --env "$(ENV)" --stack "$(STACK)"

pause: .venv/ready ## stop publishing: WORKSPACE=… or the whole stack [ENV=… or STACK=…]
	@$(BIN)/python -m local.admin pause --workspace "$(WORKSPACE)" --env "$(ENV)" --stack "$(STACK)"

resume: .venv/ready ## publish again, also after a restore: WORKSPACE=… or the whole stack
	@$(BIN)/python -m local.admin resume --workspace "$(WORKSPACE)" --env "$(ENV)" --stack "$(STACK)"

state: .venv/ready ## whether the stack is paused, or waits for a word after a restore
	@$(BIN)/python -m local.admin state --env "$(ENV)" --stack "$(STACK)"

delete-workspace: .venv/ready ## for good, with all that is stored of it: WORKSPACE=ws_… CONFIRM=ws_…
	@$(BIN)/python -m local.admin delete-workspace --workspace "$(WORKSPACE)" --confirm "$(CONFIRM)" --env "$(ENV)" --stack "$(STACK)"

redrive: .venv/ready ## try the dead letters again [ENV=… or STACK=…]
	@$(BIN)/python -m local.admin redrive --env "$(ENV)" --stack "$(STACK)"

reseal: .venv/ready ## seal grants anew under the current key [EVERYTHING=1: those too that it sealed] [ENV=… or STACK=…]
	@$(BIN)/python -m local.resealing --env "$(ENV)" --stack "$(STACK)" $(if $(EVERYTHING),--everything)

repair-events: .venv/ready ## tell from the table what the feed of events lacks, or how far that is [ENV=… or STACK=…]
	@$(BIN)/python -m local.repairing --env "$(ENV)" --stack "$(STACK)"

clean: ## forget the build and the local state; .venv stays
	rm -rf .aws-sam .punctual/run .punctual/last-failure.log

.venv: .venv/ready
.venv/ready: layers/dependencies/requirements.txt layers/media/requirements.txt requirements/dev.txt requirements/tools.txt local/make-venv.sh
	@local/make-venv.sh
