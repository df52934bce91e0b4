# Files for core and the gateway; outside the trusted base.
IMAGES += supplicant
IMAGE_supplicant_CLASS := U
IMAGE_supplicant_LINK := static
IMAGE_supplicant_SOURCES := ree/supplicant/supplicant_main.c $(ROOM_supplicant) $(ROOM_port_linux) $(ROOM_base)
IMAGE_supplicant_SWAP := $(SWAP_port_linux)
IMAGE_supplicant_LIBS := -lseccomp
