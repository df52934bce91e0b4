/* OP-TEE declares its two functions on file descriptors under this name; here they are with the others. */
#ifndef TEE_CLIENT_API_EXTENSIONS_H
#define TEE_CLIENT_API_EXTENSIONS_H

#include "tee_client_api.h"

#endif
