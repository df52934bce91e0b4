# Functions for the tests of the workers: C for wasm32-wasi.
TEST_WASM := $(patsubst %,build/wasm/%.wasm,probe foreign pointers teaclave reader crc)

build/wasm/teaclave.wasm: test/wasm/teaclave.c
	@mkdir -p $(@D)
	clang-14 --target=wasm32 -O2 -std=c11 -Wall -Wextra -ffreestanding -nostdlib -Wl,--no-entry $< -o $@


build/wasm/%.wasm: test/wasm/%.c
	@mkdir -p $(@D)
	clang-14 --target=wasm32-wasi -O1 -std=gnu11 -Wall -Wextra -Wno-infinite-recursion $(WASI_FLAGS) $< -o $@
# Nothing is left undefined but the imports that are named as such.
WASI_FLAGS := -fno-builtin
build/wasm/crc.wasm: WASI_FLAGS := -O3

TESTS_asan += test_wasi
TESTS_release += test_wasi
TEST_test_wasi_SOURCES := test/unit/test_wasi.c exec/wasm/run.c exec/wasm/compile.c $(ROOM_wasm) $(ROOM_port_linux) $(ROOM_base)
TEST_test_wasi_SWAP := $(SWAP_port_linux)
TEST_test_wasi_LIBS := -lwasmtime -lseccomp
$(B)/test/test_wasi: | $(TEST_WASM)

TESTS_asan += test_message test_supplicant test_transfers
TESTS_release += test_supplicant test_transfers
TEST_test_message_SOURCES := test/unit/test_message.c port/linux/message.c port/linux/memory.c $(ROOM_base)
SUPPLICANT_PROCESS := test/unit/supplicant_process.c test/unit/disk_fault.c
TEST_test_supplicant_SOURCES := test/unit/test_supplicant.c $(SUPPLICANT_PROCESS) $(ROOM_supplicant) $(ROOM_port_linux) \
	$(ROOM_base)
TEST_test_supplicant_SWAP := $(SWAP_port_linux)
TEST_test_supplicant_LIBS := -lseccomp -Wl,--wrap=pwrite,--wrap=sendfile,--wrap=fsync,--wrap=fdatasync,--wrap=renameat,--wrap=unlinkat
TEST_test_transfers_SOURCES := test/unit/test_transfers.c $(SUPPLICANT_PROCESS) $(ROOM_supplicant) $(ROOM_port_linux) $(ROOM_base)
TEST_test_transfers_SWAP := $(SWAP_port_linux)
TEST_test_transfers_LIBS = $(TEST_test_supplicant_LIBS)

TESTS_asan += test_seal_worker
TESTS_release += test_seal_worker
TEST_test_seal_worker_SOURCES := test/unit/test_seal_worker.c $(ROOM_seal_worker) $(ROOM_dataset) $(ROOM_log) $(ROOM_seal) \
	$(ROOM_crypto) $(ROOM_port_linux) $(ROOM_base)
TEST_test_seal_worker_SWAP := $(SWAP_port_linux)
TEST_test_seal_worker_LIBS := -lcrypto -lseccomp
