# Two targets do everything on a fresh machine: `make demo` and `make test`.
# Both install what is missing first and say so (scripts/setup.sh).
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# One static binary that starts fast: no Swift runtime to look up and relocate.
RELEASE := -c release --static-swift-stdlib

# Suites that start real database servers.
SERVER_TESTS := PhasegateEngineTests.(PostgreSQL|MariaDB|Session|Migration|BackupLevel|Comparison|Conversion|Deletion|Piecewise|ObservationQuery)|PhasegateLedgerTests.(LedgerContract|PostgreSQL)

# A programme that brings its servers, in one of its variants; the last line says how the rollout itself ended.
define programme
scripts/setup-test-tools.sh; status=0; \
PHASEGATE_BIN="$$(swift build $(RELEASE) --show-bin-path)" scripts/programme.sh $(1) $(2) || status=$$?; \
echo "exit status of the rollout: $$status"; \
exit $$status
endef

.PHONY: help setup release demo demo-bad trading trading-bad replyx replyx-bad lint test bench clean

help: ## Say what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup:
	@scripts/setup.sh

release: setup
	@echo "Building the release binaries (a few minutes the first time)"
	@swift build $(RELEASE) --product phasegate
	@swift build $(RELEASE) --product quantumleap

demo: release ## Take the QuantumLeap programme through its four phases to 100 %
	@PHASEGATE_BIN="$$(swift build $(RELEASE) --show-bin-path)" scripts/demo.sh good

# GNU make turns every failed recipe into exit status 2; only in its question
# mode a recipe that fails ends it with 1. So this goal is asked for instead of
# made, and the + has its lines run all the same. The last line says how the
# rollout itself ended.
ifneq ($(filter $(MAKECMDGOALS),demo-bad trading-bad replyx-bad),)
MAKEFLAGS += --question
endif

demo-bad: ## The same with a harmful change: stopped at 5 % and rolled back, exit status 1
	+@env -u MAKEFLAGS -u MFLAGS $(MAKE) --no-print-directory release
	+@status=0; \
	PHASEGATE_BIN="$$(swift build $(RELEASE) --show-bin-path)" scripts/demo.sh bad || status=$$?; \
	echo "exit status of the rollout: $$status"; \
	exit $$status

trading: release ## Take the trading programme on MariaDB through its three phases
	@$(call programme,trading-mariadb,good)

trading-bad: ## The same with a feature that locks rows: stopped at 5 % and rolled back, exit status 1
	+@env -u MAKEFLAGS -u MFLAGS $(MAKE) --no-print-directory release
	+@$(call programme,trading-mariadb,bad)

replyx: release ## Take the ReplyX programme on PostgreSQL with pgvector through its four phases
	@$(call programme,replyx,good)

replyx-bad: ## The same with a vector index that misses answers: stopped at 5 % and rolled back, exit status 1
	+@env -u MAKEFLAGS -u MFLAGS $(MAKE) --no-print-directory release
	+@$(call programme,replyx,bad)

lint: ## Check format and documentation comments
	@echo "Checking format and documentation comments"
	@swift format lint --strict --parallel --recursive Package.swift Sources Tests Benchmarks

test: lint ## Lint, build with warnings as errors and the import check, run all tests
	@scripts/setup.sh test
	@echo "Building everything, warnings are errors, undeclared imports are errors"
	@swift build --build-tests --explicit-target-dependency-import-check error
	@echo "Running the tests of the modules"
	@swift test --skip-build --skip PhasegateReportsTests --skip PhasegateObservationsTests --skip '$(SERVER_TESTS)' \
		--skip PhasegateConsumersTests --skip PhasegateEndToEndTests
	@echo "Running the tests that want a PostgreSQL or a MariaDB server"
	@swift test --skip-build --filter '$(SERVER_TESTS)'
	@echo "Running the tests of observations, then of the reports"
	@# Apart, because they keep both cores busy for a minute, and others wait for time-outs that have to be kept.
	@swift test --skip-build --filter PhasegateObservationsTests
	@swift test --skip-build --filter PhasegateReportsTests
	@echo "Handing reports and notices to other people's programs"
	@swift test --skip-build --filter PhasegateConsumersTests
	@echo "Running the binaries end to end"
	@# Apart, because they wait for programs and would keep the others' threads.
	@swift test --skip-build --filter PhasegateEndToEndTests --skip 'ServerFaultTests|ScratchServerTests|ProgrammeTests|LoadTests'
	@echo "Running the binaries on servers that fail"
	@# Apart again, because they have to look at a server while a program runs.
	@swift test --skip-build --filter 'ServerFaultTests|ScratchServerTests'
	@echo "Running ramps on synthetic users"
	@swift test --skip-build --filter '[.]LoadTests'
	@echo "Running the ramps that are compared with a control, as planned and with faults planted"
	@swift test --skip-build --filter RampProgrammeTests
	@echo "Running the programmes on servers, as planned and with a fault planted"
	@swift test --skip-build --filter '[.]ProgrammeTests'

bench: release ## Measure what README.md and docs/benchmarks.md promise
	@swift build -c release --package-path Benchmarks
	@Benchmarks/run.sh

clean: ## Remove build products and demo data
	@rm -rf .build .demo Benchmarks/.build
