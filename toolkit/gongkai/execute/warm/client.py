"""A kernel in a forked child, as nbclient drives one: its client, and what it asks a manager for."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from contextlib import suppress
from queue import Empty
from typing import Any

from jupyter_client.session import Session
from jupyter_core.utils import run_sync

from gongkai.execute.warm import wire

_CUT = 0.2
"""Seconds for which output is put together before it is handed on, as a kernel does."""
_ROUNDS = 5
"""How often the loop may go round until a message is dealt with."""


def unsigned() -> Session:
    """A session for a connection that nobody else can reach."""
    session = Session()
    session.key = b""  # said beforehand, it would be warned of
    return session


class Channel:
    """Messages of a kernel, and where to send those for it."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._messages: asyncio.Queue[list[bytes] | dict[str, Any]] = asyncio.Queue()

    def put(self, message: list[bytes] | dict[str, Any]) -> None:
        """Let `message` be the last one to be got: as it has come, or as it is."""
        self._messages.put_nowait(message)

    async def get_msg(self, timeout: float | None = None) -> dict[str, Any]:
        """The next message. Raises Empty where none comes within `timeout` seconds."""
        try:
            message = await asyncio.wait_for(self._messages.get(), timeout)
        except TimeoutError:
            raise Empty from None
        if isinstance(message, dict):
            return message
        _, parts = self._client.session.feed_identities(message)
        received: dict[str, Any] = self._client.session.deserialize(parts)
        return received

    async def heard(self) -> None:
        """Let whoever still waits for messages have them."""
        for _ in range(self._messages.qsize() * _ROUNDS):
            await asyncio.sleep(0)

    def send(self, message: dict[str, Any]) -> None:
        """Send a message to the kernel."""
        self._client.send(message)


class Client:
    """What nbclient takes for the client of a kernel."""

    allow_stdin = False

    def __init__(self, connection: socket.socket) -> None:
        self.session = unsigned()
        self.shell_channel, self.iopub_channel = Channel(self), Channel(self)
        self._connection, self._ended = connection, asyncio.Event()
        self._inbox, self._outbox = wire.Inbox(), bytearray()
        self._written: dict[tuple[str, str], list[str]] = {}
        """Output that is still put together, by the id of its request and its stream."""
        self._loop: asyncio.AbstractEventLoop

    def start_channels(self) -> None:
        """Begin to listen."""
        self._loop = asyncio.get_running_loop()
        self._connection.setblocking(False)
        self._loop.add_reader(self._connection, self._read)

    async def stop_channels(self, seconds: float = 0) -> None:
        """Say that nothing more will come, listen for at most `seconds` to what the kernel still says, and no more."""
        with suppress(OSError):
            self._connection.shutdown(socket.SHUT_WR)
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._ended.wait(), seconds)
            await self.iopub_channel.heard()
        for remove in (self._loop.remove_reader, self._loop.remove_writer):
            remove(self._connection)

    def wait_for_ready(self, timeout: float | None = None) -> None:
        """It is, or will be before it answers the first request."""

    def is_alive(self) -> bool:
        """Whether anything more can come."""
        return not self._ended.is_set()

    def kernel_info(self) -> str:
        """Ask what the kernel is: the id of the message."""
        return self._request("kernel_info_request", {})

    def execute(self, code: str, *, store_history: bool = True, stop_on_error: bool = True) -> str:
        """Have `code` run: the id of the message."""
        content = {
            "code": code,
            "silent": False,
            "store_history": store_history,
            "user_expressions": {},
            "allow_stdin": self.allow_stdin,
            "stop_on_error": stop_on_error,
        }
        return self._request("execute_request", content)

    def send(self, message: dict[str, Any]) -> None:
        """Send `message`, as soon as there is room, without waiting for it."""
        self._loop.call_soon_threadsafe(self._post, wire.framed(self.session.serialize(message)))

    def _request(self, kind: str, content: dict[str, Any]) -> str:
        message = self.session.msg(kind, content)
        self.send(message)
        return str(message["header"]["msg_id"])

    def _post(self, data: bytes) -> None:
        self._outbox += data
        self._loop.add_writer(self._connection, self._write)

    def _write(self) -> None:
        try:
            del self._outbox[: self._connection.send(self._outbox)]
        except BlockingIOError:
            return
        except OSError:
            self._outbox.clear()  # nobody is there: that is read
        if not self._outbox:
            self._loop.remove_writer(self._connection)

    def _read(self) -> None:
        try:
            for channel, *parts in self._inbox.take(self._connection):
                self._hear(channel, parts)
        except BlockingIOError:
            return
        except Exception:  # the end; or no messages of a kernel any more, whatever it is that has its line
            self._hand_on()
            self._ended.set()
            self._loop.remove_reader(self._connection)

    def _hear(self, channel: bytes, parts: list[bytes]) -> None:
        if channel in (b"stdout", b"stderr"):
            self._hear_stream(channel.decode(), *(part.decode() for part in parts))
        else:
            (self.shell_channel if channel == b"shell" else self.iopub_channel).put(parts)

    def _hear_stream(self, name: str, request: str = "", text: str = "") -> None:
        """What a request has written to a stream; or, without text, that the stream was flushed."""
        if not text:
            self._hand_on(name)
            return
        if not self._written:
            self._loop.call_later(_CUT, self._hand_on)
        self._written.setdefault((request, name), []).append(text)

    def _hand_on(self, only: str = "") -> None:
        """Let the output so far be messages."""
        for request, name in list(self._written):
            if not only or name == only:
                content = {"name": name, "text": "".join(self._written.pop((request, name)))}
                message = self.session.msg("stream", content, parent={"msg_id": request})
                self.iopub_channel.put(message | {"buffers": []})


class Manager:
    """What nbclient takes for the manager of a kernel: the process `pid`, at the other end of `connection`."""

    has_kernel = True

    def __init__(self, connection: socket.socket, pid: int) -> None:
        self._connection, self._pid = connection, pid
        self._client: Client | None = None

    def client(self) -> Client:
        """The client of the kernel."""
        self._client = Client(self._connection)
        return self._client

    def interrupt_kernel(self) -> None:
        """Break off the cell that runs, as Ctrl-C does."""
        if self._client is not None and self._client.is_alive():
            with suppress(ProcessLookupError):
                os.killpg(self._pid, signal.SIGINT)

    def close(self, seconds: float) -> None:
        """Give the kernel `seconds` to end; what it says meanwhile is heard."""
        if self._client is not None:
            run_sync(self._client.stop_channels)(seconds)
