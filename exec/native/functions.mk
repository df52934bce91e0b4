# The built-in functions once more, as a part of an image: module, wasm2c, gcc (exec/native/README).

NATIVE := build/native
# Every processor of the last fifteen years has SSE 4.2. No contraction: WebAssembly has no fused multiplication.
NATIVE_FLAGS := -std=c11 -D_GNU_SOURCE -O2 -fPIE -fno-strict-aliasing -ffp-contract=off -frounding-math -fsignaling-nans -msse4.2 \
	-fstack-clash-protection -w -I. -isystem $(THIRD)/include -I$(NATIVE) $(REPRODUCIBLE)
# A guest's recursion is counted, and ends as a trap; what a frame of unusual size leaves of the stack is guarded by the kernel's page.
NATIVE_RT := -DWASM_RT_MEMCHECK_GUARD_PAGES=1 -DWASM_RT_STACK_DEPTH_COUNT=1 -DWASM_RT_MAX_CALL_STACK_DEPTH=10000
NATIVE_OBJECTS = $(foreach f,$(BUILTINS),$(B)/obj/native/$(f).o $(B)/obj/native/$(f)_kind.o)

$(NATIVE)/%.c: build/functions/%.wasm
	@mkdir -p $(@D)
	$(THIRD)/bin/wasm2c --no-debug-names -n $* $< -o $@
define native_rule
$(NATIVE)/$(1)_kind.c: exec/native/kind.c.in
	@mkdir -p $$(@D)
	sed -e 's/@NAME@/$(1)/g' -e 's/@SYMBOL@/$(subst _,__,$(1))/g' $$< > $$@
$$(B)/obj/native/$(1)_kind.o: $(NATIVE)/$(1).c
endef
$(foreach f,$(BUILTINS),$(eval $(call native_rule,$(f))))

# Names and hashes, for core as well; and the translations in the same order. Sources of images like any other.
$(NATIVE)/names.c: $(BUILTINS:%=build/functions/%.wasm) exec/native/functions.mk
	@mkdir -p $(@D)
	(echo '#include "api/builtin.h"'; echo 'const struct builtin_function builtin_functions[] = {'; \
		for f in $(BUILTINS); do sha256sum build/functions/$$f.wasm | \
			sed -e 's/ .*//' -e 's/../0x&,/g' -e "s/.*/	{ \"$$f\", { & } },/"; done; \
		echo '};'; echo 'const size_t builtin_function_count = $(words $(BUILTINS));') > $@
$(NATIVE)/kinds.c: exec/native/functions.mk exec/builtin/functions.mk
	@mkdir -p $(@D)
	(echo '#include "exec/native/kind.h"'; for f in $(BUILTINS); do echo "extern const struct native_kind native_$$f;"; done; \
		echo 'const struct native_kind *const native_kinds[] = {'; for f in $(BUILTINS); do echo "	&native_$$f,"; done; echo '};') > $@

$(B)/obj/native/%.o: $(NATIVE)/%.c $(B)/.options exec/native/functions.mk
	@mkdir -p $(@D)
	@echo "native $(V) $*"
	$(CC) $(NATIVE_FLAGS) $(NATIVE_RT) -MMD -MP -c $< -o $@
.SECONDARY: $(BUILTINS:%=$(NATIVE)/%.c) $(BUILTINS:%=$(NATIVE)/%_kind.c)
