"""A relay that writes down the TLS records of the client: content type and length, one a line, nothing decrypted.

usage: relay.py NODE_PORT LOG. Prints its own port, serves one connection after another until it is killed.
"""

import select
import socket
import sys


def records(buffer: bytearray, log) -> None:
    """Take whole records off the front of buffer."""
    while len(buffer) >= 5:
        size = int.from_bytes(buffer[3:5], "big")
        if len(buffer) < 5 + size:
            return
        log.write(f"{buffer[0]} {size}\n")
        log.flush()
        del buffer[: 5 + size]


def serve(client: socket.socket, node: socket.socket, log) -> None:
    log.write("connection\n")
    buffer = bytearray()
    while True:
        ready, _, _ = select.select([client, node], [], [])
        for side in ready:
            data = side.recv(65536)
            if not data:
                return
            if side is client:
                buffer += data
                records(buffer, log)
                node.sendall(data)
            else:
                client.sendall(data)


def main() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    with open(sys.argv[2], "w", encoding="ascii") as log:
        while True:
            client, _ = listener.accept()
            with client, socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as node:
                try:
                    serve(client, node, log)
                except OSError:
                    pass


if __name__ == "__main__":
    main()
