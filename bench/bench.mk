# Benchmarks: BENCHES += x, BENCH_x_SOURCES, _BOXES, _LIBS. A program prints its figures and exits 0.

BENCHES += box_call
BENCH_box_call_SOURCES := bench/box_call.c $(ROOM_box) $(ROOM_base) $(ROOM_port_box) \
	boxed/cbor/cbor.c boxed/answer.c boxed/native/box_native.c
BENCH_box_call_BOXES := cbor

BENCHES += log_commit crypto_speed
BENCH_log_commit_SOURCES := bench/log_commit.c $(ROOM_log) $(ROOM_crypto) $(ROOM_base)
BENCH_log_commit_LIBS := -lcrypto
BENCH_crypto_speed_SOURCES := bench/crypto_speed.c $(ROOM_dataset) $(ROOM_log) $(ROOM_crypto) $(ROOM_base)
BENCH_crypto_speed_LIBS := -lcrypto
