# The one process with a way to the network: http, https and the operator's folder, by the machine's own libcurl. Outside the trusted base.
IMAGES += fetch
IMAGE_fetch_CLASS := U
IMAGE_fetch_LINK := dynamic
IMAGE_fetch_SOURCES := ree/fetch/fetch_main.c $(ROOM_fetch) $(ROOM_port_linux) $(ROOM_base)
IMAGE_fetch_SWAP := $(SWAP_port_linux)
# In its cell libc is the launcher's copy, beside the loader, and everything else the machine's (port/linux/outside.c); RPATH, so that it holds
# for what libcurl needs as well.
IMAGE_fetch_LIBS := -Wl,--disable-new-dtags,-rpath,/lib64:/fetch -lcurl -l:libseccomp.a
