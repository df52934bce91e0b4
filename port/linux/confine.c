#include "port/linux/confine.h"

#include "port/linux/linux.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "port/linux/landlock.h"
#include "port/linux/outside.h"

#define LIBRARY_FOLDER "lib64"
#define NAMESPACES                                                                                 \
	(CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP)
/*
 * Where a child parks its descriptors before they take their numbers; above every number that
 * linux.h gives out.
 */
#define FD_PARKED 64
/* Identity inside the cell: nobody. Not 0, so that executing gives no capabilities back. */
#define CELL_ID 65534

static int proc = -1; /* /proc, kept open: there is none in the new file system */
static int root = -1; /* the new file system */
static int library = -1; /* the folder of measured libraries in it */

static bool refused(const char *what, const char *advice)
{
	fprintf(stderr,
		"mesatee-launcher: cannot %s: %s\n  %s\n  The node does not start without it.\n",
		what, strerror(errno), advice);
	return false;
}

static const char advice_user[] = "Allow user namespaces: sysctl user.max_user_namespaces, "
				  "kernel.unprivileged_userns_clone=1, "
				  "kernel.apparmor_restrict_unprivileged_userns=0; in a container, "
				  "a seccomp profile that permits clone and unshare.";
static const char advice_mount[] = "In a container, allow mounting in new user namespaces.";
static const char advice_kernel[] = "A Linux kernel from 5.13 on, built with the feature.";

static bool proc_write(const char *name, const char *text)
{
	int fd = openat(proc, name, O_WRONLY | O_CLOEXEC);
	size_t size = strlen(text);
	bool ok = fd >= 0 && write(fd, text, size) == (ssize_t)size;

	if (fd >= 0) {
		close(fd);
	}
	return ok;
}

/*
 * One identity inside, one outside. setgroups is given up first, as user_namespaces(7) demands of
 * the unprivileged.
 */
static bool identity_map(uid_t inside, uid_t outside_user, gid_t outside_group)
{
	char user[64], group[64];

	snprintf(user, sizeof(user), "%u %u 1", inside, outside_user);
	snprintf(group, sizeof(group), "%u %u 1", inside, outside_group);
	return proc_write("self/setgroups", "deny") && proc_write("self/uid_map", user) &&
	       proc_write("self/gid_map", group);
}

bool confine_prepare(void)
{
	uid_t user = geteuid();
	gid_t group = getegid();

	proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (proc < 0) {
		return refused("open /proc", "Mount it.");
	}
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0 || !identity_map(0, user, group)) {
		return refused("make a user namespace", advice_user);
	}
	/*
	 * A mount needs a place. /proc is everywhere, and the launcher uses its own descriptor of
	 * it.
	 */
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
	    mount("mesatee", "/proc", "tmpfs", MS_NOSUID | MS_NODEV, "mode=755,size=1g") != 0) {
		return refused("mount a file system for the node", advice_mount);
	}
	root = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	/* The loader looks in /lib or in /lib64, as its distribution built it. */
	if (root < 0 || mkdirat(root, LIBRARY_FOLDER, 0755) != 0 ||
	    symlinkat(LIBRARY_FOLDER, root, "lib") != 0) {
		return refused("fill the node's file system", advice_mount);
	}
	library = openat(root, LIBRARY_FOLDER, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return library >= 0 || refused("fill the node's file system", advice_mount);
}

bool confine_outside(bool network)
{
	return outside_bring(root, network) ||
	       refused("bring the fetcher what it needs of this machine",
		       "libcurl (Debian: libcurl4) and a list of authorities (ca-certificates) must be installed.");
}

static int library_place(const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), LIBRARY_FOLDER "/%s", name);
	return openat(root, path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
}

int (*const confine_library)(const char *name) = library_place;

bool confine_close(void)
{
	/*
	 * pivot_root(".", ".") stacks the old root on the new one, and the unmount takes it away:
	 * pivot_root(2), NOTES.
	 */
	if (fchdir(root) != 0 || syscall(SYS_pivot_root, ".", ".") != 0 ||
	    umount2(".", MNT_DETACH) != 0 || chdir("/") != 0) {
		return refused("leave the old file system", advice_mount);
	}
	if (mount(NULL, "/", NULL, MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV, NULL) != 0) {
		return refused("make the node's file system read-only", advice_mount);
	}
	return true;
}

static bool limits_set(bool forks)
{
	static const struct {
		int what;
		rlim_t most;
	} limit[] = {
		{ RLIMIT_CORE, 0 },
		{ RLIMIT_NPROC, 0 },
		{ RLIMIT_NOFILE, 4096 },
		{ RLIMIT_MEMLOCK, 0 },
		{ RLIMIT_MSGQUEUE, 0 },
		{ RLIMIT_FSIZE, (rlim_t)64 << 30 }, /* REE_BLOB_SIZE_MAX */
		{ RLIMIT_STACK, 8 << 20 },
	};

	for (size_t i = 0; i < MT_COUNT(limit); i++) {
		struct rlimit now;

		if (forks && limit[i].what == RLIMIT_NPROC) {
			continue; /* each copy gives it up itself (sandbox_fork()); libcurl resolves names in threads */
		}
		if (getrlimit((__rlimit_resource_t)limit[i].what, &now) != 0) {
			return false;
		}
		now.rlim_max = now.rlim_max < limit[i].most ? now.rlim_max : limit[i].most;
		now.rlim_cur = now.rlim_max;
		if (setrlimit((__rlimit_resource_t)limit[i].what, &now) != 0) {
			return false;
		}
	}
	return true;
}

static bool privileges_drop(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3,
						   .pid = 0 };
	struct __user_cap_data_struct none[2] = { 0 };
	unsigned long c = 0;

	/*
	 * Every new user namespace starts with the full bounding set, so it cannot be given up once
	 * for all. EINVAL: the kernel knows no more; each that has Landlock knows this many.
	 */
	while (prctl(PR_CAPBSET_DROP, c, 0, 0, 0) == 0) {
		c++;
	}
	return errno == EINVAL && c > CAP_CHECKPOINT_RESTORE &&
	       syscall(SYS_capset, &header, none) == 0 &&
	       prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

/*
 * A dynamic image needs its loader and libraries until it makes its own promise; the supplicant its
 * state.
 */
static bool landlock_cell(const struct confine_start *start)
{
	bool dynamic = start->image == IMAGE_RUN || start->image == IMAGE_COMPILE || start->image == IMAGE_PYTHON;
	struct landlock_opening folder = { .fd = start->state, .rights = LANDLOCK_READ };
	struct landlock_opening opening = { .fd = -1 };

	if (start->image == IMAGE_FETCH) {
		opening = (struct landlock_opening){
			.fd = root, .rights = LANDLOCK_READ, .next = &folder, .network = start->network
		};
	} else if (dynamic) {
		opening = (struct landlock_opening){ .fd = library, .rights = LANDLOCK_READ };
	} else if (start->state >= 0) {
		opening = (struct landlock_opening){ .fd = start->state, .rights = LANDLOCK_STATE };
	}
	return landlock_close(&opening);
}

/* Give the descriptors their numbers. Everything else is closed by the execution. */
static bool descriptors_place(const struct confine_start *start, int *image)
{
	int parked[PORT_HANDLES_MAX];

	*image = fcntl(start->images->image[start->image], F_DUPFD_CLOEXEC, FD_PARKED);
	for (size_t i = 0; i < start->fd_count; i++) {
		parked[i] = fcntl(start->fd[i], F_DUPFD_CLOEXEC, FD_PARKED);
	}
	for (size_t i = 0; i < start->fd_count; i++) {
		if (dup2(parked[i], 3 + (int)i) < 0) {
			return false;
		}
	}
	return *image >= 0 && syscall(SYS_close_range, 3 + (unsigned)start->fd_count, ~0U,
				      4 /* CLOSE_RANGE_CLOEXEC */) == 0;
}

static _Noreturn void child(const struct confine_start *start, uid_t user, gid_t group)
{
	char *const arguments[] = { (char *)(uintptr_t)images_name(start->image),
				    (char *)(uintptr_t)start->argument, NULL };
	char *const environment[] = { NULL };
	sigset_t none;
	int image = -1;
	bool ok;

	/*
	 * /proc/self/uid_map belongs to root while the process is not dumpable; the execution
	 * resets it, the promise clears it.
	 */
	sigemptyset(&none);
	ok = (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0 &&
	      prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0) ||
	     refused("tie a process to the launcher", advice_kernel);
	/* Takes longer than everything else together, and the launcher has others to serve. */
	ok = ok && (start->network || unshare(CLONE_NEWNET) == 0 || refused("leave the network", advice_user));
	ok = ok && (identity_map(CELL_ID, user, group) || refused("map the identity", advice_user));
	ok = ok && ((setsid() >= 0 && sigprocmask(SIG_SETMASK, &none, NULL) == 0 && limits_set(start->forks || start->network)) ||
		    refused("set limits", advice_kernel));
	ok = ok &&
	     (landlock_ready() ||
	      refused("use Landlock", "CONFIG_SECURITY_LANDLOCK=y and landlock in the lsm= list."));
	ok = ok && (privileges_drop() || refused("drop privileges", advice_kernel));
	ok = ok &&
	     (landlock_cell(start) ||
	      refused("use Landlock", "CONFIG_SECURITY_LANDLOCK=y and landlock in the lsm= list."));
	ok = ok && (descriptors_place(start, &image) ||
		    refused("place descriptors", "Raise the limit on open files to 256."));
	if (ok) {
		syscall(SYS_execveat, image, "", arguments, environment, AT_EMPTY_PATH);
		refused("execute an image from memory", "sysctl vm.memfd_noexec must not be 2.");
	}
	_exit(LINUX_EXIT_REFUSED);
}

pid_t confine_start(const struct confine_start *start)
{
	uid_t user = geteuid();
	gid_t group = getegid();
	/*
	 * A bare clone(): the child's own copy of everything, as fork() gives, and every namespace
	 * new at once but the network's, which is the child's first act.
	 */
	unsigned long namespaces = start->forks ? NAMESPACES & ~CLONE_NEWPID : NAMESPACES;
	pid_t pid = (pid_t)syscall(SYS_clone, namespaces | SIGCHLD, NULL, NULL, NULL, NULL);

	if (pid == 0) {
		child(start, user, group);
	}
	if (pid < 0) {
		refused("make namespaces", advice_user);
	}
	return pid;
}
