/*
 * The supplicant as a process, and its calls, for its tests. One node at a time; what it lacks is a failed check.
 */
#ifndef MT_TEST_SUPPLICANT_PROCESS_H
#define MT_TEST_SUPPLICANT_PROCESS_H

#include "api/ree.h"
#include "port/linux/linux.h"

struct node {
	char folder[32];
	int state, core, gateway, fetch;
	pid_t pid;
};

struct answer {
	enum mt_err err;
	struct bytes fields;
	port_handle handle;
};

extern uint8_t name_one[REE_NAME_SIZE], name_two[REE_NAME_SIZE];

void supplicant_start(struct node *n);
struct node node_open(void);
int supplicant_stop(struct node *n);
void node_close(struct node *n);
struct builder call(uint8_t *wire, size_t capacity, uint8_t type);
struct answer ask(int socket, const struct builder *b, port_handle handle);
enum mt_err log_write(const struct node *n, uint64_t extend_to, uint64_t offset, const char *text);
struct bytes log_read(const struct node *n, uint64_t offset, uint32_t size);
struct answer named(int socket, uint8_t type, enum ree_space space, const uint8_t name[REE_NAME_SIZE], port_handle handle);
enum mt_err blob_put(const struct node *n, const uint8_t name[REE_NAME_SIZE], const char *text);
const char *blob_get(const struct node *n, enum ree_space space, const uint8_t name[REE_NAME_SIZE]);
bool same(const char *a, const char *b);
struct answer upload_open(const struct node *n, const uint8_t name[REE_NAME_SIZE], uint64_t size, uint32_t *upload);
enum mt_err upload_end(const struct node *n, uint8_t type, uint32_t upload);
enum mt_err upload(const struct node *n, const uint8_t name[REE_NAME_SIZE], const char *text, uint64_t size);
size_t incoming_count(const struct node *n);

#endif
