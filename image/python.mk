# One Python function, once: CPython for WASI in wasmtime, and our WASI. Its interpreter and library are measured beside it (`make python`).
IMAGES += python
IMAGE_python_CLASS := B
IMAGE_python_LINK := dynamic
IMAGE_python_SOURCES := exec/python/python_main.c $(ROOM_python) $(ROOM_wasm) $(ROOM_base) $(ROOM_port_linux)
IMAGE_python_SWAP := $(SWAP_port_linux)
# libcrypto: of its archive the blocks of the SHA functions, nothing else.
IMAGE_python_LIBS := -lwasmtime -l:libseccomp.a -l:libcrypto.a
# For what the interpreter's artifact demands anyway (engine_python.c), so no choice is made at run time.
$(patsubst %,$(B)/obj/exec/python/product_%.o,double float): CFLAGS_ALL += -O3 -mavx2 -mfma -ffp-contract=fast
