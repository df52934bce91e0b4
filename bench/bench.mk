# Benchmarks: BENCHES += x, BENCH_x_SOURCES, _BOXES, _LIBS. A program prints its figures and exits 0.

BENCHES += box_call
BENCH_box_call_SOURCES := bench/box_call.c $(ROOM_box) $(ROOM_base) $(ROOM_port_box) \
	boxed/cbor/cbor.c boxed/answer.c boxed/native/box_native.c
BENCH_box_call_BOXES := cbor

BENCHES += log_commit crypto_speed
BENCH_log_commit_SOURCES := bench/log_commit.c $(ROOM_log) $(ROOM_crypto) $(ROOM_base)
BENCH_log_commit_LIBS := -lcrypto
BENCH_crypto_speed_SOURCES := bench/crypto_speed.c $(ROOM_dataset) $(ROOM_log) $(ROOM_crypto) $(ROOM_base)
BENCH_crypto_speed_LIBS := -lcrypto

BENCHES += attested_tls
BENCH_attested_tls_SOURCES := bench/attested_tls.c $(ROOM_channel) lib/channel/tls.c $(ROOM_statement) $(ROOM_attest) $(ROOM_cose) \
	$(ROOM_crypto) $(ROOM_box) $(ROOM_base) $(ROOM_port_box)
BENCH_attested_tls_BOXES := cbor
BENCH_attested_tls_LIBS := -lssl -lcrypto

# The same six kernels natively by gcc -O3 and as a function.
BENCHES += kernels_host
BENCH_kernels_host_SOURCES := bench/kernels_host.c bench/kernels.c $(ROOM_wasm) $(ROOM_base)
BENCH_kernels_host_LIBS := -lwasmtime -lm
build/release/obj/bench/kernels.o: CFLAGS_ALL += -O3
FUNCTIONS += kernels
FUNCTION_kernels_SOURCES := bench/kernels_guest.c bench/kernels.c
FUNCTION_kernels_FLAGS := -O3 -msimd128

BENCHES += task_bare
BENCH_task_bare_SOURCES := bench/task_bare.c exec/wasm/run.c $(ROOM_wasm) $(ROOM_port_linux) $(ROOM_base)
BENCH_task_bare_LIBS := -lwasmtime -lseccomp
$(B)/bench/task_bare: | build/wasm/probe.wasm

BENCHES += node
BENCH_node_SOURCES := bench/node.c bench/upload.c $(ROOM_client_whole)
BENCH_node_BOXES := cbor json http toml
BENCH_node_LIBS := -lssl -lcrypto

# What learns, natively by gcc -O3; `make bench-functions` compares it and the functions with others.
BENCHES += learning
BENCH_learning_PARTS := $(addprefix exec/builtin/,gbdt_model.c gbdt_bins.c gbdt_histogram.c gbdt_grow.c gbdt_round.c logistic_fit.c matrix.c)
BENCH_learning_SOURCES := bench/learning.c exec/builtin/guest.c exec/builtin/model.c exec/builtin/model_weights.c $(BENCH_learning_PARTS)
BENCH_learning_LIBS := -lm
$(BENCH_learning_PARTS:%.c=build/release/obj/%.o): CFLAGS_ALL += -O3

# For `make bench-functions`: the built-in intersect from encrypted files; Python functions whose host answers nothing.
FUNCTION_BENCHES := psi try_alone
BENCH_psi_SOURCES := bench/psi.c bench/psi_task.c bench/psi_anchor.c $(ROOM_seal_worker) $(ROOM_native) \
	build/native/names.c build/native/kinds.c $(ROOM_dataset) $(ROOM_log) $(ROOM_crypto) $(ROOM_port_linux) $(ROOM_base)
BENCH_psi_LIBS := -lcrypto -lseccomp -lm
build/release/obj/bench/psi_anchor.o: CFLAGS_ALL += -O3
BENCH_try_alone_SOURCES := $(filter-out $(ROOM_python_host),$(TRY_SOURCES)) bench/host_none.c
BENCH_try_alone_LIBS := -lwasmtime -lseccomp -lcrypto -lm
$(FUNCTION_BENCHES:%=$(B)/bench/%): $$(NATIVE_OBJECTS)
