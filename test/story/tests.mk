# Stories: protocols under a seed in port/sim. Entries as in test/unit/tests.mk.

TESTS_asan += story_log_power
TEST_story_log_power_SOURCES := test/story/story_log_power.c test/log_node.c $(ROOM_log) $(ROOM_crypto) $(ROOM_base) $(ROOM_port_sim)
TEST_story_log_power_LIBS := -lcrypto

# A node without processes: the real core over simulated disk and doubles (test/story/world.h).
WORLD := test/story/world.c test/story/doubles.c test/story/workers.c test/story/parties.c test/story/job.c test/story/builtins.c $(ROOM_core) $(ROOM_task) $(ROOM_ledger) $(ROOM_ree) \
	$(ROOM_channel) $(ROOM_statement) $(ROOM_attest) $(ROOM_cose) $(ROOM_dataset) $(ROOM_log) $(ROOM_seal) $(ROOM_crypto) $(ROOM_box) \
	$(ROOM_base) $(ROOM_port_sim) $(ROOM_port_box)

TESTS_asan += story_job
TEST_story_job_SOURCES := test/story/story_job.c $(WORLD)
TEST_story_job_BOXES := cbor
TEST_story_job_LIBS := -lcrypto

TESTS_asan += story_attack
TEST_story_attack_SOURCES := test/story/story_attack.c $(WORLD)
TEST_story_attack_BOXES := cbor
TEST_story_attack_LIBS := -lcrypto

TESTS_asan += story_fault
TEST_story_fault_SOURCES := test/story/story_fault.c $(WORLD)
TEST_story_fault_BOXES := cbor
TEST_story_fault_LIBS := -lcrypto

TESTS_asan += story_every
TEST_story_every_SOURCES := test/story/story_every.c $(WORLD)
TEST_story_every_BOXES := cbor
TEST_story_every_LIBS := -lcrypto

TESTS_asan += story_evidence
TEST_story_evidence_SOURCES := test/story/story_evidence.c $(WORLD)
TEST_story_evidence_BOXES := cbor
TEST_story_evidence_LIBS := -lcrypto

TESTS_asan += story_contract
TEST_story_contract_SOURCES := test/story/story_contract.c $(WORLD)
TEST_story_contract_BOXES := cbor
TEST_story_contract_LIBS := -lcrypto

TESTS_asan += story_crossing
TEST_story_crossing_SOURCES := test/story/story_crossing.c $(WORLD)
TEST_story_crossing_BOXES := cbor
TEST_story_crossing_LIBS := -lcrypto

TESTS_asan += story_worker
TEST_story_worker_SOURCES := test/story/story_worker.c $(WORLD)
TEST_story_worker_BOXES := cbor
TEST_story_worker_LIBS := -lcrypto

TESTS_asan += story_output
TEST_story_output_SOURCES := test/story/story_output.c $(WORLD)
TEST_story_output_BOXES := cbor
TEST_story_output_LIBS := -lcrypto

TESTS_asan += story_full
TEST_story_full_SOURCES := test/story/story_full.c $(WORLD)
TEST_story_full_BOXES := cbor
TEST_story_full_LIBS := -lcrypto

TESTS_asan += story_prefix
TEST_story_prefix_SOURCES := test/story/story_prefix.c $(WORLD)
TEST_story_prefix_BOXES := cbor
TEST_story_prefix_LIBS := -lcrypto -Wl,--wrap=world_supplicant,--wrap=world_worker

TESTS_asan += story_wait
TEST_story_wait_SOURCES := test/story/story_wait.c $(WORLD)
TEST_story_wait_BOXES := cbor
TEST_story_wait_LIBS := -lcrypto

TESTS_asan += story_python
TEST_story_python_SOURCES := test/story/story_python.c $(WORLD)
TEST_story_python_BOXES := cbor
TEST_story_python_LIBS := -lcrypto

TESTS_asan += story_chain
TEST_story_chain_SOURCES := test/story/story_chain.c $(WORLD)
TEST_story_chain_BOXES := cbor
TEST_story_chain_LIBS := -lcrypto

TESTS_asan += story_builtin
TEST_story_builtin_SOURCES := test/story/story_builtin.c $(WORLD)
TEST_story_builtin_BOXES := cbor
TEST_story_builtin_LIBS := -lcrypto

TESTS_asan += story_stream
TEST_story_stream_SOURCES := test/story/story_stream.c $(WORLD)
TEST_story_stream_BOXES := cbor
TEST_story_stream_LIBS := -lcrypto -Wl,--wrap=world_worker

TESTS_asan += story_transfer
TEST_story_transfer_SOURCES := test/story/story_transfer.c $(WORLD)
TEST_story_transfer_BOXES := cbor
TEST_story_transfer_LIBS := -lcrypto
