#include "port/linux/outside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "port/linux/linux.h"

#define FETCH_LIBRARIES "fetch"

/* Where distributions keep them; the first that has libcurl. */
static const char *const library_folders[] = { "/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib" };
static const char *const authorities[] = { FETCH_AUTHORITIES, "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem" };
/* Without them the resolver has its defaults. Names come from files and DNS, whatever else the machine has. */
static const char *const resolver_files[] = { "/etc/resolv.conf", "/etc/hosts", "/etc/gai.conf" };
static const char name_services[] = "hosts: files dns\n";

static bool mount_libraries(int root)
{
	struct mount_attr attributes = { .attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV };
	char place[64], path[128];

	if (mkdirat(root, FETCH_LIBRARIES, 0755) != 0) {
		return false;
	}
	/* The launcher's root lies over /proc (confine_prepare()), so its descriptor has no path but this. */
	(void)snprintf(place, sizeof(place), "/proc/%s", FETCH_LIBRARIES);
	for (size_t i = 0; i < MT_COUNT(library_folders); i++) {
		(void)snprintf(path, sizeof(path), "%s/libcurl.so.4", library_folders[i]);
		if (access(path, R_OK) == 0) {
			return mount(library_folders[i], place, NULL, MS_BIND, NULL) == 0 &&
			       mount_setattr(AT_FDCWD, place, 0, &attributes, sizeof(attributes)) == 0;
		}
	}
	errno = ENOENT;
	return false;
}

/* To the same path below the root, whose folders are there. */
static bool copy(int root, const char *from, const char *to)
{
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = in < 0 ? -1 : openat(root, to + 1, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	ssize_t n = out < 0 ? -1 : 1;

	while (n > 0) {
		n = sendfile(out, in, NULL, 1 << 20);
	}
	int why = errno;

	if (in >= 0) {
		close(in);
	}
	if (out >= 0) {
		close(out);
	}
	errno = why;
	return n == 0;
}

static bool name_services_write(int root)
{
	int fd = openat(root, "etc/nsswitch.conf", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	bool ok = fd >= 0 && write(fd, name_services, strlen(name_services)) == (ssize_t)strlen(name_services);

	if (fd >= 0) {
		close(fd);
	}
	return ok;
}

static bool copy_network(int root)
{
	size_t i = 0;

	if (mkdirat(root, "etc", 0755) != 0 || mkdirat(root, "etc/ssl", 0755) != 0 || mkdirat(root, "etc/ssl/certs", 0755) != 0 ||
	    !name_services_write(root)) {
		return false;
	}
	for (size_t k = 0; k < MT_COUNT(resolver_files); k++) {
		if (!copy(root, resolver_files[k], resolver_files[k]) && errno != ENOENT) {
			return false;
		}
	}
	while (i < MT_COUNT(authorities) && !copy(root, authorities[i], FETCH_AUTHORITIES)) {
		i++;
	}
	return i < MT_COUNT(authorities);
}

bool outside_bring(int root, bool network)
{
	return mount_libraries(root) && (!network || copy_network(root));
}
