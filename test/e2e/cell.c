/*
 * An escaped worker: native code in a worker's cell, before any promise. Tries every way out that
 * it can think of and says for each whether the cell held. What is tried here is stopped by
 * namespaces, the file system and Landlock alone; the promise comes on top.
 */
#include "port/linux/linux.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
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

static void files(void)
{
	static const char *const path[] = {
		"/etc/passwd", "/proc/self/maps", "/proc/1/environ",
		"/dev/mem",    "/dev/null",	  "/sys",
		"/tmp",	       "/root",		  "..",
		"/../..",
	};

	for (size_t i = 0; i < MT_COUNT(path); i++) {
		struct stat facts;
		bool up = path[i][0] == '.' || path[i][1] == '.';

		/* Above the root there is only the root. */
		say(path[i], up ? stat(path[i], &facts) != 0 || access("/etc", F_OK) != 0
				: open(path[i], O_RDONLY) < 0);
	}
	say("write to the root",
	    open("/new", O_WRONLY | O_CREAT, 0600) < 0 && mkdir("/new", 0700) != 0);
	say("write to a library", open("/lib64/libc.so.6", O_WRONLY) < 0 && unlink("/lib64") != 0);
	say("a device", mknod("/null", S_IFCHR | 0666, 1 << 8 | 3) != 0);
	DIR *root = opendir("/");
	size_t others = 0;

	for (struct dirent *e; root && (e = readdir(root));) {
		others += strcmp(e->d_name, ".") && strcmp(e->d_name, "..") &&
			  strcmp(e->d_name, "lib") && strcmp(e->d_name, "lib64");
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

static void network(void)
{
	struct sockaddr_in loop = { .sin_family = AF_INET,
				    .sin_port = htons(22),
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_un local = { .sun_family = AF_UNIX, .sun_path = "\0mesatee" };
	int tcp = socket(AF_INET, SOCK_STREAM, 0), un = socket(AF_UNIX, SOCK_STREAM, 0),
	    udp = socket(AF_INET, SOCK_DGRAM, 0);

	say("TCP out", tcp < 0 || connect(tcp, (void *)&loop, sizeof(loop)) != 0);
	say("TCP in", tcp < 0 || bind(tcp, (void *)&loop, sizeof(loop)) != 0);
	loop.sin_addr.s_addr = htonl(0x08080808);
	say("UDP out", udp < 0 || sendto(udp, "x", 1, 0, (void *)&loop, sizeof(loop)) < 0);
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
	for (pid_t pid = 2; pid < 5000; pid++) {
		reached |= kill(pid, 0) == 0 || ptrace(PTRACE_ATTACH, pid, NULL, NULL) == 0 ||
			   process_vm_readv(pid, &here, 1, &there, 1, 0) > 0 || getpgid(pid) >= 0;
	}
	say("other processes", !reached && kill(-1, 0) != 0);
}

static void privileges(void)
{
	struct rlimit core;

	say("identity", getuid() == 65534 && getgid() == 65534 && setuid(0) != 0 && setgid(0) != 0);
	say("host name", sethostname("x", 1) != 0);
	say("new privileges", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
	say("capabilities", prctl(PR_CAPBSET_READ, 21, 0, 0, 0) == 0);
	say("core dump", getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_max == 0);
	say("kernel modules, bpf, perf",
	    syscall(SYS_init_module, NULL, 0, "") != 0 && syscall(SYS_bpf, 5, NULL, 0) < 0);
}

static void inheritance(void)
{
	extern char **environ;
	size_t open_files = 0;

	for (int fd = 0; fd < 4096; fd++) {
		open_files += fcntl(fd, F_GETFD) >= 0;
	}
	say("descriptors: 0, 1, 2 and the socket", open_files == 4);
	say("environment", !environ || !environ[0]);
}

int main(void)
{
	inheritance();
	files();
	mounts();
	network();
	processes();
	privileges();
	return 0;
}
