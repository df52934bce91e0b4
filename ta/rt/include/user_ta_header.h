/*
 * What the file user_ta_header_defines.h of a trusted application (TA) is written with. Names and values are OP-TEE's.
 */
#ifndef USER_TA_HEADER_H
#define USER_TA_HEADER_H

#include "tee_internal_api.h"

#define TA_FLAG_USER_MODE                       0
#define TA_FLAG_EXEC_DDR                        0
#define TA_FLAG_SINGLE_INSTANCE                 (1 << 2)
#define TA_FLAG_MULTI_SESSION                   (1 << 3)
#define TA_FLAG_INSTANCE_KEEP_ALIVE             (1 << 4)
#define TA_FLAG_SECURE_DATA_PATH                (1 << 5)
#define TA_FLAG_REMAP_SUPPORT                   (1 << 6)
#define TA_FLAG_CACHE_MAINTENANCE               (1 << 7)
#define TA_FLAG_CONCURRENT                      (1 << 8)
#define TA_FLAG_DEVICE_ENUM                     (1 << 9)
#define TA_FLAG_DEVICE_ENUM_SUPP                (1 << 10)
#define TA_FLAG_DONT_CLOSE_HANDLE_ON_CORRUPT_OBJECT (1 << 11)
#define TA_FLAG_DEVICE_ENUM_TEE_STORAGE_PRIVATE (1 << 12)
#define TA_FLAG_INSTANCE_KEEP_CRASHED           (1 << 13)

#define TA_PROP_STR_SINGLE_INSTANCE             "gpd.ta.singleInstance"
#define TA_PROP_STR_MULTI_SESSION               "gpd.ta.multiSession"
#define TA_PROP_STR_KEEP_ALIVE                  "gpd.ta.instanceKeepAlive"
#define TA_PROP_STR_KEEP_CRASHED                "gpd.ta.instanceKeepCrashed"
#define TA_PROP_STR_DATA_SIZE                   "gpd.ta.dataSize"
#define TA_PROP_STR_STACK_SIZE                  "gpd.ta.stackSize"
#define TA_PROP_STR_VERSION                     "gpd.ta.version"
#define TA_PROP_STR_DESCRIPTION                 "gpd.ta.description"
#define TA_PROP_STR_ENDIAN                      "gpd.ta.endian"
#define TA_PROP_STR_DOES_NOT_CLOSE_HANDLE_ON_CORRUPT_OBJECT "gpd.ta.doesNotCloseHandleOnCorruptObject"

/* As enum ta_property_type of tee_syscall.h. */
enum user_ta_prop_type {
	USER_TA_PROP_TYPE_BOOL = 0,
	USER_TA_PROP_TYPE_U32 = 1,
	USER_TA_PROP_TYPE_UUID = 2,
	USER_TA_PROP_TYPE_IDENTITY = 3,
	USER_TA_PROP_TYPE_STRING = 4,
	USER_TA_PROP_TYPE_BINARY_BLOCK = 5,     /* as Base64 */
	USER_TA_PROP_TYPE_U64 = 6,
	USER_TA_PROP_TYPE_INVALID = 7,
};

#endif
