"""Messages between the processes of the warm engine: parts of bytes, with lengths before them."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterable

_LENGTH = struct.Struct("!Q")

READ = 1 << 20
"""How many bytes are read at a time, at most."""


def framed(parts: Iterable[bytes | memoryview]) -> bytes:
    """A message as it is sent."""
    body = b"".join(each for part in parts for each in (_LENGTH.pack(memoryview(part).nbytes), part))
    return _LENGTH.pack(len(body)) + body


def receive(connection: socket.socket) -> list[bytes]:
    """The next message, waited for, and not a byte more. Raises EOFError where none will come."""
    (size,) = _LENGTH.unpack(_exactly(connection, _LENGTH.size))
    return _parts(_exactly(connection, size))


class Inbox:
    """What has come of the messages of one connection."""

    def __init__(self) -> None:
        self._data = bytearray()

    def take(self, connection: socket.socket) -> list[list[bytes]]:
        """The messages that are whole after one more read. Raises EOFError at the end, BlockingIOError as `recv`."""
        self._data += _read(connection, READ)
        messages = []
        while len(self._data) >= _LENGTH.size:
            end = int(_LENGTH.unpack_from(self._data)[0]) + _LENGTH.size
            if len(self._data) < end:
                break
            messages.append(_parts(bytes(memoryview(self._data)[_LENGTH.size : end])))
            del self._data[:end]
        return messages


def _exactly(connection: socket.socket, size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        data += _read(connection, min(READ, size - len(data)))
    return bytes(data)


def _read(connection: socket.socket, most: int) -> bytes:
    try:
        data = connection.recv(most)
    except ConnectionError:
        data = b""
    if not data:
        raise EOFError
    return data


def _parts(body: bytes) -> list[bytes]:
    parts, start = [], 0
    while start < len(body):
        end = int(_LENGTH.unpack_from(body, start)[0]) + start + _LENGTH.size
        parts.append(body[start + _LENGTH.size : end])
        start = end
    return parts
