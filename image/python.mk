# One Python function, once: CPython for WASI in wasmtime, and our WASI. Its interpreter and library are measured beside it (`make python`).
IMAGES += python
IMAGE_python_CLASS := B
IMAGE_python_LINK := dynamic
IMAGE_python_SOURCES := exec/python/python_main.c $(ROOM_python) $(ROOM_wasm) $(ROOM_base) $(ROOM_port_linux)
IMAGE_python_SWAP := $(SWAP_port_linux)
IMAGE_python_LIBS := -lwasmtime -l:libseccomp.a
