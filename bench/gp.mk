# Programs and trusted applications, against bare futexes and the same work in the program itself. Over test/tee_world.c, as long as no node serves
# applications: calls do not pass through it, openings do.
GP_BENCHES := gp
BENCH_gp_SOURCES := bench/gp.c $(ROOM_libteec) $(TEE_WORLD) port/linux/sandbox.c port/linux/landlock.c
BENCH_gp_LIBS := -lcrypto -lseccomp
$(B)/bench/gp: | $(B)/bin/ta $(TEST_TAS:%=$(B)/test/ta/%.so)
bench-gp: $(B)/bench/gp
	@$(B)/bench/gp
.PHONY: bench-gp
