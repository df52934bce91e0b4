# One instance of a trusted application: its loader, its system calls, and libcrypto for its keys.
IMAGES += ta
IMAGE_ta_CLASS := A
IMAGE_ta_LINK := static
IMAGE_ta_SOURCES := exec/ta/ta_main.c $(ROOM_ta) $(ROOM_call) $(ROOM_operation) $(ROOM_crypto) $(ROOM_base) $(ROOM_port_linux)
IMAGE_ta_SWAP := $(SWAP_port_linux)
IMAGE_ta_LIBS := -lcrypto -lseccomp
