# Fuzz targets: FUZZERS += x, FUZZ_x_SOURCES, _BOXES, _LIBS; seeds in fuzz/corpus/x. The program is fuzz_x.

FUZZERS += cbor_native json_native toml_native http_native box items
FUZZ_NATIVE := fuzz/fuzz_native.c boxed/native/box_native.c boxed/answer.c lib/box/items.c $(ROOM_base)
FUZZ_cbor_native_SOURCES := $(BOX_cbor_SOURCES) $(FUZZ_NATIVE)
FUZZ_json_native_SOURCES := $(BOX_json_SOURCES) $(FUZZ_NATIVE)
FUZZ_toml_native_SOURCES := $(BOX_toml_SOURCES) $(FUZZ_NATIVE)
FUZZ_http_native_SOURCES := $(BOX_http_SOURCES) $(FUZZ_NATIVE)
FUZZ_box_SOURCES := fuzz/fuzz_box.c $(ROOM_box) $(ROOM_base) $(ROOM_port_box)
FUZZ_box_BOXES := cbor json toml http
FUZZ_items_SOURCES := fuzz/fuzz_items.c $(ROOM_box) $(ROOM_base)

FUZZERS += base64 checkpoint dataset_header seal log_replay
FUZZ_base64_SOURCES := fuzz/fuzz_base64.c $(ROOM_base)
FUZZ_checkpoint_SOURCES := fuzz/fuzz_checkpoint.c $(ROOM_log) $(ROOM_crypto) $(ROOM_base)
FUZZ_checkpoint_LIBS := -lcrypto
FUZZ_dataset_header_SOURCES := fuzz/fuzz_dataset_header.c $(ROOM_dataset) $(ROOM_log) $(ROOM_crypto) $(ROOM_base)
FUZZ_dataset_header_LIBS := -lcrypto
FUZZ_seal_SOURCES := fuzz/fuzz_seal.c $(ROOM_seal) $(ROOM_crypto) $(ROOM_base)
FUZZ_seal_LIBS := -lcrypto
FUZZ_log_replay_SOURCES := fuzz/fuzz_log_replay.c $(ROOM_log) $(ROOM_crypto) $(ROOM_base)
FUZZ_log_replay_LIBS := -lcrypto

# The real core over the world's doubles (test/story/tests.mk).
FUZZERS += core
FUZZ_core_SOURCES := fuzz/fuzz_core.c $(WORLD)
FUZZ_core_BOXES := cbor
FUZZ_core_LIBS := -lcrypto -Wl,--wrap=world_supplicant,--wrap=world_worker

FUZZERS += signed
FUZZ_signed_SOURCES := fuzz/fuzz_signed.c build/native/names.c service/gateway/match.c $(ROOM_core) $(ROOM_task) $(ROOM_ledger) $(ROOM_ree) $(ROOM_channel) \
	$(ROOM_statement) $(ROOM_attest) $(ROOM_cose) $(ROOM_dataset) $(ROOM_log) $(ROOM_seal) $(ROOM_crypto) $(ROOM_box) $(ROOM_base) \
	$(ROOM_port_box) build/native/names.c
FUZZ_signed_BOXES := cbor toml
FUZZ_signed_LIBS := -lcrypto

FUZZERS += tile
FUZZ_tile_SOURCES := fuzz/fuzz_tile.c $(ROOM_ledger) $(ROOM_channel) $(ROOM_statement) $(ROOM_attest) $(ROOM_cose) $(ROOM_log) $(ROOM_seal) \
	$(ROOM_crypto) $(ROOM_box) $(ROOM_base) $(ROOM_port_box)
FUZZ_tile_BOXES := cbor
FUZZ_tile_LIBS := -lcrypto

# Workers and the supplicant behind doubles of their port: a static decoder is fuzzed through the process that calls it.
FUZZERS += run_worker seal_worker supplicant
FUZZ_run_worker_SOURCES := fuzz/fuzz_run_worker.c fuzz/engine_double.c exec/wasm/run.c exec/wasm/runner.c exec/wasm/ended.c exec/wasm/compile.c exec/wasm/wasi.c exec/wasm/wasi_link.c \
	exec/wasm/wasi_fd.c exec/wasm/wasi_path.c exec/wasm/teaclave.c exec/wasm/chance.c $(ROOM_base)
FUZZ_run_worker_LIBS := -Wl,--wrap=pread,--wrap=pwrite,--wrap=ftruncate,--wrap=nanosleep
FUZZ_seal_worker_SOURCES := fuzz/fuzz_seal_worker.c exec/seal/worker.c exec/seal/streams.c $(ROOM_dataset) $(ROOM_log) $(ROOM_seal) $(ROOM_crypto) $(ROOM_base)
FUZZ_seal_worker_LIBS := -lcrypto -Wl,--wrap=pread,--wrap=fstat
FUZZ_supplicant_SOURCES := fuzz/fuzz_supplicant.c ree/supplicant/supplicant.c ree/supplicant/transfer.c $(ROOM_base)
FUZZ_supplicant_LIBS := -Wl,--wrap=poll,--wrap=close,--wrap=fstat

# The fetcher without libcurl and without its files.
FUZZERS += fetch
FUZZ_fetch_SOURCES := fuzz/fuzz_fetch.c ree/fetch/jobs.c ree/fetch/folder.c ree/fetch/address.c $(ROOM_base)
FUZZ_fetch_LIBS := -Wl,--wrap=close,--wrap=fdatasync

# The gateway without its loop: the state of each connection, HTTP, and the messages of core and the supplicant.
FUZZERS += gateway
FUZZ_gateway_SOURCES := fuzz/fuzz_gateway.c $(filter-out service/gateway/gateway.c,$(ROOM_gateway)) lib/channel/exchange.c $(ROOM_cose) $(ROOM_crypto) $(ROOM_box) $(ROOM_base) $(ROOM_port_box)
FUZZ_gateway_BOXES := http cbor
FUZZ_gateway_LIBS := -lcrypto -Wl,--wrap=accept4,--wrap=epoll_ctl,--wrap=setsockopt,--wrap=close,--wrap=write,--wrap=pread,--wrap=_exit

# A party's client without its network and its disk.
FUZZERS += client
FUZZ_client_SOURCES := fuzz/fuzz_client.c $(filter-out party/client/net.c party/client/home.c,$(ROOM_client)) $(ROOM_teaclave) $(ROOM_channel) \
	$(ROOM_statement) $(ROOM_attest) $(ROOM_cose) $(ROOM_dataset) $(ROOM_log) $(ROOM_seal) $(ROOM_crypto) $(ROOM_box) $(ROOM_base) \
	$(ROOM_port_box)
FUZZ_client_BOXES := cbor json http toml
FUZZ_client_LIBS := -lcrypto -Wl,--wrap=nanosleep

# A protected file as whoever holds its key can make it: sealing and unsealing leave the bytes as they are, every tag fits.
FUZZERS += teaclave
FUZZ_teaclave_SOURCES := fuzz/fuzz_teaclave.c $(ROOM_teaclave) $(ROOM_crypto) $(ROOM_base)
FUZZ_teaclave_LIBS := -lcrypto -Wl,--wrap=crypto_gcm_add,--wrap=crypto_gcm_check,--wrap=crypto_gcm_text

FUZZERS += cli
FUZZ_cli_SOURCES := fuzz/fuzz_cli.c party/cli/terms.c party/cli/parse.c $(ROOM_box) $(ROOM_base) $(ROOM_port_box)
FUZZ_cli_BOXES := toml
FUZZ_cli_LIBS := -Wl,--wrap=mt_copy_text

FUZZERS += options
FUZZ_options_SOURCES := fuzz/fuzz_options.c port/linux/options.c $(ROOM_base)
FUZZ_options_LIBS := -Wl,--wrap=exit,--wrap=fprintf,--wrap=fwrite,--wrap=socket,--wrap=setsockopt,--wrap=bind,--wrap=listen

# Models of the functions that learn: what a party gives to a predicting function.
FUZZERS += model
FUZZ_model_SOURCES := fuzz/fuzz_model.c test/builtin/test_learning_guest.c exec/builtin/model.c exec/builtin/gbdt_model.c \
	exec/builtin/model_weights.c exec/builtin/matrix.c $(ROOM_base)
FUZZ_model_LIBS := -lm

# Functions on sets and tables without an engine (test/builtin/tests.mk).
FUZZERS += csv
FUZZ_csv_SOURCES := fuzz/fuzz_csv.c $(DOUBLE_MAINS:%=exec/builtin/%.c) $(TABLE_PARTS) $(SET_PARTS) $(DOUBLE)
FUZZ_csv_LIBS := $(DOUBLE_LIBS)

# What a party gives to the function that infers: the reader of a model, and its run.
FUZZERS += onnx
FUZZ_onnx_SOURCES := fuzz/fuzz_onnx.c $(filter-out exec/builtin/onnx_main.c,$(sort $(wildcard exec/builtin/onnx_*.c))) $(ROOM_base)
FUZZ_onnx_LIBS := -lm

# Keys that a party gives to `sign`, with what of AWS-LC reads them (exec/builtin/functions.mk) compiled for this machine.
FUZZERS += keys
FUZZ_AWSLC := $(filter-out crypto/thread_none,$(AWSLC_FILES)) crypto/thread_pthread crypto/refcount_c11
FUZZ_AWSLC_OBJECTS := $(FUZZ_AWSLC:%=build/fuzz/aws-lc/%.o)
FUZZ_keys_SOURCES := fuzz/fuzz_keys.c exec/builtin/keys.c $(ROOM_base)
FUZZ_keys_LIBS := -Wl,--wrap=free
build/fuzz/aws-lc/%.o: $(AWSLC)/%.c fuzz/fuzz.mk
	@mkdir -p $(@D)
	@echo "cc fuzz $<"
	$(CC_fuzz) -std=gnu11 -O1 -g -w -fsanitize=address,fuzzer-no-link -I$(AWSLC)/include -DBORINGSSL_IMPLEMENTATION -DOPENSSL_SMALL \
		-DOPENSSL_NO_ASM -DDISABLE_CPU_JITTER_ENTROPY -c $< -o $@
build/fuzz/aws-lc.a: $(FUZZ_AWSLC_OBJECTS)
	@rm -f $@
	llvm-ar-14 rcsD $@ $^
build/fuzz/obj/exec/builtin/keys.o build/fuzz/obj/fuzz/fuzz_keys.o: CFLAGS_ALL += -isystem $(AWSLC)/include
build/fuzz/bin/fuzz_keys: build/fuzz/aws-lc.a

# What clients and instances say to core's TEE.
FUZZERS += tee
FUZZ_tee_SOURCES := fuzz/fuzz_tee.c test/tee_core.c $(ROOM_tee) service/ree/ree.c port/linux/memory.c $(ROOM_crypto) $(ROOM_base)
FUZZ_tee_LIBS := -lcrypto

# System calls of applications, and the messages about them.
FUZZERS += syscall
FUZZ_syscall_SOURCES := fuzz/fuzz_syscall.c $(ROOM_call) $(ROOM_operation) $(ROOM_crypto) $(ROOM_base)
FUZZ_syscall_LIBS := -lcrypto

# A store as whoever has its key could make it: sealing and unsealing leave the bytes as they are, every tag fits.
FUZZERS += storage
FUZZ_storage_SOURCES := fuzz/fuzz_storage.c $(ROOM_storage) $(ROOM_crypto) $(ROOM_base)
FUZZ_storage_LIBS := -lcrypto -Wl,--wrap=crypto_aead_seal,--wrap=crypto_aead_unseal

# Keys and operations as a hostile application asks for them.
FUZZERS += operation
FUZZ_operation_SOURCES := fuzz/fuzz_operation.c $(ROOM_operation) $(ROOM_crypto) $(ROOM_base)
FUZZ_operation_LIBS := -lcrypto

# Sessions of the TEE: what clients and lying instances do, in any order.
FUZZERS += session
FUZZ_session_SOURCES := fuzz/fuzz_session.c test/session_model.c $(ROOM_session) $(ROOM_base)

# What core does for system calls: messages of hostile instances, over a store in memory.
FUZZERS += keeper
FUZZ_keeper_SOURCES := fuzz/fuzz_keeper.c $(ROOM_keeper) $(ROOM_property) $(ROOM_time) $(ROOM_call) $(ROOM_operation) $(ROOM_storage) $(ROOM_crypto) $(ROOM_base)
FUZZ_keeper_LIBS := -lcrypto

# Signed images of trusted applications as whoever holds the keys can make them.
FUZZERS += ta_image
FUZZ_ta_image_SOURCES := fuzz/fuzz_ta_image.c $(ROOM_image) $(ROOM_agile) $(ROOM_crypto) $(ROOM_base)
FUZZ_ta_image_LIBS := -lcrypto -Wl,--wrap=agile_verify,--wrap=crypto_verify_once,--wrap=crypto_sha256,--wrap=crypto_sha256_parts

# Images of applications.
FUZZERS += ta_elf
FUZZ_ta_elf_SOURCES := fuzz/fuzz_ta_elf.c exec/ta/image.c $(ROOM_base)

# What clients and other applications hand to an application.
FUZZERS += ta_window
FUZZ_ta_window_SOURCES := fuzz/fuzz_ta_window.c exec/ta/window.c exec/ta/params.c port/linux/memory.c $(ROOM_base)

# System calls to where they end: the application's own process, with a core that always answers.
FUZZERS += ta_calls
FUZZ_ta_calls_SOURCES := fuzz/fuzz_ta_calls.c $(addprefix exec/ta/,calls.c take.c send.c serve.c window.c params.c image.c stack.c) $(ROOM_call) \
	$(ROOM_operation) $(ROOM_crypto) port/linux/message.c port/linux/memory.c $(ROOM_base)
FUZZ_ta_calls_LIBS := -lcrypto -Wl,--wrap=_exit,--wrap=message_send_wait,--wrap=message_wait,--wrap=message_receive
