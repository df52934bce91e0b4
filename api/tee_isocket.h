/*
 * GlobalPlatform TEE Sockets API (GPD_SPE_100) 1.0: the interface that every protocol has.
 *
 * The connection itself is made by the rich world: it sees, delays and drops what passes. Encrypt above it.
 */
#ifndef TEE_ISOCKET_H
#define TEE_ISOCKET_H

#include "tee_api_types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TEE_ISOCKET_VERSION                     0x01000000

#define TEE_ISOCKET_ERROR_PROTOCOL              0xF1007001
#define TEE_ISOCKET_ERROR_REMOTE_CLOSED         0xF1007002
#define TEE_ISOCKET_ERROR_TIMEOUT               0xF1007003
#define TEE_ISOCKET_ERROR_OUT_OF_RESOURCES      0xF1007004
#define TEE_ISOCKET_ERROR_LARGE_BUFFER          0xF1007005
#define TEE_ISOCKET_WARNING_PROTOCOL            0xF1007006
#define TEE_ISOCKET_ERROR_HOSTNAME              0xF1007007

typedef void *TEE_iSocketHandle;

typedef enum TEE_ipSocket_ipVersion_e {
	TEE_IP_VERSION_DC = 0,                  /* either */
	TEE_IP_VERSION_4 = 1,
	TEE_IP_VERSION_6 = 2
} TEE_ipSocket_ipVersion;

/*
 * What one protocol can do. Timeouts in milliseconds, or TEE_TIMEOUT_INFINITE. Every member panics where ctx is
 * not open or a buffer is not the TA's memory.
 */
typedef const struct TEE_iSocket_s {
	uint32_t TEE_iSocketVersion;
	uint8_t protocolID;

	/*
	 * Connect as the protocol's setup says. protocolError: a code of the protocol's, as of error().
	 * Errors: TEE_ERROR_CANCEL, TEE_ERROR_OUT_OF_MEMORY, TEE_ERROR_BAD_PARAMETERS,
	 * TEE_ISOCKET_ERROR_TIMEOUT, TEE_ISOCKET_ERROR_HOSTNAME, TEE_ISOCKET_ERROR_PROTOCOL,
	 * TEE_ISOCKET_ERROR_OUT_OF_RESOURCES, TEE_ISOCKET_WARNING_PROTOCOL (connected, look at protocolError).
	 * Panics: setup is NULL or has a protocol version that there is not.
	 */
	TEE_Result (*open)(TEE_iSocketHandle *ctx, void *setup, uint32_t *protocolError);

	/*
	 * Close; what was not sent yet may be lost. NULL is allowed and does nothing.
	 * Errors: TEE_ISOCKET_ERROR_PROTOCOL; it is closed all the same.
	 * Panics: ctx is not open.
	 */
	TEE_Result (*close)(TEE_iSocketHandle ctx);

	/*
	 * Send *length bytes; out: how many were taken.
	 * Errors: TEE_ERROR_CANCEL, TEE_ISOCKET_ERROR_TIMEOUT, TEE_ISOCKET_ERROR_REMOTE_CLOSED,
	 * TEE_ISOCKET_ERROR_PROTOCOL, TEE_ISOCKET_ERROR_LARGE_BUFFER (more than one datagram holds),
	 * TEE_ISOCKET_WARNING_PROTOCOL.
	 * Panics: ctx is not open; buf cannot be read.
	 */
	TEE_Result (*send)(TEE_iSocketHandle ctx, const void *buf, uint32_t *length, uint32_t timeout);

	/*
	 * Receive up to *length bytes; out: how many came. 0 asks how many wait.
	 * Errors: TEE_ERROR_CANCEL, TEE_ERROR_SHORT_BUFFER, TEE_ISOCKET_ERROR_TIMEOUT,
	 * TEE_ISOCKET_ERROR_REMOTE_CLOSED, TEE_ISOCKET_ERROR_PROTOCOL, TEE_ISOCKET_WARNING_PROTOCOL.
	 * Panics: ctx is not open; buf cannot be written.
	 */
	TEE_Result (*recv)(TEE_iSocketHandle ctx, void *buf, uint32_t *length, uint32_t timeout);

	/*
	 * The protocol's own code of the last error or warning.
	 * Errors: none.
	 * Panics: ctx is not open.
	 */
	uint32_t (*error)(TEE_iSocketHandle ctx);

	/*
	 * A command of the protocol's. The high byte of commandCode is its protocolID, or 0 for those of all.
	 * Errors: TEE_ERROR_NOT_SUPPORTED, TEE_ERROR_SHORT_BUFFER, TEE_ISOCKET_ERROR_PROTOCOL.
	 * Panics: ctx is not open; commandCode is another protocol's; buf cannot be read or written.
	 */
	TEE_Result (*ioctl)(TEE_iSocketHandle ctx, uint32_t commandCode, void *buf, uint32_t *length);
} TEE_iSocket;

#ifdef __cplusplus
}
#endif

#endif
