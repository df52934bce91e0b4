# Built-in functions, run by the real workers on files (try.c), compared with vectors and with independent implementations.
TRY := $(B)/test/try
TOOLS_release += try
$(B)/test/try: $(patsubst %.c,$(B)/obj/%.o,test/builtin/try.c exec/wasm/run.c exec/wasm/compile.c $(ROOM_python) $(ROOM_wasm) $(ROOM_port_linux) $(ROOM_base))
	@mkdir -p $(@D)
	@echo "link $@"
	$(CC) $(LINK_OPTIONS) $(LINK_dynamic) $^ -lwasmtime -lseccomp -o $@

# Python functions in the real worker; `make check` has built the interpreter.
TESTS_SCRIPTS += test/builtin/test_python
