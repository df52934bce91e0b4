/* 4.11: memory. */
#include "test/gp/cases.h"

#define READ (TEE_MEMORY_ACCESS_READ)
#define WRITE (TEE_MEMORY_ACCESS_WRITE)
#define ANY TEE_MEMORY_ACCESS_ANY_OWNER

static void access_allowed(unsigned which)
{
	uint8_t local[16];
	uint8_t *heap = TEE_Malloc(64, 0);

	(void)which;
	GP(TEE_CheckMemoryAccessRights(READ | WRITE, local, sizeof(local)) == TEE_SUCCESS);
	GP(TEE_CheckMemoryAccessRights(READ | WRITE, heap, 64) == TEE_SUCCESS && TEE_CheckMemoryAccessRights(READ, heap + 10, 54) == TEE_SUCCESS);
	GP(TEE_CheckMemoryAccessRights(READ | WRITE | ANY, gp_shared(), 4096) == TEE_SUCCESS);
	GP(TEE_CheckMemoryAccessRights(READ, gp_read_only(), 4096) == TEE_SUCCESS);
	GP(TEE_CheckMemoryAccessRights(READ | WRITE, NULL, 0) == TEE_SUCCESS && TEE_CheckMemoryAccessRights(WRITE, gp_foreign(), 0) == TEE_SUCCESS);
}

static void access_denied(unsigned which)
{
	uint8_t *heap = TEE_Malloc(64, 0);

	(void)which;
	GP(TEE_CheckMemoryAccessRights(READ, gp_shared(), 16) == TEE_ERROR_ACCESS_DENIED);
	GP(TEE_CheckMemoryAccessRights(WRITE | ANY, gp_read_only(), 16) == TEE_ERROR_ACCESS_DENIED);
	GP(TEE_CheckMemoryAccessRights(READ | ANY, gp_foreign(), 1) == TEE_ERROR_ACCESS_DENIED);
	GP(TEE_CheckMemoryAccessRights(READ, NULL, 1) == TEE_ERROR_ACCESS_DENIED);
	GP(TEE_CheckMemoryAccessRights(READ, heap, GP_SIZE_MAX) == TEE_ERROR_ACCESS_DENIED);
	GP(TEE_CheckMemoryAccessRights(READ, heap, 65) == TEE_ERROR_ACCESS_DENIED); /* of the heap what is in use alone */
	GP(TEE_CheckMemoryAccessRights(READ, heap - 1, 2) == TEE_ERROR_ACCESS_DENIED);
	TEE_Free(heap);
	GP(TEE_CheckMemoryAccessRights(READ, heap, 1) == TEE_ERROR_ACCESS_DENIED);
}

static void instance_data(unsigned which)
{
	static int data;

	(void)which;
	GP(TEE_GetInstanceData() == NULL);
	TEE_SetInstanceData(&data);
	GP(TEE_GetInstanceData() == &data);
	TEE_SetInstanceData(NULL);
	GP(TEE_GetInstanceData() == NULL);
}

static bool all_zero(const uint8_t *at, gp_size size)
{
	for (gp_size i = 0; i < size; i++) {
		if (at[i]) {
			return false;
		}
	}
	return true;
}

/* Every size, and what was there before does not show. */
static void malloc_good(unsigned which)
{
	uint8_t *at[64];

	(void)which;
	for (gp_size round = 0; round < 3; round++) {
		for (gp_size i = 0; i < 64; i++) {
			at[i] = TEE_Malloc(i * 7, TEE_MALLOC_FILL_ZERO);
			GP(at[i] && (uintptr_t)at[i] % _Alignof(max_align_t) == 0 && all_zero(at[i], i * 7));
			TEE_MemFill(at[i], 0xa5, i * 7);
		}
		for (gp_size i = 0; i < 64; i++) {
			gp_size k = i * 37 % 64;
			GP(k == 0 || (at[k][0] == 0xa5 && at[k][k * 7 - 1] == 0xa5));
			TEE_Free(at[k]);
		}
	}
	TEE_Free(TEE_Malloc(10, TEE_MALLOC_NO_SHARE));
	TEE_Free(TEE_Malloc(10, TEE_MALLOC_NO_SHARE | TEE_MALLOC_NO_FILL));
	TEE_Free(NULL);
}

static void malloc_full(unsigned which)
{
	void *list = NULL;
	gp_size count = 0, again = 0;

	(void)which;
	GP(TEE_Malloc(GP_SIZE_MAX, 0) == NULL && TEE_Malloc(GP_SIZE_MAX - 64, 0) == NULL && TEE_Malloc((gp_size)1 << 30, 0) == NULL);
	for (void **at; (at = TEE_Malloc(1000, 0)) != NULL; count++) {
		*at = list;
		list = at;
	}
	while (list) {
		void *next = *(void **)list;
		TEE_Free(list);
		list = next;
	}
	while (TEE_Malloc(1000, 0)) {
		again++;
	}
	GP(count > 100 && again == count); /* freed neighbours are one again */
}

static void realloc_good(unsigned which)
{
	uint8_t *at = TEE_Realloc(NULL, 10), *wall;

	(void)which;
	GP(at && all_zero(at, 10));
	TEE_MemFill(at, 1, 10);
	at = TEE_Realloc(at, 500);
	GP(at && at[9] == 1 && all_zero(at + 10, 490));
	TEE_MemFill(at, 2, 500);
	wall = TEE_Malloc(16, 0);
	uint8_t *moved = TEE_Realloc(at, 5000);
	GP(moved && moved != at && moved[499] == 2 && all_zero(moved + 500, 4500));
	TEE_MemFill(moved, 3, 5000);
	at = TEE_Realloc(moved, 100);
	GP(at == moved && at[99] == 3);
	at = TEE_Realloc(at, 200);
	GP(at && at[99] == 3 && all_zero(at + 100, 100));
	TEE_Free(at);
	TEE_Free(wall);
}

static void realloc_full(unsigned which)
{
	uint8_t *at = TEE_Malloc(10, 0);

	(void)which;
	TEE_MemFill(at, 9, 10);
	GP(TEE_Realloc(at, GP_SIZE_MAX) == NULL && TEE_Realloc(at, (gp_size)1 << 30) == NULL && at[0] == 9 && at[9] == 9);
	TEE_Free(at);
}

static uint64_t outside[8];

static void heap_panic(unsigned which)
{
	uint8_t *at = TEE_Malloc(64, 0), *behind = TEE_Malloc(64, 0), *wide = TEE_Malloc(256, 0);

	gp_now();
	switch (which) {
	case 0:
		(void)TEE_Malloc(8, 0x40);
		break;
	case 1:
		(void)TEE_Malloc(8, TEE_MALLOC_NO_FILL);
		break;
	case 2:
		TEE_Free(&outside[4]);
		break;
	case 3:
		TEE_Free(at + 16);
		break;
	case 4:
		TEE_Free(at);
		TEE_Free(at);
		break;
	case 5:
		TEE_Free(behind);
		TEE_Free(at);
		TEE_Free(behind); /* inside a larger free piece by now */
		break;
	case 6:
		TEE_MemFill(at, 0x41, 64 + 16); /* into what is behind it */
		TEE_Free(behind);
		break;
	case 7:
		TEE_Free(at);
		(void)TEE_Realloc(at, 10);
		break;
	case 8:
		TEE_MemMove(wide + 64, behind - 64, 64); /* with whatever says that it is one */
		TEE_Free(wide + 128);
		break;
	case 9:
		TEE_MemFill(at, 0x41, 64 + 16);
		TEE_Free(at);
		break;
	default:
		(void)TEE_Realloc(&outside[4], 10);
	}
}

static void memory_move(unsigned which)
{
	char text[] = "0123456789";

	(void)which;
	TEE_MemMove(text + 2, text, 8);
	GP(gp_same(text, "0101234567", 10));
	TEE_MemMove(text, text + 2, 8);
	GP(gp_same(text, "0123456767", 10));
	TEE_MemMove(NULL, NULL, 0);
}

static void memory_compare(unsigned which)
{
	(void)which;
	GP(TEE_MemCompare("abcd", "abcd", 4) == 0 && TEE_MemCompare("abcd", "abce", 4) < 0 && TEE_MemCompare("abdd", "abce", 4) > 0);
	GP(TEE_MemCompare("\xff", "\x01", 1) > 0 && TEE_MemCompare("a", "b", 0) == 0 && TEE_MemCompare("b\x01", "a\xff", 2) > 0);
}

static void memory_fill(unsigned which)
{
	uint8_t at[6] = { 1, 1, 1, 1, 1, 1 };

	(void)which;
	TEE_MemFill(at + 1, 0x123, 4);
	GP(gp_same(at, "\x01\x23\x23\x23\x23\x01", 6));
	TEE_MemFill(NULL, 1, 0);
}

const struct gp_row gp_rows_memory[] = {
	{ "TEE_CheckMemoryAccessRights", "success", access_allowed, 0 },
	{ "TEE_CheckMemoryAccessRights", "TEE_ERROR_ACCESS_DENIED", access_denied, 0 },
	{ "TEE_SetInstanceData", "success", instance_data, 0 },
	{ "TEE_GetInstanceData", "success", instance_data, 0 },
	{ "TEE_Malloc", "success", malloc_good, 0 },
	{ "TEE_Malloc", "NULL: not enough memory", malloc_full, 0 },
	{ "TEE_Malloc", "panics: hint is not one that there is", heap_panic, 0 },
	{ "TEE_Malloc", "panics: TEE_MALLOC_NO_FILL alone", heap_panic, 1 },
	{ "TEE_Realloc", "success", realloc_good, 0 },
	{ "TEE_Realloc", "NULL: not enough memory", realloc_full, 0 },
	{ "TEE_Realloc", "panics: buffer is not of TEE_Malloc", heap_panic, 10 },
	{ "TEE_Realloc", "panics: buffer was freed", heap_panic, 7 },
	{ "TEE_Free", "success", malloc_good, 0 },
	{ "TEE_Free", "panics: buffer is not of TEE_Malloc", heap_panic, 2 },
	{ "TEE_Free", "panics: buffer is inside of what TEE_Malloc gave", heap_panic, 3 },
	{ "TEE_Free", "panics: buffer was freed", heap_panic, 4 },
	{ "TEE_Free", "panics: buffer was freed, and its neighbour after", heap_panic, 5 },
	{ "TEE_Free", "panics: what is before the buffer was overwritten", heap_panic, 6 },
	{ "TEE_Free", "panics: buffer is a copy of what TEE_Malloc gave, inside another", heap_panic, 8 },
	{ "TEE_Free", "panics: what is behind the buffer was overwritten", heap_panic, 9 },
	{ "TEE_MemMove", "success", memory_move, 0 },
	{ "TEE_MemCompare", "success", memory_compare, 0 },
	{ "TEE_MemFill", "success", memory_fill, 0 },
};
GP_COUNT(memory)
