# The kit for trusted applications: $(B)/kit, laid out as TA_DEV_KIT_DIR. Its library is freestanding and built for speed of the code that is in it.
KIT := $(B)/kit
KIT_CFLAGS := -std=c11 -O2 -g -I. -Iapi -isystem ta/rt/include -nostdinc -isystem $(shell gcc -print-file-name=include) -ffreestanding -fPIC -fno-semantic-interposition -fno-plt -fno-common -ffunction-sections -fdata-sections -fno-stack-protector -fcf-protection \
	-fno-strict-aliasing $(WARNINGS) $(REPRODUCIBLE)
KIT_OBJECTS := $(ROOM_rt:%.c=$(KIT)/obj/%.o)
KIT_HEADERS := $(wildcard api/tee_api*.h api/tee_internal_api*.h api/tee_*socket.h) api/tee_syscall.h $(wildcard ta/rt/include/*.h)

$(KIT_OBJECTS): $(KIT)/obj/%.o: %.c $(B)/.options ta/kit/kit.mk
	@mkdir -p $(@D)
	@echo "cc kit $<"
	gcc $(KIT_CFLAGS) -MMD -MP -c $< -o $@
-include $(KIT_OBJECTS:.o=.d)
$(KIT)/lib/libutee.a: $(KIT_OBJECTS)
	@mkdir -p $(@D)
	@rm -f $@
	ar rcsD $@ $^
$(KIT)/.made: $(KIT)/lib/libutee.a ta/kit/ta_dev_kit.mk ta/kit/ta.map ta/rt/user_ta_header.c ta/rt/rt.h $(KIT_HEADERS) ta/kit/kit.mk
	@rm -rf $(KIT)/include $(KIT)/mk $(KIT)/src
	@mkdir -p $(KIT)/include $(KIT)/mk $(KIT)/src/ta/rt $(KIT)/src/api
	@cp ta/kit/ta_dev_kit.mk ta/kit/ta.map $(KIT)/mk/
	@cp $(KIT_HEADERS) $(KIT)/include/
	@cp ta/rt/user_ta_header.c ta/rt/rt.h $(KIT)/src/ta/rt/
	@cp $(wildcard api/tee_*.h) $(KIT)/src/api/
	@touch $@
# The kit, and with it `mesatee`, which signs.
kit: $(KIT)/.made $(B)/bin/mesatee
.PHONY: kit
