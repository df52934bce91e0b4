# The sources of each room: explicit lists. An image names the rooms it is made of (image/NAME.mk).

ROOM_base := lib/base/base.c lib/base/cursor.c lib/base/builder.c lib/base/cbor_write.c lib/base/text.c
ROOM_box := lib/box/box.c lib/box/box_runtime.c lib/box/items.c lib/box/reader.c
ROOM_port_box := port/linux/box_port.c
ROOM_crypto := lib/crypto/random.c lib/crypto/hash.c lib/crypto/aead.c lib/crypto/sign.c lib/crypto/hpke.c
ROOM_seal := lib/seal/seal.c
ROOM_log := lib/log/tree.c lib/log/proof.c lib/log/frontier.c lib/log/checkpoint.c lib/log/file.c \
	lib/log/replay.c
ROOM_dataset := lib/dataset/header.c lib/dataset/writer.c lib/dataset/reader.c lib/dataset/shares.c
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
ROOM_task := service/task/state.c service/task/apply.c service/task/check.c service/task/view.c service/task/driver.c \
	service/task/keys.c service/task/compile.c service/task/run.c service/task/run_work.c service/task/run_end.c \
	service/task/id_table.c
ROOM_core := service/core/core.c service/core/start.c service/core/batch.c service/core/answer.c service/core/session.c \
	service/core/read.c service/core/write.c service/core/write_steps.c
