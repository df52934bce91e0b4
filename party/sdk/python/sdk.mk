# build/V/lib/libmesatee.so: the client library as a shared one, with exactly the symbols of api/mesatee.h. Its objects are compiled once
# more, position-independent in any process, in a folder of their own; SDK_FLAGS come last and win. The thread's place of a box is
# found without a call: the handler of faults reads it.
SDK := party/sdk/python
SDK_FLAGS := -fPIC -ftls-model=initial-exec
SDK_BOXES := cbor json http toml
SDK_OBJECTS := $(ROOM_client_whole:%.c=$(B)/obj/pic/%.o) $(foreach b,$(SDK_BOXES),$(B)/obj/pic/box/$(b).o $(B)/obj/pic/box/$(b)_kind.o)

$(B)/obj/pic/%.o: %.c $(B)/.options $(SDK)/sdk.mk | $(STAMP)
	@mkdir -p $(@D)
	@echo "cc $(V) pic $<"
	$(CC) $(CFLAGS_ALL) $(SDK_FLAGS) $(REPRODUCIBLE) $(WARNINGS) -MMD -MP -c $< -o $@
$(B)/obj/pic/box/%.o: build/box/%.c $(B)/.options $(SDK)/sdk.mk boxed/rules.mk
	@mkdir -p $(@D)
	@echo "cc $(V) pic $<"
	$(CC) $(BOX_NATIVE_FLAGS) $(SDK_FLAGS) -MMD -MP -c $< -o $@
$(SDK_BOXES:%=$(B)/obj/pic/box/%_kind.o): $(B)/obj/pic/box/%_kind.o: build/box/%.c

$(B)/sdk/layout.c: $(SDK)/layout $(wildcard $(SDK)/mesatee/*.py) api/mesatee.h
	@mkdir -p $(@D)
	$(SDK)/layout api/mesatee.h $@ $(@:.c=.map)
$(B)/sdk/layout.o: $(B)/sdk/layout.c $(B)/.options
	$(CC) $(CFLAGS_ALL) $(WARNINGS) -c $< -o $@

$(B)/lib/libmesatee.so: $(SDK_OBJECTS) $(B)/sdk/layout.o $(SDK)/sdk.mk image/rooms.mk
	@mkdir -p $(@D)
	@echo "link $@"
	$(CC) $(LINK_OPTIONS) -shared -Wl,-soname,libmesatee.so -Wl,-z,defs -Wl,--no-undefined-version \
		-Wl,--version-script=$(B)/sdk/layout.map $(SDK_OBJECTS) -lssl -lcrypto -o $@

# A sanitizer cannot come into a process that Python started: the release build is what the package takes, and what its test loads.
ifeq ($(V),release)
sdk: $(B)/lib/libmesatee.so
tests_here: sdk
else
sdk:
	+@$(MAKE) --no-print-directory V=release sdk
endif
.PHONY: sdk
