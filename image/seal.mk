# One task's keys: opens its inputs, gives the large ones in pieces, seals its outputs.
IMAGES += seal
IMAGE_seal_CLASS := A
IMAGE_seal_LINK := static
IMAGE_seal_SOURCES := exec/seal/seal_main.c $(ROOM_seal_worker) $(ROOM_dataset) $(ROOM_log) $(ROOM_seal) $(ROOM_crypto) $(ROOM_base) \
	$(ROOM_port_linux)
IMAGE_seal_SWAP := $(SWAP_port_linux)
IMAGE_seal_LIBS := -lcrypto -lseccomp
