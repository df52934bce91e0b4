# Programs that use the client library; `make check` builds them too.
EXAMPLE_SOURCES := examples/client/attest.c $(ROOM_client_whole)
EXAMPLE_OBJECTS := $(EXAMPLE_SOURCES:%.c=$(B)/obj/%.o) $(foreach b,cbor json http toml,$(B)/obj/box/$(b).o $(B)/obj/box/$(b)_kind.o)
$(B)/example/attest: $(EXAMPLE_OBJECTS)
	@mkdir -p $(@D)
	@echo "link $@"
	$(CC) $(LINK_OPTIONS) $(LINK_dynamic) $^ -lssl -lcrypto -o $@
examples: $(B)/example/attest
tests_here: examples
.PHONY: examples
