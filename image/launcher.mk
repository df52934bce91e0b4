# The root of a node's trust on Linux: it measures, confines and starts everything else.
IMAGES += launcher
IMAGE_launcher_CLASS := R
IMAGE_launcher_LINK := static
IMAGE_launcher_SOURCES := port/linux/launcher.c port/linux/begin.c port/linux/options.c port/linux/workers.c port/linux/zygote.c port/linux/tell.c port/linux/images.c port/linux/confine.c port/linux/outside.c port/linux/landlock.c port/linux/message.c \
	port/linux/memory.c lib/crypto/hash.c lib/crypto/random.c $(ROOM_base)
IMAGE_launcher_SWAP := $(SWAP_port_linux)
IMAGE_launcher_LIBS := -lcrypto
