"""Names and addresses: resolve, listen, connect, and say in plain words what went wrong."""

import errno
import socket
from contextlib import suppress
from typing import Any

from stage1_basic.command_line import UserError

CONNECT_TIMEOUT = 10.0  # seconds

KEEPALIVE_SECONDS = 60
"""How long a connection may be idle before the kernel asks whether the other side lives."""

SEND_BUFFER = 256 * 1024
"""Bytes in the kernel for each client; more would only hide that it is slow."""

EXCLUSIVE = getattr(socket, "SO_EXCLUSIVEADDRUSE", None)  # Windows


class AddressError(UserError):
    """Listening or connecting failed; the message says why, and what to do."""


def format_address(address: Any) -> str:
    """A socket address as people write it: `127.0.0.1:12345`, `[::1]:12345`."""
    host, port = address[0], address[1]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def resolve(host: str, port: int, kind: socket.SocketKind = socket.SOCK_STREAM) -> list[Any]:
    """Every address of a host name, as `socket.getaddrinfo` returns them. Raises AddressError."""
    try:
        return socket.getaddrinfo(host, port, type=kind)
    except (socket.gaierror, UnicodeError) as error:
        raise AddressError(
            f"No such host: {host}. Check the spelling of the name or address."
        ) from error


# --8<-- [start:listen]
def listen(host: str, port: int) -> socket.socket:
    """A socket that listens at the first address of `host`; port 0 is any free one. Raises
    AddressError."""
    family, kind, protocol, _, address = resolve(host, port)[0]
    listener = socket.socket(family, kind, protocol)
    try:
        if EXCLUSIVE is not None:
            listener.setsockopt(socket.SOL_SOCKET, EXCLUSIVE, 1)
        else:  # a port whose last connections are only just closed may be used again
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(socket.SOMAXCONN)
    except OSError as error:
        listener.close()
        raise AddressError(explain_listen(error, host, port)) from error
    return listener


# --8<-- [end:listen]


def explain_listen(
    error: OSError, host: str, port: int, name: str = "Port", option: str = "--port"
) -> str:
    """Why a port cannot be listened at; `name` is what to call it, `option` what chooses it."""
    if error.errno == errno.EADDRINUSE:
        return (
            f"{name} {port} is in use: another program, perhaps another server, listens there. "
            f"Choose another with {option}."
        )
    if error.errno == errno.EACCES:  # on Windows (10013), parts of the range are set aside
        return f"{name} {port} is reserved by the system. Choose another, such as {option} 12345"
    if error.errno == errno.EADDRNOTAVAIL:
        return (
            f"{host} is not an address of this computer. "
            "Use 127.0.0.1, or 0.0.0.0 for every network that it is in."
        )
    return f"Cannot listen at {host} port {port}: {error.strerror}"


def connect(host: str, port: int, start_server: str) -> socket.socket:
    """Connect to a server. Raises AddressError; `start_server` is the command that starts one."""
    resolve(host, port)
    try:
        sock = socket.create_connection((host, port), timeout=CONNECT_TIMEOUT)
    except ConnectionRefusedError as error:
        text = f"Nobody is listening at {host} port {port}. Start a server first: {start_server}"
        raise AddressError(text) from error
    except TimeoutError as error:
        text = f"No answer from {host} port {port}: a wrong address, or a firewall in between?"
        raise AddressError(text) from error
    except OSError as error:
        raise AddressError(f"Cannot reach {host} port {port}: {error.strerror or error}") from error
    sock.settimeout(None)
    prepare_socket(sock)
    return sock


def prepare_socket(sock: socket.socket) -> None:
    """Set what every chat connection wants: no delay for short messages, and notice a peer that is
    gone."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (
        ("TCP_KEEPIDLE", KEEPALIVE_SECONDS),
        ("TCP_USER_TIMEOUT", 1000 * KEEPALIVE_SECONDS),
    ):
        if hasattr(socket, name):
            with suppress(OSError):  # known to Python, not to this system
                sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def prepare_client_socket(sock: socket.socket) -> None:
    """What a server sets for each client besides: a short queue in the kernel."""
    prepare_socket(sock)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)


def own_addresses(family: int) -> list[str]:
    """The addresses under which other computers may reach this one."""
    addresses: dict[str, None] = {}
    # Set aside for examples by RFC 5737 and RFC 3849: on no network, but far from this computer.
    far_away = "192.0.2.1" if family == socket.AF_INET else "2001:db8::1"
    with suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as sock:
        sock.connect((far_away, 9))  # sends nothing: it only asks the kernel which way it would go
        addresses[sock.getsockname()[0]] = None
    with suppress(OSError):
        for *_, address in socket.getaddrinfo(socket.gethostname(), None, family):
            addresses[str(address[0])] = None
    return [address for address in addresses if not address.startswith("127.") and address != "::1"]
