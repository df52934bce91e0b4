# Built-in functions, run by the real workers on files (try.c), compared with vectors and with independent implementations.
TRY := $(B)/test/try
TOOLS_release += try
TRY_SOURCES := test/builtin/try.c exec/wasm/run.c exec/wasm/compile.c lib/crypto/hash.c $(ROOM_python) $(filter-out $(ROOM_runner),$(ROOM_native)) build/native/names.c build/native/kinds.c $(ROOM_wasm) $(ROOM_port_linux) $(ROOM_base)
.SECONDEXPANSION:
$(B)/test/try: $(TRY_SOURCES:%.c=$(B)/obj/%.o) $$(NATIVE_OBJECTS)
	@mkdir -p $(@D)
	@echo "link $@"
	$(CC) $(LINK_OPTIONS) $(LINK_dynamic) $^ -lwasmtime -lseccomp -lcrypto -lm -o $@

# All of them once more, as this build's translations.
TESTS_SCRIPTS += test/builtin/test_native

# What learns: against scikit-learn and LightGBM (fixtures/make); its model files natively, under sanitizers.
TESTS_SCRIPTS += test/builtin/test_learning
TESTS_asan += test_learning_model
TEST_test_learning_model_SOURCES := test/builtin/test_learning_model.c test/builtin/test_learning_guest.c exec/builtin/model.c \
	exec/builtin/gbdt_model.c exec/builtin/model_weights.c exec/builtin/matrix.c $(ROOM_base)
TEST_test_learning_model_LIBS := -lm

# Keys and signatures: against the command openssl.
TESTS_SCRIPTS += test/builtin/test_keys

# Python functions in the real worker; `make check` has built the interpreter.
TESTS_SCRIPTS += test/builtin/test_python test/builtin/test_python_host test/builtin/test_arrow

# Inference: against onnxruntime (onnx_fixtures/make), and malformed models as wasm and natively under the sanitizers.
TESTS_SCRIPTS += test/builtin/test_onnx
TOOLS_asan += onnx_native
$(B)/test/onnx_native: $(patsubst %.c,$(B)/obj/%.o,test/builtin/test_onnx_native.c exec/builtin/guest.c $(sort $(wildcard exec/builtin/onnx_*.c)))
	@mkdir -p $(@D)
	@echo "link $@"
	$(CC) $(LINK_OPTIONS) $(LINK_dynamic) $^ -Wl,--wrap=guest_input,--wrap=guest_output -lm -o $@

# Sets, tables, statistics, passwords: against Python's own; their access pattern; and each natively under sanitizers (double.h).
TESTS_SCRIPTS += test/builtin/test_sets
DOUBLE_WRAPPED := open close fopen fclose exit vfprintf fputc malloc calloc realloc aligned_alloc strdup free
DOUBLE_LIBS := $(DOUBLE_WRAPPED:%=-Wl,--wrap=%) -lm
DOUBLE := test/builtin/double.c exec/builtin/guest.c exec/builtin/csv.c exec/builtin/lines.c $(ROOM_base)
DOUBLE_MAINS := intersect join sum describe password
TABLE_PARTS := exec/builtin/tables.c exec/builtin/describe_rows.c exec/builtin/describe_write.c exec/builtin/statistics.c
SET_PARTS := exec/builtin/sets.c exec/builtin/sets_hash.c exec/builtin/oblivious.c exec/builtin/hash.c exec/builtin/digests.c
define double_main
$(B)/obj/exec/builtin/$(1).o: CFLAGS_ALL += -Dmain=$(1)_main
$(B)/obj/exec/builtin/$(1).o: WARNINGS += -Wno-missing-prototypes
endef
$(foreach m,$(DOUBLE_MAINS),$(eval $(call double_main,$(m))))
TESTS_asan += test_builtin test_oblivious
TEST_test_builtin_SOURCES := test/builtin/test_builtin.c $(DOUBLE_MAINS:%=exec/builtin/%.c) $(TABLE_PARTS) $(SET_PARTS) $(DOUBLE)
TEST_test_builtin_LIBS := $(DOUBLE_LIBS)

# oblivious.c once more, with each access and each block of code recorded: both compilers' sanitizers would put in branches of their own.
TRACE_FUNCTIONS := merge common compact ordered find load load_reversed store
TRACE_FLAGS := -O2 -msse4.2 -fsanitize=thread -fsanitize-coverage=trace-pc $(foreach f,$(TRACE_FUNCTIONS),-Doblivious_$(f)=traced_$(f))
$(B)/obj/trace/oblivious.o: exec/builtin/oblivious.c exec/builtin/oblivious.h
	@mkdir -p $(@D)
	clang-14 $(LANGUAGE) $(WARNINGS) $(REPRODUCIBLE) -fPIE $(TRACE_FLAGS) -c $< -o $@
$(B)/obj/trace/trace_control.o: test/builtin/trace_control.c exec/builtin/oblivious.h
	@mkdir -p $(@D)
	clang-14 $(LANGUAGE) $(WARNINGS) $(REPRODUCIBLE) -fPIE $(TRACE_FLAGS) -c $< -o $@
TEST_test_oblivious_SOURCES := test/builtin/test_oblivious.c test/builtin/trace.c exec/builtin/oblivious.c $(ROOM_base)
$(B)/test/test_oblivious: $(B)/obj/trace/oblivious.o $(B)/obj/trace/trace_control.o
