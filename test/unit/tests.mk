# Unit tests: no network, no root, no hardware. One entry each:
#   TESTS_asan += test_x          run sanitized (TESTS_release: on the release build)
#   TEST_test_x_SOURCES := its own file and everything it links; test/runner.c is added
#   TEST_test_x_BOXES :=, TEST_test_x_LIBS :=
#   TEST_test_x_SWAP := a.c:b.c   as in image/README
# A test that is a script: TESTS_SCRIPTS += its path. It ends with `N passed, N failed` like the others.

TESTS_asan += test_box test_box_cbor test_items
TEST_test_box_SOURCES := test/unit/test_box.c $(ROOM_box) $(ROOM_base) $(ROOM_port_box)
TEST_test_box_BOXES := evil cbor
TEST_test_box_cbor_SOURCES := test/unit/test_box_cbor.c $(ROOM_box) $(ROOM_base) $(ROOM_port_box)
TEST_test_box_cbor_BOXES := cbor evil
TEST_test_items_SOURCES := test/unit/test_items.c $(ROOM_box) $(ROOM_base)

TESTS_asan += test_box_json test_box_http test_box_toml
BOX_TEST := test/items_text.c $(ROOM_box) $(ROOM_base) $(ROOM_port_box)
TEST_test_box_json_SOURCES := test/unit/test_box_json.c $(BOX_TEST)
TEST_test_box_json_BOXES := json
TEST_test_box_http_SOURCES := test/unit/test_box_http.c $(BOX_TEST)
TEST_test_box_http_BOXES := http
TEST_test_box_toml_SOURCES := test/unit/test_box_toml.c $(BOX_TEST)
TEST_test_box_toml_BOXES := toml

TESTS_SCRIPTS += test/unit/test_layers test/unit/test_gp_headers

# What a box confines is proved on the release build (STYLE 11).
TESTS_release += test_box

TESTS_asan += test_base test_base_text test_crypto test_crypto_keys
TEST_test_base_SOURCES := test/unit/test_base.c $(ROOM_base)
TEST_test_base_text_SOURCES := test/unit/test_base_text.c $(ROOM_base)
TEST_test_crypto_SOURCES := test/unit/test_crypto.c lib/crypto/aes.c $(ROOM_crypto) $(ROOM_base)
TEST_test_crypto_LIBS := -lcrypto
TEST_test_crypto_keys_SOURCES := test/unit/test_crypto_keys.c $(ROOM_crypto) $(ROOM_base)
TEST_test_crypto_keys_LIBS := -lcrypto

TESTS_asan += test_seal test_log_tree test_log_note test_log_file test_log_damage
TEST_test_seal_SOURCES := test/unit/test_seal.c $(ROOM_seal) $(ROOM_crypto) $(ROOM_base)
TEST_test_seal_LIBS := -lcrypto
TEST_test_log_tree_SOURCES := test/unit/test_log_tree.c $(ROOM_log) $(ROOM_crypto) $(ROOM_base)
TEST_test_log_tree_LIBS := -lcrypto
TEST_test_log_note_SOURCES := test/unit/test_log_note.c $(ROOM_log) $(ROOM_crypto) $(ROOM_base)
TEST_test_log_note_LIBS := -lcrypto
TEST_test_log_file_SOURCES := test/unit/test_log_file.c test/log_world.c $(ROOM_log) $(ROOM_crypto) $(ROOM_base)
TEST_test_log_file_LIBS := -lcrypto
TEST_test_log_damage_SOURCES := test/unit/test_log_damage.c test/log_world.c $(ROOM_log) $(ROOM_crypto) $(ROOM_base)
TEST_test_log_damage_LIBS := -lcrypto

TESTS_asan += test_dataset
TEST_test_dataset_SOURCES := test/unit/test_dataset.c $(ROOM_dataset) $(ROOM_log) $(ROOM_crypto) $(ROOM_base)
TEST_test_dataset_LIBS := -lcrypto

# Teaclave's formats; vectors by an independent implementation (test/interop/teaclave.py), which also runs against the program.
TESTS_asan += test_teaclave
TEST_test_teaclave_SOURCES := test/unit/test_teaclave.c $(ROOM_teaclave) $(ROOM_crypto) $(ROOM_base)
TEST_test_teaclave_LIBS := -lcrypto
TOOLS_asan += teaclave_file
$(B)/test/teaclave_file: $(patsubst %.c,$(B)/obj/%.o,test/unit/teaclave_file.c $(ROOM_teaclave) $(ROOM_crypto) $(ROOM_base))
	@mkdir -p $(@D)
	@echo "link $@"
	$(CC) $(LINK_OPTIONS) $(LINK_dynamic) $^ -lcrypto -o $@

TESTS_asan += test_stream
TEST_test_stream_SOURCES := test/unit/test_stream.c $(ROOM_stream_write) $(ROOM_stream_read) port/linux/memory.c $(ROOM_base)

TESTS_asan += test_sim
TEST_test_sim_SOURCES := test/unit/test_sim.c $(ROOM_port_sim) $(ROOM_crypto) $(ROOM_base)
TEST_test_sim_LIBS := -lcrypto

# The client library, without a node.
TESTS_asan += test_client_verify test_client_judge test_client_home test_client_format
CLIENT_TEST := test/client_world.c $(ROOM_client_whole)
TEST_test_client_verify_SOURCES := test/unit/test_client_verify.c $(CLIENT_TEST)
TEST_test_client_verify_BOXES := cbor json http toml
TEST_test_client_verify_LIBS := -lssl -lcrypto
TEST_test_client_judge_SOURCES := test/unit/test_client_judge.c $(CLIENT_TEST)
TEST_test_client_judge_BOXES := cbor json http toml
TEST_test_client_judge_LIBS := -lssl -lcrypto
TEST_test_client_home_SOURCES := test/unit/test_client_home.c test/client_folder.c $(CLIENT_TEST)
TEST_test_client_home_BOXES := cbor json http toml
TEST_test_client_home_LIBS := -lssl -lcrypto
TEST_test_client_format_SOURCES := test/unit/test_client_format.c test/client_folder.c $(CLIENT_TEST)
TEST_test_client_format_BOXES := cbor json http toml
TEST_test_client_format_LIBS := -lssl -lcrypto
TESTS_asan += test_client_node
TEST_test_client_node_SOURCES := test/unit/test_client_node.c test/client_node.c $(ROOM_client_whole)
TEST_test_client_node_BOXES := cbor json http toml
TEST_test_client_node_LIBS := -lssl -lcrypto
TESTS_SCRIPTS += test/unit/test_client_cli

TESTS_asan += test_tls
TEST_test_tls_SOURCES := test/unit/test_tls.c $(ROOM_channel) lib/channel/tls.c $(ROOM_statement) $(ROOM_attest) $(ROOM_cose) $(ROOM_crypto) \
	$(ROOM_box) $(ROOM_base) $(ROOM_port_box)
TEST_test_tls_BOXES := cbor
TEST_test_tls_LIBS := -lssl -lcrypto

TESTS_asan += test_relay
TEST_test_relay_SOURCES := test/unit/test_relay.c service/gateway/relay.c $(ROOM_base)

TESTS_asan += test_match test_ledger
TEST_test_match_SOURCES := test/unit/test_match.c service/gateway/match.c $(ROOM_base)
TEST_test_ledger_SOURCES := test/unit/test_ledger.c $(ROOM_ledger) $(ROOM_channel) $(ROOM_statement) $(ROOM_attest) $(ROOM_cose) $(ROOM_log) \
	$(ROOM_seal) $(ROOM_crypto) $(ROOM_box) $(ROOM_base) $(ROOM_port_box)
TEST_test_ledger_BOXES := cbor
TEST_test_ledger_LIBS := -lcrypto

TESTS_asan += test_cose
TEST_test_cose_SOURCES := test/unit/test_cose.c $(ROOM_cose) $(ROOM_crypto) $(ROOM_box) $(ROOM_base) $(ROOM_port_box)
TEST_test_cose_BOXES := cbor evil
TEST_test_cose_LIBS := -lcrypto

TESTS_asan += test_contract
TEST_test_contract_SOURCES := test/unit/test_contract.c $(ROOM_statement) $(ROOM_attest) $(ROOM_cose) $(ROOM_crypto) $(ROOM_box) $(ROOM_base) \
	$(ROOM_port_box)
TEST_test_contract_BOXES := cbor evil
TEST_test_contract_LIBS := -lcrypto

TESTS_asan += test_statement test_statement_limits
STATEMENT_TEST := test/wire.c $(ROOM_statement) $(ROOM_attest) $(ROOM_cose) $(ROOM_crypto) $(ROOM_box) $(ROOM_base) $(ROOM_port_box)
TEST_test_statement_SOURCES := test/unit/test_statement.c $(STATEMENT_TEST)
TEST_test_statement_BOXES := cbor evil
TEST_test_statement_LIBS := -lcrypto
TEST_test_statement_limits_SOURCES := test/unit/test_statement_limits.c $(STATEMENT_TEST)
TEST_test_statement_limits_BOXES := cbor
TEST_test_statement_limits_LIBS := -lcrypto

TESTS_asan += test_channel
TEST_test_channel_SOURCES := test/unit/test_channel.c $(ROOM_channel) $(ROOM_statement) $(ROOM_attest) $(ROOM_cose) $(ROOM_crypto) $(ROOM_box) \
	$(ROOM_base) $(ROOM_port_box)
TEST_test_channel_BOXES := cbor evil
TEST_test_channel_LIBS := -lcrypto

TESTS_asan += test_attest test_policy
TEST_test_attest_SOURCES := test/unit/test_attest.c $(ROOM_attest) $(ROOM_cose) $(ROOM_crypto) $(ROOM_box) $(ROOM_base) $(ROOM_port_box)
TEST_test_attest_BOXES := cbor evil
TEST_test_attest_LIBS := -lcrypto
TEST_test_policy_SOURCES := test/unit/test_policy.c $(ROOM_attest) $(ROOM_cose) $(ROOM_crypto) $(ROOM_box) $(ROOM_base) $(ROOM_port_box)
TEST_test_policy_BOXES := cbor toml
TEST_test_policy_LIBS := -lcrypto
TESTS_SCRIPTS += test/unit/test_api

TESTS_asan += test_requests
TEST_test_requests_SOURCES := test/unit/test_requests.c exec/wasm/run.c exec/wasm/compile.c $(ROOM_wasm) $(ROOM_seal_worker) $(ROOM_dataset) \
	$(ROOM_log) $(ROOM_seal) $(ROOM_crypto) $(ROOM_supplicant) $(ROOM_port_linux) $(ROOM_base)
TEST_test_requests_SWAP := $(SWAP_port_linux)
TEST_test_requests_LIBS := -lwasmtime -lcrypto -lseccomp

TESTS_asan += test_gateway
TEST_test_gateway_SOURCES := test/unit/test_gateway.c $(ROOM_gateway) $(ROOM_channel) lib/channel/tls.c $(ROOM_statement) $(ROOM_attest) \
	$(ROOM_cose) $(ROOM_crypto) $(ROOM_box) $(ROOM_base) $(ROOM_port_linux) $(ROOM_port_box)
TEST_test_gateway_BOXES := cbor http
TEST_test_gateway_SWAP := $(SWAP_port_linux)
TEST_test_gateway_LIBS := -lssl -lcrypto -lseccomp

# Sanitized for what it reads and writes; on the release build as the compiler's options there make it.
TESTS_asan += test_python_host
TESTS_release += test_python_host
TEST_test_python_host_SOURCES := test/unit/test_python_host.c $(ROOM_python_host) $(ROOM_base)
TEST_test_python_host_LIBS := -lcrypto -lm

# The TEE's rooms. The many histories on the release build alone: they look for what is lost, not for what is read too far.
TESTS_asan += test_session test_property
TEST_test_property_SOURCES := test/unit/test_property.c $(ROOM_property) $(ROOM_time) $(ROOM_base)
TESTS_release += test_session_many
TEST_test_session_SOURCES := test/unit/test_session.c test/session_story.c $(ROOM_session) $(ROOM_base)
TEST_test_session_many_SOURCES := test/unit/test_session_many.c test/session_model.c $(ROOM_session) $(ROOM_base)
TESTS_asan += test_storage test_storage_hostile test_call
TESTS_release += test_storage_many
STORAGE_TEST := test/storage_world.c $(ROOM_storage) $(ROOM_port_sim) $(ROOM_crypto) $(ROOM_base)
TEST_test_storage_SOURCES := test/unit/test_storage.c $(STORAGE_TEST)
TEST_test_storage_LIBS := -lcrypto
TEST_test_storage_hostile_SOURCES := test/unit/test_storage_hostile.c $(STORAGE_TEST)
TEST_test_storage_hostile_LIBS := -lcrypto
TEST_test_storage_many_SOURCES := test/unit/test_storage_many.c $(STORAGE_TEST)
TEST_test_storage_many_LIBS := -lcrypto
TESTS_asan += test_image
TEST_test_image_SOURCES := test/unit/test_image.c $(ROOM_image) $(ROOM_agile) $(ROOM_crypto) $(ROOM_base)
TEST_test_image_LIBS := -lcrypto
TESTS_asan += test_keeper
TEST_test_keeper_SOURCES := test/unit/test_keeper.c test/keeper_world.c $(ROOM_keeper) $(ROOM_property) $(ROOM_time) $(ROOM_call) $(ROOM_operation) $(STORAGE_TEST)
TEST_test_keeper_LIBS := -lcrypto
TEST_test_call_SOURCES := test/unit/test_call.c $(ROOM_call) $(ROOM_operation) $(ROOM_crypto) $(ROOM_base)
TEST_test_call_LIBS := -lcrypto

# The GP API's big integers: reasons to panic, memory; values against Python's.
TESTS_asan += test_gp_arith
TEST_test_gp_arith_SOURCES := test/unit/test_gp_arith.c $(ROOM_rt_arith) $(ROOM_base)
TOOLS_asan += gp_arith
$(B)/test/gp_arith: $(patsubst %.c,$(B)/obj/%.o,test/unit/gp_arith.c $(ROOM_rt_arith))
	@mkdir -p $(@D)
	@echo "link $@"
	$(CC) $(LINK_OPTIONS) $(LINK_dynamic) $^ -o $@
TESTS_SCRIPTS += test/unit/test_gp_arith_random
# Constant time: ta/rt with a call at each basic block, and where the compiler can do so at each load and store; optimised as a
# release is. By both compilers, since each makes its own branches.
TESTS_release += test_gp_arith_trace test_gp_arith_branches
TEST_test_gp_arith_trace_SOURCES := test/unit/test_gp_arith_trace.c $(ROOM_base)
TEST_test_gp_arith_branches_SOURCES := $(TEST_test_gp_arith_trace_SOURCES)
$(B)/test/test_gp_arith_trace: $(ROOM_rt_arith:%.c=$(B)/obj/traced/%.o)
$(B)/test/test_gp_arith_branches: $(ROOM_rt_arith:%.c=$(B)/obj/branches/%.o)
TRACED_traced := clang-14 -fsanitize-coverage=trace-pc,trace-loads,trace-stores
TRACED_branches := gcc -fsanitize-coverage=trace-pc
define traced_rule
$$(ROOM_rt_arith:%.c=$$(B)/obj/$(1)/%.o): $$(B)/obj/$(1)/%.o: %.c $$(B)/.options
	@mkdir -p $$(@D)
	@echo "cc $(1) $$<"
	$$(TRACED_$(1)) -O2 $$(LANGUAGE) -fPIE $$(WARNINGS) -MMD -MP -c $$< -o $$@
endef
$(foreach t,traced branches,$(eval $(call traced_rule,$(t))))

# The fetcher's decisions, over doubles of its connections.
TESTS_asan += test_fetch
TEST_test_fetch_SOURCES := test/unit/test_fetch.c ree/fetch/jobs.c ree/fetch/folder.c ree/fetch/address.c $(ROOM_base)

TESTS_asan += test_tee test_tee_calls
TEE_TEST := test/tee_core.c $(ROOM_tee) service/ree/ree.c port/linux/memory.c $(ROOM_crypto) $(ROOM_base)
TEST_test_tee_SOURCES := test/unit/test_tee.c $(TEE_TEST)
TEST_test_tee_LIBS := -lcrypto
TEST_test_tee_calls_SOURCES := test/unit/test_tee_calls.c $(TEE_TEST)
TEST_test_tee_calls_LIBS := -lcrypto

TESTS_asan += test_door
TEST_test_door_SOURCES := test/unit/test_door.c service/door/door.c port/linux/message.c port/linux/memory.c port/linux/sandbox_none.c $(ROOM_base)

# Keys and operations of trusted applications.
TESTS_asan += test_operation test_operation_authenticated test_operation_object test_operation_asymmetric test_operation_field test_call_local
OPERATION_TEST := test/operation_world.c $(ROOM_operation) $(ROOM_crypto) $(ROOM_base)
TEST_test_operation_SOURCES := test/unit/test_operation.c $(OPERATION_TEST)
TEST_test_operation_LIBS := -lcrypto
TEST_test_operation_authenticated_SOURCES := test/unit/test_operation_authenticated.c $(OPERATION_TEST)
TEST_test_operation_authenticated_LIBS := -lcrypto
TEST_test_operation_object_SOURCES := test/unit/test_operation_object.c $(OPERATION_TEST)
TEST_test_operation_object_LIBS := -lcrypto
TEST_test_operation_field_SOURCES := test/unit/test_operation_field.c $(OPERATION_TEST)
TEST_test_operation_field_LIBS := -lcrypto
TEST_test_operation_asymmetric_SOURCES := test/unit/test_operation_asymmetric.c $(OPERATION_TEST)
TEST_test_operation_asymmetric_LIBS := -lcrypto
TEST_test_call_local_SOURCES := test/unit/test_call_local.c $(ROOM_call) $(OPERATION_TEST)
TEST_test_call_local_LIBS := -lcrypto

# The process of an application: what it decodes. The image is one of test/ta.
TESTS_asan += test_ta_image test_ta_window
TEST_test_ta_image_SOURCES := test/unit/test_ta_image.c exec/ta/image.c $(ROOM_base)
$(B)/test/test_ta_image: | $(B)/test/ta/try.so
TEST_test_ta_window_SOURCES := test/unit/test_ta_window.c exec/ta/window.c exec/ta/params.c port/linux/memory.c $(ROOM_base)

# ta/rt beside the GP API: ways in, OP-TEE's additions; its C library under other names, for the test has one of its own.
TESTS_asan += test_rt test_rt_libc
TEST_test_rt_SOURCES := test/unit/test_rt.c $(GP_WORLD) $(ROOM_rt_arith) $(ROOM_rt_api)
TEST_test_rt_LIBS := -lcrypto
$(B)/test/test_rt: $(B)/obj/gp/header.o
TEST_test_rt_libc_SOURCES := test/unit/test_rt_libc.c $(addprefix ta/rt/,syscall.c heap.c memory.c property_text.c) $(ROOM_base)
$(B)/obj/rt_libc/%.o: ta/rt/%.c test/unit/rt_libc/names.h $(B)/.options
	@mkdir -p $(@D)
	@echo "cc $(V) libc $<"
	$(CC) $(CFLAGS_ALL) -ffreestanding -Iapi -Ita/rt/include -include test/unit/rt_libc/names.h $(WARNINGS) -MMD -MP -c $< -o $@
$(B)/test/test_rt_libc: $(ROOM_rt_libc:ta/rt/%.c=$(B)/obj/rt_libc/%.o)
TESTS_SCRIPTS += test/unit/test_rt_build
