# A native trusted application (TA), from the Makefile that includes this:
#
#   BINARY = UUID                 the TA's name
#   sub.mk beside it:             srcs-y, global-incdirs-y, incdirs-y, subdirs-y, cflags-y, cppflags-y, cflags-FILE-y, libnames, libdirs, ldflags-y
#   user_ta_header_defines.h      in one of those folders
#
# gives $(O)/UUID.elf, UUID.stripped.elf and UUID.ta, the image that `mesatee ta install` takes. Variables, rules and names of files are those of OP-TEE's
# kit, as far as they have a meaning here; CROSS_COMPILE may be empty, the TA is of the machine that it is built on.
#
#   TA_SIGN_KEY       the key that signs; $MESATEE_HOME/ta.key, else ~/.config/mesatee/ta.key, made when missing. `mesatee dev` runs what it signs.
#   TA_VERSION_NUMBER the image's version (0)
#   SANITIZE=1        with bounds and undefined behaviour checked, where that needs no library: a fault ends the TA
#   V=1               show the commands

TA_DEV_KIT_DIR ?= $(patsubst %/mk/ta_dev_kit.mk,%,$(lastword $(MAKEFILE_LIST)))
ifeq ($(BINARY),)
$(error BINARY = UUID: the name of the trusted application)
endif
ifneq ($(words $(BINARY)),1)
$(error BINARY must be one UUID: $(BINARY))
endif

O ?= .
out := $(O)
MESATEE ?= $(firstword $(wildcard $(TA_DEV_KIT_DIR)/../bin/mesatee $(TA_DEV_KIT_DIR)/../../../bin/mesatee) mesatee)
TA_SIGN_KEY ?= $(or $(MESATEE_HOME),$(HOME)/.config/mesatee)/ta.key
TA_VERSION_NUMBER ?= 0
quiet := $(if $(filter 1,$(V)),,@)
# libteec's programs are cross-compiled with another prefix than TAs; a TA's LDFLAGS from outside are the host's.
override LDFLAGS :=

# ---- sources: sub.mk of each folder ----

srcs :=
global-incdirs :=
define sub_read
srcs-y :=
incdirs-y :=
global-incdirs-y :=
subdirs-y :=
cflags-y :=
cppflags-y :=
include $(1)/sub.mk
srcs += $$(addprefix $(patsubst ./%,%,$(1)/),$$(srcs-y))
global-incdirs += $$(addprefix $(1)/,$$(global-incdirs-y))
$$(foreach s,$$(srcs-y),$$(eval flags-$(patsubst ./%,%,$(1)/)$$(s) := $$(addprefix -I$(1)/,$$(incdirs-y)) $$(cppflags-y) $$(cflags-y) $$(cflags-$$(s)-y)))
$$(foreach s,$$(srcs-y),$$(eval remove-$(patsubst ./%,%,$(1)/)$$(s) := $$(cflags-remove-$$(s)-y)))
$$(foreach d,$$(addprefix $(1)/,$$(subdirs-y)),$$(eval $$(call sub_read,$$(d))))
endef
$(eval $(call sub_read,.))

objects := $(patsubst %.c,$(out)/%.o,$(filter %.c,$(srcs))) $(patsubst %.S,$(out)/%.o,$(filter %.S,$(srcs)))
ifneq ($(filter-out %.c %.S,$(srcs)),)
$(error only C and assembly: $(filter-out %.c %.S,$(srcs)))
endif

# ---- options ----

CFG_TEE_TA_LOG_LEVEL ?= 1
ifeq ($(CFG_TA_OPTEE_CORE_API_COMPAT_1_1),y)
ta-cppflags += -D__OPTEE_CORE_API_COMPAT_1_1=1
endif
ta-cppflags += -DTRACE_LEVEL=$(CFG_TEE_TA_LOG_LEVEL) -DCFG_TEE_TA_LOG_LEVEL=$(CFG_TEE_TA_LOG_LEVEL) -I. $(addprefix -I,$(global-incdirs))
# The compiler's own headers (stdint.h, stddef.h …) and no others: a TA has no C library but the kit's.
ta-cflags := -std=gnu11 -ffreestanding -fno-builtin-printf -nostdinc -isystem $(TA_DEV_KIT_DIR)/include -isystem $(shell $(CROSS_COMPILE)$(or $(filter-out default,$(TA_CC)),gcc) -print-file-name=include) \
	-fPIC -fno-semantic-interposition -fno-plt -fno-common -ffunction-sections -fdata-sections -fno-stack-protector -fcf-protection -g -Os -Wall
ifeq ($(SANITIZE),1)
ta-cflags += -fsanitize=undefined -fsanitize-undefined-trap-on-error
endif
ta-ldflags := -shared -nostdlib -nostartfiles -Wl,-Bsymbolic -Wl,-u,ta_enter -Wl,--gc-sections -Wl,-z,now -Wl,-z,noexecstack -Wl,-z,separate-code -Wl,--build-id=none \
	-Wl,--hash-style=gnu -Wl,--version-script=$(TA_DEV_KIT_DIR)/mk/ta.map
TA_CC ?= gcc
ta-cc := $(CROSS_COMPILE)$(TA_CC)

# ---- rules ----

.PHONY: all clean
all: $(out)/$(BINARY).ta

define compile
	@mkdir -p $(@D)
	@echo "  CC      $@"
	$(quiet)$(ta-cc) $(filter-out $(remove-$(1)),$(ta-cflags)) $(ta-cppflags) $(flags-$(1)) $(CFLAGS) $(CPPFLAGS) -MMD -MP -c $< -o $@
endef
$(out)/%.o: %.c
	$(call compile,$<)
$(out)/%.o: %.S
	$(call compile,$<)
$(out)/user_ta_header.o: $(TA_DEV_KIT_DIR)/src/ta/rt/user_ta_header.c
	@mkdir -p $(@D)
	@echo "  CC      $@"
	$(quiet)$(ta-cc) $(ta-cflags) $(ta-cppflags) -I$(TA_DEV_KIT_DIR)/src -MMD -MP -c $< -o $@

$(out)/$(BINARY).elf: $(objects) $(out)/user_ta_header.o $(TA_DEV_KIT_DIR)/lib/libutee.a
	@echo "  LD      $@"
	$(quiet)$(ta-cc) $(ta-ldflags) $(ldflags-y) $(objects) $(out)/user_ta_header.o $(addprefix -L,$(libdirs)) $(addprefix -l,$(filter-out utee utils,$(libnames))) \
		$(TA_DEV_KIT_DIR)/lib/libutee.a -lgcc -o $@
	@# All that it may ask for at its start is the way into the TEE.
	@missing=$$(nm -D -u $@ | awk '$$NF != "ta_syscall" { print "  " $$NF }'); if [ -n "$$missing" ]; then \
		echo "error: $@ needs what a TA cannot have:"; echo "$$missing"; echo "help: a TA links the kit's library and nothing of the system's"; rm -f $@; exit 1; fi
$(out)/$(BINARY).stripped.elf: $(out)/$(BINARY).elf
	$(quiet)$(CROSS_COMPILE)objcopy --strip-unneeded $< $@
$(TA_SIGN_KEY):
	@mkdir -p $(@D)
	$(quiet)$(MESATEE) ta key $@ >/dev/null
$(out)/$(BINARY).ta: $(out)/$(BINARY).stripped.elf | $(TA_SIGN_KEY)
	@echo "  SIGN    $@"
	$(quiet)$(MESATEE) ta sign --key $(TA_SIGN_KEY) --uuid $(BINARY) --ta-version $(TA_VERSION_NUMBER) --out $@ $<

clean:
	@rm -f $(objects) $(objects:.o=.d) $(out)/user_ta_header.o $(out)/user_ta_header.d $(out)/$(BINARY).elf $(out)/$(BINARY).stripped.elf $(out)/$(BINARY).ta

-include $(objects:.o=.d) $(out)/user_ta_header.d
