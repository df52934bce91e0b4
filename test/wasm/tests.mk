# Functions for the tests of the workers: C for wasm32-wasi.
TEST_WASM := $(patsubst %,build/wasm/%.wasm,probe foreign pointers)

build/wasm/%.wasm: test/wasm/%.c
	@mkdir -p $(@D)
	clang-14 --target=wasm32-wasi -O1 -std=gnu11 -Wall -Wextra -Wno-infinite-recursion $(WASI_FLAGS) $< -o $@
# Nothing is left undefined but the imports that are named as such.
WASI_FLAGS := -fno-builtin

TESTS_asan += test_wasi
TESTS_release += test_wasi
TEST_test_wasi_SOURCES := test/unit/test_wasi.c exec/wasm/run.c exec/wasm/compile.c $(ROOM_wasm) $(ROOM_port_linux) $(ROOM_base)
TEST_test_wasi_SWAP := $(SWAP_port_linux)
TEST_test_wasi_LIBS := -lwasmtime -lseccomp
$(B)/test/test_wasi: | $(TEST_WASM)
