# The GP conformance suite (test/gp/gp.h): plain TA code, here in a process of its own with doubles below.

GP_CASES := $(addprefix test/gp/,suite.c entry.c helper.c cases_property.c cases_framework.c cases_memory.c cases_object.c cases_transient.c \
	cases_storage.c cases_walk.c cases_data.c cases_operation.c cases_digest.c cases_cipher.c cases_authenticated.c cases_asymmetric.c cases_arith.c cases_arith_more.c numbers.c)
GP_WORLD := test/gp_world.c test/gp_core.c test/storage_world.c $(ROOM_call) $(ROOM_operation) $(ROOM_keeper) $(ROOM_property) $(ROOM_time) $(ROOM_storage) $(ROOM_port_sim) \
	$(ROOM_crypto) $(ROOM_base)
GP_OBJECTS := $(patsubst %.c,$(B)/obj/%.o,$(GP_CASES) test/gp/in_process.c $(GP_WORLD) $(ROOM_rt_arith) $(ROOM_rt_api)) $(B)/obj/gp/header.o
# What a TA has of the kit's headers besides; the suite's header of a TA.
$(patsubst %.c,$(B)/obj/%.o,$(GP_CASES) test/gp/in_process.c): CFLAGS_ALL += -idirafter api
$(B)/obj/gp/header.o: ta/rt/user_ta_header.c test/gp/user_ta_header_defines.h $(B)/.options
	@mkdir -p $(@D)
	@echo "cc $(V) $<"
	$(CC) $(CFLAGS_ALL) -Iapi -Ita/rt/include -Itest/gp $(WARNINGS) -MMD -MP -c $< -o $@
$(B)/test/gp: $(GP_OBJECTS)
	@mkdir -p $(@D)
	@echo "link $@"
	$(CC) $(LINK_OPTIONS) $(LINK_dynamic) $^ -lcrypto -o $@
# The same for version 1.1: the cases call __GP11_TEE_... everywhere, and their entry points are those of 1.1.
$(B)/obj/gp11/%.o: test/gp/%.c $(B)/.options
	@mkdir -p $(@D)
	@echo "cc $(V) 1.1 $<"
	$(CC) $(CFLAGS_ALL) -D__OPTEE_CORE_API_COMPAT_1_1=1 -idirafter api $(WARNINGS) -MMD -MP -c $< -o $@
$(B)/obj/gp11/header.o: ta/rt/user_ta_header.c test/gp/user_ta_header_defines.h $(B)/.options
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) -D__OPTEE_CORE_API_COMPAT_1_1=1 -Iapi -Ita/rt/include -Itest/gp $(WARNINGS) -MMD -MP -c $< -o $@
$(B)/test/gp11: $(patsubst test/gp/%.c,$(B)/obj/gp11/%.o,$(GP_CASES)) $(B)/obj/gp11/header.o $(filter-out $(patsubst %.c,$(B)/obj/%.o,$(GP_CASES)) \
	$(B)/obj/gp/header.o,$(GP_OBJECTS))
	@mkdir -p $(@D)
	@echo "link $@"
	$(CC) $(LINK_OPTIONS) $(LINK_dynamic) $^ -lcrypto -o $@
TOOLS_asan += gp gp11
TESTS_SCRIPTS += build/asan/test/gp build/asan/test/gp11 test/gp/test_rows
# As a native TA in a node. Needs the images, libteec and the kit.
TESTS_SCRIPTS += test/gp/test_native

check-gp:
	+@$(MAKE) --no-print-directory V=asan build/asan/test/gp
	+@$(MAKE) --no-print-directory V=release all kit
	@build/asan/test/gp
	@echo '== as a native application in a node'
	@test/gp/test_native
.PHONY: check-gp
