#include "port/linux/landlock.h"

#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * The kernel's ABI, written down here because the headers of a distribution are older than its
 * kernels. include/uapi/linux/landlock.h of Linux 6.15; ABI 6 and 7.
 */
struct ruleset {
	uint64_t handled_fs, handled_net, scoped;
};
struct path_rule {
	uint64_t rights;
	int32_t parent;
} __attribute__((packed));
_Static_assert(sizeof(struct ruleset) == 24 && sizeof(struct path_rule) == 12, "landlock.h");

enum { RULE_PATH_BENEATH = 1, CREATE_VERSION = 1 };
#define NET_CONNECT (UINT64_C(1) << 1)
#define FS_EXECUTE (UINT64_C(1) << 0)
#define FS_WRITE_FILE (UINT64_C(1) << 1)
#define FS_READ_FILE (UINT64_C(1) << 2)
#define FS_READ_DIR (UINT64_C(1) << 3)
#define FS_REMOVE_FILE (UINT64_C(1) << 5)
#define FS_MAKE_DIR (UINT64_C(1) << 7)
#define FS_MAKE_REG (UINT64_C(1) << 8)
#define FS_REFER (UINT64_C(1) << 13)
#define FS_TRUNCATE (UINT64_C(1) << 14)

/* Row: ABI - 1. Each adds to what the one before could close. */
static const struct ruleset known[] = {
	{ .handled_fs = 0x1fff },
	{ .handled_fs = 0x3fff }, /* refer */
	{ .handled_fs = 0x7fff }, /* truncate */
	{ .handled_fs = 0x7fff, .handled_net = 3 }, /* TCP bind, connect */
	{ .handled_fs = 0xffff, .handled_net = 3 }, /* device ioctl */
	{ .handled_fs = 0xffff, .handled_net = 3, .scoped = 3 }, /* abstract sockets, signals */
};

static long version(void)
{
	return syscall(SYS_landlock_create_ruleset, NULL, 0, CREATE_VERSION);
}

bool landlock_ready(void)
{
	return version() >= 1;
}

static bool open_beneath(int ruleset, const struct landlock_opening *opening, uint64_t handled)
{
	uint64_t rights = FS_READ_FILE | FS_READ_DIR;

	rights |= opening->rights == LANDLOCK_READ ? FS_EXECUTE
						   : FS_WRITE_FILE | FS_REMOVE_FILE | FS_MAKE_DIR |
							     FS_MAKE_REG | FS_REFER | FS_TRUNCATE;
	struct path_rule rule = { .rights = rights & handled, .parent = opening->fd };

	return syscall(SYS_landlock_add_rule, ruleset, RULE_PATH_BENEATH, &rule, 0) == 0;
}

bool landlock_close(const struct landlock_opening *opening)
{
	long have = version();
	size_t rows = sizeof(known) / sizeof(known[0]);

	if (have < 1) {
		return false;
	}
	struct ruleset closed = known[((size_t)have < rows ? (size_t)have : rows) - 1];

	closed.handled_net &= opening->network ? ~NET_CONNECT : ~UINT64_C(0);
	/*
	 * An older kernel refuses a structure with fields that it does not know, unless they are
	 * zero.
	 */
	long ruleset = syscall(SYS_landlock_create_ruleset, &closed, sizeof(closed), 0);

	if (ruleset < 0) {
		return false;
	}
	bool ok = true;

	for (const struct landlock_opening *o = opening; o; o = o->next) {
		ok = ok && (o->fd < 0 || open_beneath((int)ruleset, o, closed.handled_fs));
	}
	ok = ok && syscall(SYS_landlock_restrict_self, (int)ruleset, 0) == 0;
	close((int)ruleset);
	return ok;
}
