# Whole processes on the release build: what confines them, and how a node starts and ends.
TESTS_release += test_confine test_launcher
ROOM_cell := port/linux/confine.c port/linux/images.c lib/crypto/hash.c lib/crypto/random.c $(ROOM_port_linux) $(ROOM_base)
TEST_test_confine_SOURCES := test/e2e/test_confine.c $(ROOM_cell)
TEST_test_confine_LIBS := -lseccomp -lcrypto
$(B)/test/test_confine: | $(B)/test/cell

# What is put into a cell has no libraries there.
CELL_SOURCES := test/e2e/cell.c port/linux/message.c port/linux/memory.c $(ROOM_base)
$(B)/test/cell: $(patsubst %.c,$(B)/obj/%.o,$(CELL_SOURCES))
	@mkdir -p $(@D)
	$(CC) $(LINK_OPTIONS) -static-pie $^ -o $@

TEST_test_launcher_SOURCES := test/e2e/test_launcher.c $(ROOM_base)
TEST_test_launcher_LIBS := -lseccomp
$(B)/test/test_launcher: | $(IMAGES:%=$(B)/bin/%)

# As people run it: commands, a capture, kill -9. Needs the images, mesatee and psi.
TESTS_SCRIPTS += test/e2e/test_node
