# Whole processes on the release build: what confines them, and how a node starts and ends.
TESTS_release += test_confine test_promise test_cell test_images test_watch test_launcher
TEST_test_confine_SOURCES := test/e2e/test_confine.c $(ROOM_port_linux) $(ROOM_base)
TEST_test_confine_LIBS := -lseccomp
TEST_test_promise_SOURCES := test/e2e/test_promise.c $(ROOM_port_linux) $(ROOM_base)
TEST_test_promise_LIBS := -lseccomp

ROOM_cell := port/linux/images.c lib/crypto/hash.c lib/crypto/random.c $(ROOM_port_linux) $(ROOM_base)
TEST_test_cell_SOURCES := test/e2e/test_cell.c port/linux/confine.c port/linux/outside.c $(ROOM_cell)
TEST_test_cell_LIBS := -lseccomp -lcrypto
$(B)/test/test_cell: | $(B)/test/cell
TEST_test_images_SOURCES := test/e2e/test_images.c $(ROOM_cell)
TEST_test_images_LIBS := -lseccomp -lcrypto

TEST_test_launcher_SOURCES := test/e2e/test_launcher.c test/e2e/launched.c $(ROOM_base)
TEST_test_launcher_LIBS := -lseccomp
$(B)/test/test_launcher: | $(IMAGES:%=$(B)/bin/%)
TEST_test_watch_SOURCES := test/e2e/test_watch.c test/e2e/launched.c $(ROOM_cell)
TEST_test_watch_LIBS := -lseccomp -lcrypto
$(B)/test/test_watch: | $(B)/test/double $(B)/bin/launcher $(B)/bin/compile

# What is put into a cell has no libraries there.
define cell_rule
$(B)/test/$(1): $$(patsubst %.c,$$(B)/obj/%.o,test/e2e/$(1).c port/linux/message.c port/linux/memory.c $$(ROOM_base))
	@mkdir -p $$(@D)
	$$(CC) $$(LINK_OPTIONS) -static-pie $$^ -o $$@
endef
$(foreach c,cell double,$(eval $(call cell_rule,$(c))))

# With the real interpreter, which `make check` has built.
TESTS_release += test_zygote
TEST_test_zygote_SOURCES := test/e2e/test_zygote.c $(ROOM_python) $(ROOM_wasm) $(ROOM_port_linux) $(ROOM_base)
TEST_test_zygote_LIBS := -lwasmtime -lseccomp -lcrypto

# The two workers of a streamed input; under the sanitizers too.
TESTS_asan += test_streamed
TESTS_release += test_streamed
TEST_test_streamed_SOURCES := test/e2e/test_streamed.c test/e2e/streamed.c exec/wasm/run.c exec/wasm/compile.c $(ROOM_wasm) $(ROOM_seal_worker) $(ROOM_dataset) \
	$(ROOM_log) $(ROOM_seal) $(ROOM_crypto) $(ROOM_port_linux) $(ROOM_base)
TEST_test_streamed_SWAP := $(SWAP_port_linux)
TEST_test_streamed_LIBS := -lwasmtime -lcrypto -lseccomp
$(B)/test/test_streamed: | build/wasm/reader.wasm build/wasm/teaclave.wasm

# No process of its own, so it runs sanitized.
TESTS_asan += test_peers
TEST_test_peers_SOURCES := test/e2e/test_peers.c port/linux/peers.c port/linux/message.c port/linux/memory.c $(ROOM_base)

# As people run it: commands, a capture, kill -9. Needs the images, mesatee and psi.
TESTS_SCRIPTS += test/e2e/test_node
# An input too large to hold, through a whole node; `make check-large` takes one of 4 GiB. Needs the images and build/wasm/crc.wasm.
TESTS_SCRIPTS += test/e2e/test_large
# The Python package, all of it, with a node of its own. Needs the images, psi and `make sdk` (tests_here has it).
TESTS_SCRIPTS += test/e2e/test_sdk
# Ciphertext by URL, from a hostile server and from a folder. Needs the images, psi, openssl and ip.
TESTS_SCRIPTS += test/e2e/test_fetch
# Trusted applications as their developers and users run them. Needs the images, libteec and the kit.
TESTS_SCRIPTS += test/e2e/test_gp

# Applications in their process and programs that call them, with a double of core and door between (test/tee_world.c). On the release build confined.
TEST_TAS := try
$(B)/test/ta/%.so: test/ta/%.c test/ta/try.h api/tee_syscall.h Makefile
	@mkdir -p $(@D)
	@echo "ta $@"
	gcc -O2 -std=c11 -I. $(WARNINGS) -ffreestanding -fno-tree-loop-distribute-patterns -fno-stack-protector -fPIC -fvisibility=hidden -shared -nostdlib \
		-Wl,-z,now,-z,noexecstack,--hash-style=gnu $< -o $@
TEE_WORLD := test/tee_world.c $(ROOM_call) $(ROOM_operation) $(ROOM_crypto) port/linux/message.c port/linux/memory.c $(ROOM_base)
TESTS_asan += test_libteec test_libteec_ends test_ta test_ta_calls
TESTS_release += test_libteec test_libteec_ends test_ta test_ta_calls test_ta_confine
TEST_test_libteec_SOURCES := test/e2e/test_libteec.c test/calling.c $(ROOM_libteec) $(TEE_WORLD)
TEST_test_libteec_LIBS := -lcrypto
TEST_test_libteec_ends_SOURCES := test/e2e/test_libteec_ends.c test/calling.c $(ROOM_libteec) $(TEE_WORLD)
TEST_test_libteec_ends_LIBS := -lcrypto
TEST_test_ta_SOURCES := test/e2e/test_ta.c test/ta_client.c $(TEE_WORLD)
TEST_test_ta_calls_SOURCES := test/e2e/test_ta_calls.c test/ta_client.c $(TEE_WORLD)
TEST_test_ta_calls_LIBS := -lcrypto
TEST_test_ta_LIBS := -lcrypto
TEST_test_ta_confine_SOURCES := test/e2e/test_ta_confine.c test/calling.c $(ROOM_libteec) $(TEE_WORLD)
TEST_test_ta_confine_LIBS := -lcrypto
$(foreach t,test_libteec test_libteec_ends test_ta test_ta_calls test_ta_confine,$(B)/test/$(t)): | $(B)/bin/ta $(TEST_TAS:%=$(B)/test/ta/%.so)
