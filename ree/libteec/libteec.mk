# build/V/lib/libteec.so.2, with exactly the symbols of libteec.map, and what programs find it by. Its objects are those of party/sdk's rule:
# position-independent in any process.
LIBTEEC := ree/libteec
$(B)/lib/libteec.so.2: $(ROOM_libteec:%.c=$(B)/obj/pic/%.o) $(ROOM_base:%.c=$(B)/obj/pic/%.o) $(LIBTEEC)/libteec.map $(LIBTEEC)/libteec.mk \
		image/rooms.mk
	@mkdir -p $(@D)
	@echo "link $@"
	$(CC) $(LINK_OPTIONS) -shared -Wl,-soname,libteec.so.2 -Wl,-z,defs -Wl,--no-undefined-version \
		-Wl,--version-script=$(LIBTEEC)/libteec.map $(filter %.o,$^) -o $@
	ln -sf libteec.so.2 $(@D)/libteec.so

# Somewhere else than in install's prefix: `make install PREFIX=…` writes it anew.
$(B)/lib/teec.pc: $(LIBTEEC)/teec.pc.in VERSION Makefile
	@mkdir -p $(@D)
	sed -e 's|@PREFIX@|$(PREFIX)|' -e "s|@VERSION@|$$(cat VERSION)|" $< > $@
libteec: $(B)/lib/libteec.so.2 $(B)/lib/teec.pc
# A sanitizer's symbols are the program's, not a library's.
ifeq ($(SANITIZED),)
all: libteec
endif
.PHONY: libteec
