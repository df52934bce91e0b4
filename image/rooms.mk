# The sources of each room: explicit lists. An image names the rooms it is made of (image/NAME.mk).

ROOM_base := lib/base/base.c lib/base/cursor.c lib/base/builder.c lib/base/cbor_write.c lib/base/text.c
ROOM_box := lib/box/box.c lib/box/box_runtime.c lib/box/items.c lib/box/reader.c
ROOM_port_box := port/linux/box_port.c
ROOM_crypto := lib/crypto/random.c lib/crypto/hash.c lib/crypto/sha256_pair.c lib/crypto/aead.c lib/crypto/sign.c lib/crypto/hpke.c
ROOM_seal := lib/seal/seal.c
ROOM_log := lib/log/tree.c lib/log/proof.c lib/log/frontier.c lib/log/checkpoint.c lib/log/file.c \
	lib/log/replay.c lib/log/place.c
ROOM_dataset := lib/dataset/header.c lib/dataset/writer.c lib/dataset/reader.c lib/dataset/checked.c lib/dataset/shares.c
# What every process of a node has of the port; its cell and its promise are the launcher's and sandbox.c's.
ROOM_port_linux := port/linux/message.c port/linux/memory.c port/linux/sandbox.c port/linux/landlock.c
ROOM_port_loop := port/linux/loop.c port/linux/peers.c $(ROOM_port_linux)
# Sanitized images cannot be confined: IMAGE_x_SWAP := $(SWAP_port_linux).
SWAP_port_linux := port/linux/sandbox.c:port/linux/sandbox_none.c port/linux/confine.c:port/linux/confine_none.c
ROOM_port_sim := port/sim/random.c port/sim/disk.c port/sim/queue.c port/sim/story.c
ROOM_cose := lib/cose/cose.c
ROOM_attest := lib/attest/measurements.c lib/attest/software.c lib/attest/policy.c lib/attest/appraise.c
ROOM_statement := lib/statement/contract.c lib/statement/request.c lib/statement/receipt.c lib/statement/entry.c
# Without tls.c: who ends no TLS links no TLS.
ROOM_channel := lib/channel/report.c lib/channel/exchange.c lib/channel/verify.c
ROOM_ree := service/ree/ree.c
ROOM_ledger := service/ledger/ledger.c service/ledger/public.c
ROOM_task := service/task/state.c service/task/apply.c service/task/check.c service/task/view.c service/task/outputs.c service/task/driver.c \
	service/task/keys.c service/task/compile.c service/task/run.c service/task/run_ask.c service/task/run_work.c service/task/run_end.c \
	service/task/id_table.c service/task/transfer.c
ROOM_core = service/core/core.c service/core/start.c service/core/batch.c service/core/answer.c service/core/connection.c \
	service/core/read.c service/core/write.c service/core/write_steps.c service/core/transfer.c $(ROOM_tee)
ROOM_gateway := service/gateway/gateway.c service/gateway/connection.c service/gateway/http.c service/gateway/match.c \
	service/gateway/relay.c
# What CPython has done outside WebAssembly.
ROOM_python_host := exec/python/host.c exec/python/product_double.c exec/python/product_float.c lib/crypto/blocks.c
ROOM_python := exec/python/python.c exec/python/engine_python.c build/python/driver.c $(ROOM_python_host)
# exec/stream: who gives and who takes link one side each.
ROOM_stream_write := exec/stream/writer.c exec/stream/futex.c
ROOM_stream_read := exec/stream/reader.c exec/stream/futex.c
ROOM_seal_worker := exec/seal/worker.c exec/seal/streams.c $(ROOM_stream_write)
# What every guest needs, whatever runs it; and wasmtime.
ROOM_runner := exec/wasm/runner.c exec/wasm/detail.c exec/wasm/wasi.c exec/wasm/wasi_fd.c exec/wasm/wasi_path.c exec/wasm/chance.c \
	$(ROOM_stream_read)
ROOM_wasm := $(ROOM_runner) exec/wasm/engine.c exec/wasm/ended.c exec/wasm/wasi_link.c exec/wasm/teaclave.c
ROOM_teaclave := lib/crypto/aes.c party/teaclave/teaclave.c party/teaclave/gcm.c party/teaclave/nodes.c party/teaclave/file_read.c party/teaclave/file_write.c
ROOM_session := $(addprefix tee/session/,session.c instance.c place.c table.c)
ROOM_property := tee/property/property.c
ROOM_time := tee/time/time.c
ROOM_image := $(addprefix tee/image/,image.c own.c optee.c)
ROOM_storage := $(addprefix tee/storage/,storage.c object.c open.c generation.c gather.c record.c index.c extents.c)
ROOM_keeper := $(addprefix tee/keeper/,keeper.c object.c walk.c)
# Primitives that others choose by name.
ROOM_agile := $(addprefix lib/crypto/,agile_hash.c agile_block.c agile_mac.c agile_ae.c agile_key.c agile_sign.c \
	agile_kdf.c)
ROOM_operation := $(addprefix tee/operation/,type.c key.c object.c encode.c algorithm.c state.c digest.c cipher.c \
	authenticated.c asymmetric.c derive.c) $(ROOM_agile)
ROOM_call_wire := $(addprefix tee/call/,shape.c wire.c result.c)
ROOM_call := $(ROOM_call_wire) tee/call/local.c tee/call/kept.c
# Core's TEE, with everything that it stands on and that the rest of core has not.
ROOM_tee := $(addprefix service/tee/,tee.c client.c instance.c keep.c between.c) $(ROOM_session) $(ROOM_image) $(ROOM_keeper) $(ROOM_property) $(ROOM_time) \
	$(ROOM_storage) $(ROOM_call_wire) $(ROOM_agile) lib/crypto/blocks.c
# The process of a trusted application.
ROOM_ta := $(addprefix exec/ta/,worker.c serve.c take.c send.c calls.c window.c params.c image.c load.c stack.c)
ROOM_native := exec/native/native.c exec/native/imports.c $(ROOM_runner) lib/box/box_runtime.c port/linux/box_port.c
# A party's client library; it ends TLS, so tls.c is in.
ROOM_client := party/client/client.c party/client/home.c party/client/names.c party/client/heads.c party/client/judge.c \
	party/client/net.c party/client/http.c party/client/connect.c party/client/signed.c party/client/segments.c party/client/data.c party/client/contract.c \
	party/client/approve.c party/client/task.c party/client/output.c party/client/transfer.c party/client/foreign.c party/client/verify.c
# Everything the library stands on.
ROOM_client_whole := $(ROOM_client) $(ROOM_teaclave) $(ROOM_channel) lib/channel/tls.c $(ROOM_statement) $(ROOM_attest) $(ROOM_cose) $(ROOM_dataset) \
	$(ROOM_log) lib/seal/seal.c $(ROOM_crypto) $(ROOM_box) $(ROOM_base) $(ROOM_port_box)
ROOM_cli = party/cli/configuration.c party/cli/ta.c party/cli/main.c party/cli/table.c party/cli/parse.c party/cli/show.c party/cli/help.c party/cli/completion.c \
	party/cli/launch.c party/cli/node.c party/cli/policy.c party/cli/attest.c party/cli/party.c party/cli/contract.c party/cli/terms.c \
	party/cli/try.c party/cli/task.c party/cli/format.c $(ROOM_image) $(ROOM_agile)
# What a trusted application links: big integers; the GP API whole; and the parts of a C library that applications use, under its own names.
ROOM_rt_arith := $(addprefix ta/rt/arith_,words.c number.c basic.c mod.c montgomery.c fast.c divisor.c prime.c compat.c)
ROOM_rt_api := $(addprefix ta/rt/,syscall.c heap.c memory.c enter.c attribute.c object.c storage.c storage_data.c algorithm.c operation.c \
	digest.c cipher.c authenticated.c asymmetric.c property.c property_text.c session.c time.c extension.c \
	compat_framework.c compat_object.c compat_crypto.c)
ROOM_rt_libc := $(addprefix ta/rt/,trace.c format.c string.c stdlib.c)
ROOM_rt := $(ROOM_rt_arith) $(ROOM_rt_api) $(ROOM_rt_libc)

ROOM_libteec := $(addprefix ree/libteec/,session.c control.c table.c params.c regions.c memory.c)
ROOM_supplicant := ree/supplicant/supplicant.c ree/supplicant/transfer.c ree/supplicant/store.c ree/supplicant/file.c
ROOM_fetch := ree/fetch/fetch.c ree/fetch/jobs.c ree/fetch/web.c ree/fetch/folder.c ree/fetch/address.c
