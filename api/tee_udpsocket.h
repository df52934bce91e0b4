/* GlobalPlatform TEE Sockets API, annex: UDP. */
#ifndef TEE_UDPSOCKET_H
#define TEE_UDPSOCKET_H

#include "tee_isocket.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TEE_ISOCKET_PROTOCOLID_UDP              0x66
#define TEE_ISOCKET_UDP_WARNING_UNKNOWN_OUT_OF_BAND 0xF1020002

/* ioctl commands: the address (a string with its NUL), the port (a uint16_t) that later datagrams go to. */
#define TEE_UDP_CHANGEADDR                      0x66000001
#define TEE_UDP_CHANGEPORT                      0x66000002

/* What open() of TEE_udpSocket takes. */
typedef struct TEE_udpSocket_Setup_s {
	TEE_ipSocket_ipVersion ipVersion;
	char *server_addr;                      /* name or address, with its NUL */
	uint16_t server_port;                   /* in the machine's byte order */
} TEE_udpSocket_Setup;

extern TEE_iSocket *const TEE_udpSocket;

#ifdef __cplusplus
}
#endif

#endif
