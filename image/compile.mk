# One module to one artifact: wasmtime's compiler.
IMAGES += compile
IMAGE_compile_CLASS := B
IMAGE_compile_LINK := dynamic
IMAGE_compile_SOURCES := exec/wasm/compile_main.c exec/wasm/compile.c $(ROOM_wasm) $(ROOM_base) $(ROOM_port_linux)
IMAGE_compile_SWAP := $(SWAP_port_linux)
IMAGE_compile_LIBS := -lwasmtime -l:libseccomp.a
