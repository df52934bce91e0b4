# How C becomes a box: clang to wasm32, wasm-ld, wasm2c, and the native compiler of the variant. The
# wasm module and its translation are the same for every variant: build/box.

BOX_CC := clang-14 --target=wasm32-unknown-unknown
BOX_FLAGS := -std=c11 -O2 -g0 -I. -isystem $(THIRD)/src -isystem boxed/include -ffreestanding -nostdlibinc \
	-fno-builtin-malloc -mbulk-memory -mno-reference-types -ffunction-sections -fdata-sections $(REPRODUCIBLE)
BOX_THIRD_FLAGS := -DYYJSON_DISABLE_WRITER=1 -DYYJSON_DISABLE_UTILS=1 -DYYJSON_DISABLE_NON_STANDARD=1
# wasm32 has no 128-bit multiplication; without the type yyjson brings its own, and no runtime library is needed.
BOX_NO_INT128 := -U__SIZEOF_INT128__
# The stack comes first, so that overflow runs into address zero's far side: the guard pages.
BOX_LINK := -nostdlib -Wl,--no-entry,--export=box_run,--export=__heap_base,--stack-first,-z,stack-size=16384,--gc-sections,--strip-all

build/box/obj/%.o: %.c boxed/rules.mk | $(STAMP)
	@mkdir -p $(@D)
	$(BOX_CC) $(BOX_FLAGS) $(WARNINGS) -MMD -MP -c $< -o $@

build/box/obj/$(THIRD)/src/%.o: $(THIRD)/src/%.c boxed/rules.mk
	@mkdir -p $(@D)
	$(BOX_CC) $(BOX_FLAGS) -w $(BOX_THIRD_FLAGS) $(BOX_NO_INT128) -MMD -MP -c $< -o $@

define box_rule
build/box/$(1).wasm: $$(patsubst %.c,build/box/obj/%.o,$$(BOX_$(1)_SOURCES) $$(BOX_COMMON)) boxed/boxes.mk
	$$(BOX_CC) $$(BOX_LINK),--max-memory=$$(shell expr $$(BOX_$(1)_PAGE_MAX) \* 65536) $$(filter %.o,$$^) -o $$@
build/box/$(1)_kind.c: boxed/kind.c.in boxed/boxes.mk
	@mkdir -p $$(@D)
	sed -e 's/@NAME@/$(1)/g' -e 's/@INPUT_MAX@/$$(BOX_$(1)_INPUT_MAX)/' $$< > $$@
$$(B)/obj/box/$(1)_kind.o: build/box/$(1).c
endef
$(foreach b,$(BOXES),$(eval $(call box_rule,$(b))))

build/box/%.c: build/box/%.wasm
	$(THIRD)/bin/wasm2c --no-debug-names -n $* $< -o $@

# A call depth counted in the generated code bounds native recursion too, at a fixed depth on every platform.
BOX_WASM_RT := -DWASM_RT_MEMCHECK_GUARD_PAGES=1 -DWASM_RT_STACK_DEPTH_COUNT=1 -DWASM_RT_MAX_CALL_STACK_DEPTH=200
# The sanitizers see nothing inside a box (STYLE 11), so its translation is compiled without them.
BOX_NATIVE_FLAGS := -std=c11 -D_GNU_SOURCE -O2 -fPIE -fno-strict-aliasing -w -I. -isystem $(THIRD)/include -Ibuild/box \
	$(REPRODUCIBLE) $(BOX_WASM_RT)
BOX_NATIVE_fuzz := -fsanitize=fuzzer-no-link

$(B)/obj/box/%.o: build/box/%.c $(B)/.options boxed/rules.mk
	@mkdir -p $(@D)
	$(CC) $(BOX_NATIVE_FLAGS) $(BOX_NATIVE_$(V)) -MMD -MP -c $< -o $@
