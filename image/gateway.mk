# The network's side: TLS, HTTP heads in a box, nothing to decide.
IMAGES += gateway
IMAGE_gateway_CLASS := A
IMAGE_gateway_LINK := static
IMAGE_gateway_SOURCES := service/gateway/main.c $(ROOM_gateway) $(ROOM_channel) lib/channel/tls.c $(ROOM_statement) $(ROOM_attest) $(ROOM_cose) $(ROOM_crypto) \
	$(ROOM_box) $(ROOM_base) $(ROOM_port_linux) $(ROOM_port_box)
IMAGE_gateway_BOXES := cbor http
IMAGE_gateway_SWAP := $(SWAP_port_linux)
IMAGE_gateway_LIBS := -lssl -lcrypto -lseccomp
