# MesaTEE. `make` builds every image, `make check` proves them, `make help` lists the rest.
#
# image/rooms.mk names the sources of each room, image/NAME.mk one linked image, test/*/tests.mk the test
# programs, fuzz/fuzz.mk the fuzz targets, bench/*.mk the benchmarks, boxed/boxes.mk the boxed programs.
# A variant V is a compiler and its options; each has its own folder build/V.

V ?= release
VARIANTS := release asan clang fuzz
ifeq ($(filter $(V),$(VARIANTS)),)
$(error V=$(V) is none of: $(VARIANTS))
endif

B := build/$(V)
THIRD := build/third
STAMP := $(THIRD)/.stamp
MAKEFLAGS += --no-builtin-rules
.DELETE_ON_ERROR:
.SECONDARY:
.DEFAULT_GOAL := all
# Commands are shown with `make VERBOSE=1`.
ifndef VERBOSE
.SILENT:
endif
SECONDS ?= 60
PREFIX ?= /usr/local
DESTDIR ?=

# ---- compilers ----

SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
CC_release := gcc
OPTIONS_release := -O2 -g -D_FORTIFY_SOURCE=2
CC_asan := gcc
OPTIONS_asan := -O1 -g $(SANITIZE)
CC_clang := clang-14
OPTIONS_clang := -O2 -g -D_FORTIFY_SOURCE=2
CC_fuzz := clang-14
OPTIONS_fuzz := -O1 -g $(SANITIZE) -fsanitize=fuzzer-no-link
# Where a sanitizer is in, an image may swap a source (IMAGE_x_SWAP) and is never static.
SANITIZED := $(filter asan fuzz,$(V))

override CC := $(CC_$(V))
WARNINGS := -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Werror
# Nothing of the place or time of the build reaches an object: DESIGN 3, rule 3.
REPRODUCIBLE := -ffile-prefix-map=$(CURDIR)=.
LANGUAGE := -std=c11 -D_GNU_SOURCE -I. -isystem $(THIRD)/include -isystem $(THIRD)/src
# Unused functions leave the image: each has a section of its own and the linker drops it.
HARDENING := -fPIE -ffunction-sections -fdata-sections -fstack-protector-strong -fcf-protection -fno-strict-aliasing -pthread
CFLAGS_ALL := $(OPTIONS_$(V)) $(LANGUAGE) $(HARDENING)
LINK_OPTIONS := $(OPTIONS_$(V)) -pthread -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--build-id=sha1 -Wl,--gc-sections
LINK_dynamic := -pie -Wl,-rpath,'$$ORIGIN:$$ORIGIN/../lib/mesatee:$$ORIGIN/../../third/lib' -L$(THIRD)/lib
# Without warnings: libcrypto mentions dlopen and name lookups, which no image calls.
LINK_static := $(if $(SANITIZED),$(LINK_dynamic),-static-pie -Wl,--no-warnings)

# ---- the lists ----

include image/rooms.mk
include boxed/boxes.mk
include $(filter-out image/rooms.mk,$(sort $(wildcard image/*.mk)))
include $(sort $(wildcard test/*/tests.mk))
include $(sort $(wildcard ta/kit/kit.mk fuzz/fuzz.mk bench/*.mk examples/*.mk exec/*/functions.mk party/sdk/*/sdk.mk ree/libteec/libteec.mk))

object = $(patsubst %.c,$(B)/obj/%.o,$(1))
box_objects = $(foreach box,$(1),$(B)/obj/box/$(box).o $(B)/obj/box/$(box)_kind.o)
# IMAGE_x_SWAP := a.c:b.c means: a sanitized build takes b.c in place of a.c.
swap = $(if $(SANITIZED),$(foreach s,$(1),$(or $(patsubst $(s):%,%,$(filter $(s):%,$(2))),$(s))),$(1))

# ---- objects ----

# Rebuild what depends on the options when they change, and only then.
$(B)/.options: FORCE
	@mkdir -p $(@D)
	@echo '$(CC) $(subst ','\'',$(CFLAGS_ALL) $(WARNINGS))' | cmp -s - $@ || \
		echo '$(CC) $(subst ','\'',$(CFLAGS_ALL) $(WARNINGS))' > $@

$(STAMP): tools/setup tools/requirements.txt tools/crates/Cargo.toml tools/crates/sha256sums
	tools/setup
	@touch $@

$(B)/obj/%.o: %.c $(B)/.options | $(STAMP)
	@mkdir -p $(@D)
	@echo "cc $(V) $<"
	$(CC) $(CFLAGS_ALL) $(REPRODUCIBLE) $(WARNINGS) -MMD -MP -c $< -o $@

# Third-party C is compiled natively only for fuzzing its boxed form; its warnings are not ours.
$(B)/obj/$(THIRD)/src/%.o: $(THIRD)/src/%.c $(B)/.options
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) $(REPRODUCIBLE) -w $(BOX_THIRD_FLAGS) -MMD -MP -c $< -o $@
$(THIRD)/src/%.c: $(STAMP) ;

include boxed/rules.mk

# ---- images ----

IMAGE_BINARIES := $(IMAGES:%=$(B)/bin/%)
# A source that leaves a list must leave the image: the lists are prerequisites like the objects.
IMAGE_LISTS := Makefile $(wildcard image/*.mk boxed/*.mk)

define image_rule
IMAGE_$(1)_CHOSEN = $$(call swap,$$(IMAGE_$(1)_SOURCES),$$(IMAGE_$(1)_SWAP))
$$(B)/bin/$(1): $$$$(call object,$$$$(IMAGE_$(1)_CHOSEN)) $$$$(call box_objects,$$$$(IMAGE_$(1)_BOXES)) $$$$(IMAGE_$(1)_OBJECTS) $$(IMAGE_LISTS)
	@mkdir -p $$(@D)
	@echo "link $$@"
	$$(CC) $$(LINK_OPTIONS) $$(LINK_$$(IMAGE_$(1)_LINK)) $$(filter %.o,$$^) $$(IMAGE_$(1)_LIBS) -o $$@
endef
.SECONDEXPANSION:
$(foreach i,$(IMAGES),$(eval $(call image_rule,$(i))))

all: $(IMAGE_BINARIES) $(B)/components.json functions

# What tools/components and tools/layers know of the images: one line each.
$(B)/images.txt: $(IMAGE_LISTS) | $(STAMP)
	$(shell mkdir -p $(@D))$(file >$@)$(foreach i,$(IMAGES),$(file >>$@,$(i)|$(IMAGE_$(i)_CLASS)|$(IMAGE_$(i)_CHOSEN)|$(IMAGE_$(i)_BOXES) $(IMAGE_$(i)_FUNCTIONS:%=function/%)|$(IMAGE_$(i)_LIBS)|$(if $(SANITIZED),dynamic,$(IMAGE_$(i)_LINK))))
	$(foreach b,$(BOXES),$(file >>$@,box $(b)|B|$(BOX_$(b)_SOURCES) $(BOX_COMMON)|||))
	$(foreach f,$(BUILTINS),$(file >>$@,box function/$(f)|B|$(FUNCTION_$(f)_SOURCES)|||))
	@true

$(B)/components.json: $(IMAGE_BINARIES) $(B)/images.txt tools/components VERSION $(BOXES:%=build/box/%.wasm)
	tools/components $(B) > $@

lines: $(B)/images.txt $(BOXES:%=build/box/%.wasm)
	@tools/components --lines $(B)

# ---- Python: an interpreter that is compiled once, for whoever wants it (tools/python fetches, by name and hash) ----

# What the interpreter runs before a function: the driver, and the sources of the modules that a function may import, each as a text in it.
PYTHON_DRIVER := exec/python/driver.py exec/python/teaclave.py
PYTHON_MODULES := exec/python/mesatee_arrow.py exec/python/mesatee_arrow_write.py
build/python/driver.py: $(PYTHON_DRIVER) $(PYTHON_MODULES) Makefile
	@mkdir -p $(@D)
	! grep -n "'''" $(PYTHON_MODULES)
	(cat $(PYTHON_DRIVER); echo '_mesatee_modules = {}'; \
		for m in $(PYTHON_MODULES); do printf "_mesatee_modules['%s'] = r'''" $$(basename $$m .py); cat $$m; echo "'''"; done; \
		echo 'sys.meta_path.append(_MesateeModules)') > $@
build/python/driver.c: build/python/driver.py
	(echo '/* $(PYTHON_DRIVER) $(PYTHON_MODULES), by the build. */'; echo 'extern const char python_driver[];'; \
		echo 'const char python_driver[] ='; \
		sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/.*/	"&\\n"/' $<; echo ';') > $@

build/release/tool/aot: $(patsubst %.c,build/release/obj/%.o,exec/python/aot.c exec/python/engine_python.c)
	@mkdir -p $(@D)
	$(CC) $(LINK_OPTIONS) $(LINK_dynamic) $^ -lwasmtime -o $@

$(THIRD)/python/python.wasm: tools/python tools/python-requirements.txt | $(STAMP)
	tools/python
$(THIRD)/python/python-host.wasm: $(THIRD)/python/python.wasm tools/python-host
	tools/python-host $< $@
$(THIRD)/lib/python.cwasm: $(THIRD)/python/python-host.wasm build/release/tool/aot
	build/release/tool/aot $< $@.part
	install -m 644 $(THIRD)/python/python-stdlib.zip $(THIRD)/lib/python-stdlib.zip
	mv $@.part $@
python: $(THIRD)/lib/python.cwasm

# ---- functions of parties, as the examples and tests use them ----
# FUNCTIONS names them; FUNCTION_x_SOURCES: C for WASI, the same for every variant. Result: build/functions/x.wasm.

FUNCTION_FLAGS := --target=wasm32-wasi -std=c11 -O3 -msimd128 -I. $(WARNINGS) $(REPRODUCIBLE) -Wl,--strip-all
define function_rule
build/functions/$(1).wasm: $$(FUNCTION_$(1)_SOURCES) api/mesatee_fn.h | $$(STAMP)
	@mkdir -p $$(@D)
	clang-14 $$(FUNCTION_FLAGS) $$(FUNCTION_$(1)_FLAGS) $$(filter %.c,$$^) -o $$@
endef
$(foreach f,$(FUNCTIONS),$(eval $(call function_rule,$(f))))
functions: $(FUNCTIONS:%=build/functions/%.wasm)

# ---- tests ----
# TESTS_asan and TESTS_release name programs; TEST_x_SOURCES (with the program's own file), _BOXES, _LIBS.
# A script is a test as well: TESTS_SCRIPTS.

TEST_BINARIES := $(sort $(TESTS_asan) $(TESTS_release))

define test_rule
$$(B)/test/$(1): $$$$(call object,$$$$(call swap,$$$$(TEST_$(1)_SOURCES),$$$$(TEST_$(1)_SWAP)) test/runner.c) $$$$(call box_objects,$$$$(TEST_$(1)_BOXES))
	@mkdir -p $$(@D)
	@echo "link $$@"
	$$(CC) $$(LINK_OPTIONS) $$(LINK_dynamic) $$^ $$(TEST_$(1)_LIBS) -o $$@
endef
$(foreach t,$(TEST_BINARIES),$(eval $(call test_rule,$(t))))

tests: $(TEST_BINARIES:%=$(B)/test/%)

# The programs of this variant alone; `make check` calls it for both.
tests_here: $(TESTS_$(V):%=$(B)/test/%) $(TOOLS_$(V):%=$(B)/test/%) functions

check: $(STAMP)
	+@$(MAKE) --no-print-directory V=asan tests_here
	+@$(MAKE) --no-print-directory V=release all python kit tests_here
	@tools/check tools/layers $(TESTS_asan:%=build/asan/test/%) $(TESTS_release:%=build/release/test/%) $(TESTS_SCRIPTS)

# 4 GiB through a function in constant memory: half a minute, and as much disk, so it is not part of check.
check-large: all build/wasm/crc.wasm
	@test/e2e/test_large 4096

# Formats against other people's tools; needs go and a network, so it is not part of check.
interop: all python $(B)/test/teaclave_file $(B)/test/try
	@test/interop/run

# ---- fuzzing ----

define fuzz_rule
build/fuzz/bin/fuzz_$(1): $$$$(call object,$$$$(FUZZ_$(1)_SOURCES)) $$$$(call box_objects,$$$$(FUZZ_$(1)_BOXES))
	@mkdir -p $$(@D)
	@echo "link $$@"
	$$(CC) $$(LINK_OPTIONS) -fsanitize=fuzzer $$^ $$(FUZZ_$(1)_LIBS) -o $$@
endef
ifeq ($(V),fuzz)
$(foreach f,$(FUZZERS),$(eval $(call fuzz_rule,$(f))))
endif
fuzzers: $(FUZZERS:%=build/fuzz/bin/fuzz_%)

fuzz: $(STAMP)
	+@$(MAKE) --no-print-directory V=fuzz fuzzers
	@tools/fuzz $(SECONDS) $(FUZZERS)

# ---- benchmarks ----

define bench_rule
$$(B)/bench/$(1): $$$$(call object,$$$$(BENCH_$(1)_SOURCES)) $$$$(call box_objects,$$$$(BENCH_$(1)_BOXES))
	@mkdir -p $$(@D)
	@echo "link $$@"
	$$(CC) $$(LINK_OPTIONS) $$(LINK_dynamic) $$^ $$(BENCH_$(1)_LIBS) -o $$@
endef
$(foreach b,$(BENCHES) $(FUNCTION_BENCHES) $(GP_BENCHES),$(eval $(call bench_rule,$(b))))
# The figures of one run, then those with a budget once more. A missed budget is a figure, not a failure.
bench: all $(BENCHES:%=$(B)/bench/%)
	@rm -f $(B)/bench/figures
	@for program in $(BENCHES); do \
		echo "== $$program"; $(B)/bench/$$program >$(B)/bench/last || exit 1; \
		cat $(B)/bench/last; cat $(B)/bench/last >>$(B)/bench/figures; done
	@echo '== against the budgets'; grep budget $(B)/bench/figures

# The functions against other people's, which this installs into build/peers; about six minutes.
bench-functions: functions python $(B)/test/try $(B)/bench/learning $(FUNCTION_BENCHES:%=$(B)/bench/%)
	python3 bench/functions

# ---- the rest ----

setup:
	@tools/setup

layers:
	@tools/layers

ree-callers:
	@tools/ree_callers

demo: setup all
	tools/demo

demo-python: setup all python build/release/test/try
	tools/demo-python

check-reproducible: setup
	tools/reproducible

mutants: setup
	+@$(MAKE) --no-print-directory V=asan tests_here
	tools/mutants test/mutants.list

compile_commands.json: FORCE
	@$(MAKE) -Bn --no-print-directory V=$(V) all tests | tools/compile_commands > $@

install: all kit
	tools/install '$(DESTDIR)$(PREFIX)' $(B) $(IMAGES)

format-check:
	@if command -v clang-format-14 >/dev/null; then \
		git ls-files '*.c' '*.h' | xargs clang-format-14 --dry-run --Werror; \
	else echo 'format-check: clang-format-14 is not installed'; fi

clean:
	rm -rf $(VARIANTS:%=build/%) build/box build/functions compile_commands.json

distclean:
	rm -rf build compile_commands.json

help:
	@echo 'make                      every image (V=release asan clang fuzz)'
	@echo 'make check                all tests, sanitized and release, and the layers'
	@echo 'make check-gp             conformance with the GP TEE Internal Core API: a line for each of its 131 functions'
	@echo 'make check-large          a dataset of 4 GiB through a function: memory and speed'
	@echo 'make demo                 two parties, one node, one task, one receipt'
	@echo 'make demo-python          two hospitals train a classifier in Python'
	@echo 'make python               the Python executor: fetch CPython for WASI, compile it once (a minute or two, 300 MB)'
	@echo 'make sdk                  the client library as a shared one, for the Python package (docs/sdk.md)'
	@echo 'make bench                benchmarks'
	@echo 'make bench-gp             calls of trusted applications against futexes and the same work here'
	@echo 'make bench-functions      built-in functions and Python against LightGBM, scikit-learn, onnxruntime, CPython (bench/README)'
	@echo 'make fuzz SECONDS=60      each fuzz target for that long'
	@echo 'make interop              formats against other people'\''s tools (needs go and a network)'
	@echo 'make mutants              each named defence taken out must turn a test red'
	@echo 'make check-reproducible   two copies of the tree give identical images'
	@echo 'make lines                trusted lines of each image'
	@echo 'make install PREFIX=/usr/local DESTDIR='
	@echo 'make compile_commands.json layers ree-callers format-check setup clean distclean'

FORCE:
.PHONY: all check-large interop python lines functions tests tests_here check fuzzers fuzz bench bench-functions setup layers ree-callers demo demo-python check-reproducible mutants install \
	format-check clean distclean help FORCE

-include $(shell find $(B)/obj build/box/obj -name '*.d' 2>/dev/null)
