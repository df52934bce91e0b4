/* GlobalPlatform TEE Sockets API, annex: TCP, the connecting side alone. */
#ifndef TEE_TCPSOCKET_H
#define TEE_TCPSOCKET_H

#include "tee_isocket.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TEE_ISOCKET_PROTOCOLID_TCP              0x65
#define TEE_ISOCKET_TCP_WARNING_UNKNOWN_OUT_OF_BAND 0xF1010002

/* ioctl commands of OP-TEE: size of the buffer on the way in and out, a uint32_t of bytes. */
#define TEE_TCP_SET_RECVBUF                     0x65F00000
#define TEE_TCP_SET_SENDBUF                     0x65F00001

/* What open() of TEE_tcpSocket takes. */
typedef struct TEE_tcpSocket_Setup_s {
	TEE_ipSocket_ipVersion ipVersion;
	char *server_addr;                      /* name or address, with its NUL */
	uint16_t server_port;                   /* in the machine's byte order */
} TEE_tcpSocket_Setup;

extern TEE_iSocket *const TEE_tcpSocket;

#ifdef __cplusplus
}
#endif

#endif
