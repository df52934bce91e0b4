# The built-in functions: C for WASI with what exec/builtin/guest.h and csv.h share. Each becomes build/functions/NAME.wasm.
BUILTIN_COMMON := exec/builtin/guest.c exec/builtin/csv.c
BUILTINS :=
BUILTIN_FLAGS := -D_GNU_SOURCE -Wl,-z,stack-size=1048576

define builtin
BUILTINS += $(1)
FUNCTIONS += $(1)
FUNCTION_$(1)_SOURCES := $(2) $$(BUILTIN_COMMON)
FUNCTION_$(1)_FLAGS := $$(BUILTIN_FLAGS)
endef
# $(eval $(call builtin,NAME,SOURCES)), a line for each, sorted by what they do.
$(eval $(call builtin,echo,exec/builtin/echo.c))
