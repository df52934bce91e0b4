# Everything that decides: keys, contracts, ledger. No network, no files.
IMAGES += core
IMAGE_core_CLASS := T
IMAGE_core_LINK := static
IMAGE_core_SOURCES := service/core/main.c $(ROOM_core) $(ROOM_task) $(ROOM_ledger) $(ROOM_ree) $(ROOM_channel) $(ROOM_statement) \
	$(ROOM_attest) $(ROOM_cose) $(ROOM_dataset) $(ROOM_log) $(ROOM_seal) $(ROOM_crypto) $(ROOM_box) $(ROOM_base) \
	$(ROOM_port_loop) $(ROOM_port_box) build/native/names.c
IMAGE_core_BOXES := cbor
IMAGE_core_SWAP := $(SWAP_port_linux)
IMAGE_core_LIBS := -lcrypto -lseccomp
