"""A first chat server, as one writes it on the first day. It works, and breaks in three ways."""

import socket
import sys
import threading

clients = []


# --8<-- [start:broadcast]
def broadcast(message, sender):
    """Give a message to everyone but its sender."""
    for client in clients:
        if client is not sender:
            client.sendall(message)


# --8<-- [end:broadcast]


# --8<-- [start:serve]
def serve(client):
    """Receive messages from one client until it leaves."""
    while True:
        message = client.recv(1024)
        if not message:
            break
        broadcast(message, client)
        print("passed on:", message.decode(), flush=True)
    clients.remove(client)
    client.close()


# --8<-- [end:serve]


def main():
    """Accept clients; each gets a thread of its own."""
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 12345
    listener = socket.create_server(("127.0.0.1", port))
    print(f"Listening on 127.0.0.1:{listener.getsockname()[1]}", flush=True)
    while True:
        client, _ = listener.accept()
        clients.append(client)
        threading.Thread(target=serve, args=(client,), daemon=True).start()


if __name__ == "__main__":
    main()
