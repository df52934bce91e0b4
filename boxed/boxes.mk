# The boxed programs: C for wasm32, back to native by wasm2c (boxed/rules.mk).
# BOX_x_SOURCES; BOX_x_INPUT_MAX bytes; BOX_x_PAGE_MAX of 64 KiB, the limit of the box's memory.

BOXES := cbor json toml http evil
BOX_COMMON := boxed/box_start.c boxed/box_memory.c boxed/answer.c

BOX_cbor_SOURCES := boxed/cbor/cbor.c
BOX_cbor_INPUT_MAX := 1048576
BOX_cbor_PAGE_MAX := 512

BOX_json_SOURCES := boxed/json/json.c $(THIRD)/src/yyjson.c
BOX_json_INPUT_MAX := 4194304
BOX_json_PAGE_MAX := 3072

BOX_toml_SOURCES := boxed/toml/toml.c boxed/toml/toml_value.c boxed/toml/toml_text.c boxed/toml/toml_scalar.c \
	$(THIRD)/src/yyjson.c
BOX_toml_INPUT_MAX := 65536
BOX_toml_PAGE_MAX := 512

BOX_http_SOURCES := boxed/http/http.c $(THIRD)/src/picohttpparser.c
BOX_http_INPUT_MAX := 16384
BOX_http_PAGE_MAX := 16

# Misbehaves on request: for the tests of lib/box alone, in no image.
BOX_evil_SOURCES := boxed/evil/evil.c
BOX_evil_INPUT_MAX := 1048576
BOX_evil_PAGE_MAX := 64
