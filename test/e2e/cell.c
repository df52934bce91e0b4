/*
 * An escaped process: native code in a cell, before any promise. Tries every way out that it can
 * think of and says for each whether the cell held. What is tried here is stopped by namespaces,
 * the file system and Landlock alone; the promise comes on top. Where two of them stop the same,
 * the error tells which one did. Called run, seal, supplicant or fetch, for what is left to each.
 */
#include "port/linux/linux.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

static void say(const char *what, bool held)
{
	char line[200];

	snprintf(line, sizeof(line), "%s: %s", what, held ? "held" : "ESCAPED");
	if (message_send_wait(WORKER_FD_CORE, mt_text(line), NULL, 0) != MT_OK) {
		_exit(1);
	}
}

static void files(bool fetches)
{
	/* Landlock closes the opening of files, not looking for them: these are not there. */
	static const char *const path[] = {
		"/etc/passwd", "/proc/self/maps", "/proc/1/environ",
		"/dev/mem",    "/dev/null",	  "/sys",
		"/tmp",	       "/root",		  "../etc",
		"/../../etc",
	};
	struct statvfs facts;

	for (size_t i = 0; i < MT_COUNT(path); i++) {
		struct stat found;

		/* It has an etc of its own: landlock_fetch(). */
		if (fetches && strcmp(path[i] + strlen(path[i]) - 4, "/etc") == 0) {
			continue;
		}

		/* Above the root there is only the root. */
		say(path[i],
		    stat(path[i], &found) != 0 && errno == ENOENT && open(path[i], O_RDONLY) < 0);
	}
	bool known = statvfs("/", &facts) == 0;

	say("the root is read-only", known && (facts.f_flag & ST_RDONLY));
	say("the root gives no privileges", known && (facts.f_flag & ST_NOSUID));
	say("the root has no devices", known && (facts.f_flag & ST_NODEV));
	say("write to the root", open("/mesatee-test", O_WRONLY | O_CREAT, 0600) < 0 &&
					 mkdir("/mesatee-test", 0700) != 0);
	/* Names that there are in no other root, should this one not be ours. */
	say("write to a library",
	    open("/lib64/mesatee-test", O_WRONLY) < 0 && unlink("/lib64/mesatee-test") != 0);
	say("a device", mknod("/mesatee-test", S_IFCHR | 0666, 1 << 8 | 3) != 0);
	DIR *root = opendir("/");
	size_t others = 0;

	for (struct dirent *e; root && (e = readdir(root));) {
		others += strcmp(e->d_name, ".") && strcmp(e->d_name, "..") &&
			  strcmp(e->d_name, "lib") && strcmp(e->d_name, "lib64") &&
			  !(fetches && (strcmp(e->d_name, "etc") == 0 || strcmp(e->d_name, "fetch") == 0));
	}
	say("the root holds libraries and nothing else", others == 0);
}

static void mounts(void)
{
	say("mount proc", mount("proc", "/lib64", "proc", 0, NULL) != 0);
	say("mount tmpfs", mount("x", "/lib64", "tmpfs", 0, NULL) != 0);
	say("remount writable", mount(NULL, "/", NULL, MS_REMOUNT, NULL) != 0 &&
					mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND, NULL) != 0);
	say("unmount", umount2("/", MNT_DETACH) != 0);
	say("pivot", syscall(SYS_pivot_root, ".", ".") != 0 && chroot("/lib64") != 0);
	say("open by handle", syscall(SYS_open_by_handle_at, AT_FDCWD, NULL, 0) < 0);
}

/* The first three are its work, no escape. */
static void landlock_fetch(void)
{
	int list = open(FETCH_AUTHORITIES, O_RDONLY), file = openat(FETCH_FD_FOLDER, "file", O_RDONLY);
	struct statvfs facts;

	say("the list of authorities", list >= 0);
	say("the machine's libraries", open("/fetch/libcurl.so.4", O_RDONLY) >= 0);
	say("the operator's folder", file >= 0);
	say("write there", openat(FETCH_FD_FOLDER, "file", O_WRONLY) < 0 && errno == EACCES &&
				   openat(FETCH_FD_FOLDER, "new", O_WRONLY | O_CREAT, 0600) < 0 && errno == EACCES);
	say("above it", openat(FETCH_FD_FOLDER, "..", O_RDONLY | O_DIRECTORY) < 0 && errno == EACCES);
	say("write to the list", open(FETCH_AUTHORITIES, O_WRONLY) < 0);
	bool known = statvfs("/fetch", &facts) == 0;

	say("the libraries are read-only", known && (facts.f_flag & ST_RDONLY));
	say("the libraries give no privileges", known && (facts.f_flag & ST_NOSUID) && (facts.f_flag & ST_NODEV));
	say("more of the machine's /etc", open("/etc/shadow", O_RDONLY) < 0 && open("/etc/machine-id", O_RDONLY) < 0);
}

/*
 * What Landlock leaves open: a run worker its libraries, the supplicant its state, a seal worker
 * nothing.
 */
static void landlock(const char *kind)
{
	bool runs = strcmp(kind, "run") == 0 || strcmp(kind, "fetch") == 0;
	int library = open("/lib64/mesatee-test", O_RDONLY);

	say("a library", runs ? library >= 0 : library < 0 && errno == EACCES);
	if (strcmp(kind, "seal") == 0) {
		say("the root's list", open("/", O_RDONLY | O_DIRECTORY) < 0 && errno == EACCES);
	}
	if (strcmp(kind, "fetch") == 0) {
		landlock_fetch();
	}
	if (strcmp(kind, "supplicant") != 0) {
		return;
	}
	int file = openat(SUPPLICANT_FD_STATE, "file", O_RDWR | O_CREAT, 0755);

	/* The first four are its work, no escape. */
	say("write a file", file >= 0 && write(file, "#!x", 3) == 3);
	close(file);
	say("make a folder", mkdirat(SUPPLICANT_FD_STATE, "folder", 0700) == 0);
	say("rename", renameat(SUPPLICANT_FD_STATE, "file", SUPPLICANT_FD_STATE, "other") == 0);
	say("list", openat(SUPPLICANT_FD_STATE, ".", O_RDONLY | O_DIRECTORY) >= 0);
	say("above the state",
	    openat(SUPPLICANT_FD_STATE, "..", O_RDONLY | O_DIRECTORY) < 0 && errno == EACCES);
	say("a symbolic link", symlinkat("/", SUPPLICANT_FD_STATE, "link") != 0 && errno == EACCES);
	say("a pipe", mkfifoat(SUPPLICANT_FD_STATE, "pipe", 0600) != 0 && errno == EACCES);
	syscall(SYS_execveat, SUPPLICANT_FD_STATE, "other", NULL, NULL, 0);
	say("execute a file of its own", errno == EACCES);
}

static void network(bool fetches)
{
	struct sockaddr_in loop = { .sin_family = AF_INET,
				    .sin_port = htons(22),
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_un local = { .sun_family = AF_UNIX, .sun_path = "\0mesatee" };
	int tcp = socket(AF_INET, SOCK_STREAM, 0), un = socket(AF_UNIX, SOCK_STREAM, 0),
	    udp = socket(AF_INET, SOCK_DGRAM, 0);

	/* The network has no way there, and the device that would has never been up. */
	bool out = connect(tcp, (void *)&loop, sizeof(loop)) == 0;
	/* Landlock refuses sooner than the network can. */
	bool closed = syscall(SYS_landlock_create_ruleset, NULL, 0, 1) >= 4;

	if (fetches) {
		say("a way out, which is its work", out || errno == ECONNREFUSED);
	} else {
		say("TCP out", !out);
		say("TCP out, Landlock", !closed || errno == EACCES);
	}
	say("TCP in", bind(tcp, (void *)&loop, sizeof(loop)) != 0 && (!closed || errno == EACCES));
	loop.sin_addr.s_addr = htonl(0x08080808);
	say("UDP out", fetches || udp < 0 || sendto(udp, "x", 1, 0, (void *)&loop, sizeof(loop)) < 0);
	say("raw socket",
	    socket(AF_PACKET, SOCK_RAW, 0) < 0 && socket(AF_INET, SOCK_RAW, IPPROTO_ICMP) < 0);
	say("abstract socket",
	    un < 0 || connect(un, (void *)&local, offsetof(struct sockaddr_un, sun_path) + 8) != 0);
}

static void processes(void)
{
	char byte;
	struct iovec here = { &byte, 1 }, there = { (void *)0x400000, 1 };
	bool reached = false;

	say("a parent", getppid() == 0 && getpid() == 1);
	say("a session of its own", getsid(0) == 1);
	for (pid_t pid = 2; pid < 5000; pid++) {
		reached |= kill(pid, 0) == 0 || ptrace(PTRACE_ATTACH, pid, NULL, NULL) == 0 ||
			   process_vm_readv(pid, &here, 1, &there, 1, 0) > 0 ||
			   process_vm_writev(pid, &here, 1, &there, 1, 0) > 0 ||
			   syscall(SYS_pidfd_open, pid, 0) >= 0 || getpgid(pid) >= 0;
	}
	say("other processes", !reached && kill(-1, 0) != 0);
}

static void privileges(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct have[2] = { 0 };
	bool bounded = false;
	int fatal = 0;

	say("identity", getuid() == 65534 && getgid() == 65534 && setuid(0) != 0 && setgid(0) != 0);
	say("host name", sethostname("x", 1) != 0);
	say("new privileges", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
	for (unsigned long c = 0; c < 64; c++) {
		bounded |= prctl(PR_CAPBSET_READ, c, 0, 0, 0) > 0 ||
			   prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, c, 0, 0) > 0;
	}
	say("capabilities to come", !bounded);
	bool known = syscall(SYS_capget, &header, have) == 0;

	for (size_t i = 0; i < 2; i++) {
		known = known && !have[i].effective && !have[i].permitted && !have[i].inheritable;
	}
	say("capabilities", known);
	say("life after the launcher",
	    prctl(PR_GET_PDEATHSIG, &fatal, 0, 0, 0) == 0 && fatal == SIGKILL);
	say("kernel modules, bpf, perf",
	    syscall(SYS_init_module, NULL, 0, "") != 0 && syscall(SYS_bpf, 5, NULL, 0) < 0);
}

static void limits(bool fetches)
{
	static const struct {
		const char *what;
		int limit;
		rlim_t most;
	} row[] = {
		{ "a core dump", RLIMIT_CORE, 0 },
		{ "processes", RLIMIT_NPROC, 0 },
		{ "descriptors", RLIMIT_NOFILE, 4096 },
		{ "locked memory", RLIMIT_MEMLOCK, 0 },
		{ "message queues", RLIMIT_MSGQUEUE, 0 },
		{ "a file", RLIMIT_FSIZE, (rlim_t)64 << 30 },
		{ "the stack", RLIMIT_STACK, 8 << 20 },
	};

	for (size_t i = 0; i < MT_COUNT(row); i++) {
		struct rlimit have = { 1, RLIM_INFINITY };

		/* libcurl's threads count as processes; its promise allows no process. */
		if (fetches && row[i].limit == RLIMIT_NPROC) {
			continue;
		}

		say(row[i].what, getrlimit((__rlimit_resource_t)row[i].limit, &have) == 0 &&
					 have.rlim_cur <= row[i].most &&
					 have.rlim_max <= row[i].most);
	}
}

static void inheritance(size_t given)
{
	extern char **environ;
	size_t open_files = 0;

	for (int fd = 0; fd < 4096; fd++) {
		open_files += fcntl(fd, F_GETFD) >= 0;
	}
	say("descriptors: 0, 1, 2 and what is given", open_files == 3 + given);
	say("environment", !environ || !environ[0]);
}

/* The maker of the cell looks at it from outside before it answers. */
static void looked_at(void)
{
	static uint8_t buffer[PORT_MESSAGE_MAX];
	struct message m;

	say("the beginning", true);
	if (message_wait(WORKER_FD_CORE, buffer, &m) != MT_OK) {
		_exit(1);
	}
}

int main(int argc, char **argv)
{
	const char *kind = argc == 1 ? argv[0] : "";

	looked_at();
	bool fetches = strcmp(kind, "fetch") == 0;

	inheritance(strcmp(kind, "supplicant") == 0 ? 3 : fetches ? 2 : 1);
	files(fetches);
	mounts();
	landlock(kind);
	network(fetches);
	processes();
	privileges();
	limits(fetches);
	return 0;
}
