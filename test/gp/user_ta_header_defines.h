/* The suite's head, as a TA has it. */
#ifndef USER_TA_HEADER_DEFINES_H
#define USER_TA_HEADER_DEFINES_H

/* In a node the TA that it calls is another one, of the same code: a single instance cannot wait for itself. */
#ifndef GP_TA
#define GP_TA 1
#endif
#define TA_UUID { 0x6d657361, 0x7465, 0x6550, { 0x81, 0, 0, 0, 0, 0, 0, GP_TA } }
#define TA_FLAGS (TA_FLAG_SINGLE_INSTANCE | TA_FLAG_MULTI_SESSION)
#define TA_STACK_SIZE (64 * 1024)
#define TA_DATA_SIZE (256 * 1024)
#define TA_VERSION "7.1"
#define TA_DESCRIPTION "conformance"
#define TA_CURRENT_TA_EXT_PROPERTIES \
	{ "test.binary", USER_TA_PROP_TYPE_BINARY_BLOCK, "AAEC/w==" }, \
	{ "test.broken", USER_TA_PROP_TYPE_BINARY_BLOCK, "AAE*" }, \
	{ "test.u64", USER_TA_PROP_TYPE_U64, &(const uint64_t){ UINT64_C(0x100000002) } },

#endif
