# What a party runs: the client library and its command line.
IMAGES += mesatee
IMAGE_mesatee_CLASS := P
IMAGE_mesatee_LINK := dynamic
IMAGE_mesatee_SOURCES := $(ROOM_cli) $(ROOM_client_whole) port/linux/message.c port/linux/memory.c
IMAGE_mesatee_BOXES := cbor json http toml
IMAGE_mesatee_LIBS := -lssl -lcrypto
