# The local door of the TEE: connections of programs on this machine, unread.
IMAGES += door
IMAGE_door_CLASS := A
IMAGE_door_LINK := static
IMAGE_door_SOURCES := service/door/main.c service/door/door.c $(ROOM_port_linux) $(ROOM_base)
IMAGE_door_SWAP := $(SWAP_port_linux)
IMAGE_door_LIBS := -lseccomp
