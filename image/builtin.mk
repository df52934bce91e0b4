# One built-in function, once: this build's own translations, and our WASI. No engine.
IMAGES += builtin
IMAGE_builtin_CLASS := B
IMAGE_builtin_LINK := static
IMAGE_builtin_SOURCES := exec/native/native_main.c $(ROOM_native) build/native/names.c build/native/kinds.c $(ROOM_base) $(ROOM_port_linux)
IMAGE_builtin_FUNCTIONS = $(BUILTINS)
IMAGE_builtin_OBJECTS = $(NATIVE_OBJECTS)
IMAGE_builtin_SWAP := $(SWAP_port_linux)
IMAGE_builtin_LIBS := -lseccomp -lm
