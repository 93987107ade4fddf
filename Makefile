# 大禹 dayu. `make demo` sets up and runs the main job; `make test` sets up and passes the tests.
SHELL := /bin/bash
export DAYU_CACHE ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/dayu
export CARGO_TARGET_DIR ?= $(DAYU_CACHE)/target
export PATH := $(PATH):$(HOME)/.cargo/bin
DAYU := $(CARGO_TARGET_DIR)/release/dayu
# One selection of crates and one profile for demo, tests and CI, so that they share what is compiled.
CARGO_SET := --release --workspace

.PHONY: demo test build bench verify convergence clean-demo

demo: build
	@deploy/demo.sh $(DAYU)

build:
	@deploy/setup.sh run
	@echo "==> 编译（首次约 15–30 分钟，之后数秒） building (first time 15–30 min, then seconds)"
	@cargo build $(CARGO_SET) --bins

test:
	@deploy/setup.sh run
	@deploy/setup.sh test
	@cargo fmt --all --check
	@cargo build $(CARGO_SET) --bins --tests
	@if cargo nextest --version >/dev/null 2>&1; then cargo nextest run $(CARGO_SET); else cargo test $(CARGO_SET) --bins --lib --tests; fi

# Every verification case, judged, with one report: out/verify/verification.html and .pdf. `make test` runs the short form.
verify: build
	@deploy/setup.sh run
	@$(DAYU) verify --out out/verify --overwrite

# The cases whose orders are measured, and the table of docs/convergence.md from them.
convergence: build
	@$(DAYU) verify --case sw_macdonald_subcritical sw_dambreak_dry_ritter sw_thacker_planar ro_kinematic_plane_equilibrium \
	  --out out/convergence --overwrite
	@awk 'FNR == NR { table = table $$0 "\n"; next } /^\|/ { if (!done) printf "%s", table; done = 1; next } { print }' \
	  out/convergence/convergence.md docs/convergence.md > out/convergence/page.md
	@cp out/convergence/page.md docs/convergence.md

# Registry, kernel, assignment and whole-process figures; see benches/README.md. The bench profile equals release: artefacts are shared.
bench: build
	@cargo bench --workspace --bench registry --bench flow --bench assignment --bench whole_run

clean-demo:
	rm -rf out/demo
