"""A first chat client, as one writes it on the first day. Its server is `naive_server.py`."""

import socket
import sys
import threading


# --8<-- [start:show_messages]
def show_messages(server):
    """Print what the others say."""
    while True:
        message = server.recv(1024)
        if not message:
            print("The server has gone.", flush=True)
            break
        print(">", message.decode(), flush=True)


# --8<-- [end:show_messages]


def main():
    """Send each line that is typed."""
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 12345
    server = socket.create_connection(("127.0.0.1", port))
    print("Connected. Type, and press Enter.", flush=True)
    threading.Thread(target=show_messages, args=(server,), daemon=True).start()
    for line in sys.stdin:
        server.sendall(line.strip().encode())


if __name__ == "__main__":
    main()
