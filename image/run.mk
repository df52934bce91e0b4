# One function, once: wasmtime and our WASI.
IMAGES += run
IMAGE_run_CLASS := B
IMAGE_run_LINK := dynamic
IMAGE_run_SOURCES := exec/wasm/run_main.c exec/wasm/run.c $(ROOM_wasm) $(ROOM_base) $(ROOM_port_linux)
IMAGE_run_SWAP := $(SWAP_port_linux)
# libseccomp inside: the launcher's file system holds libwasmtime and what that needs, nothing else.
IMAGE_run_LIBS := -lwasmtime -l:libseccomp.a
