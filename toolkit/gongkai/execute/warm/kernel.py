"""ipykernel in a forked child: its own application, kernel, shell and streams, over one connection instead of sockets.

Every output comes about by the code of a fresh kernel. Only what carries messages is ours: nothing listens, and no
thread stands between a cell and its output.
"""

from __future__ import annotations

import asyncio
import codecs
import os
import select
import signal
import socket
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from types import SimpleNamespace
from typing import Any

import zmq
from ipykernel import iostream, ipkernel, kernelapp
from traitlets import Any as AnyTrait
from traitlets import Float

from gongkai.execute.warm import wire
from gongkai.execute.warm.child import take_over
from gongkai.execute.warm.client import unsigned

_PIPE = 1 << 16
"""Bytes that a pipe holds."""
_AT_ONCE = 1 << 15
"""Bytes that are sent whole or not at all, whatever signals come."""


class Line:
    """The connection to whoever drives the kernel, by which any thread sends."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self._lock = threading.RLock()
        _free_after_fork(self._lock)

    def send(self, *parts: bytes | memoryview) -> None:
        """Send a message, whole. That nobody hears it any more is no error of the notebook."""
        message = wire.framed(parts)
        with self._lock, _undisturbed(len(message)), suppress(OSError):
            self.connection.sendall(message)


def _free_after_fork(lock: Any) -> None:
    """A notebook may fork while another of its threads has `lock`, which nobody would ever let go in its child."""
    os.register_at_fork(before=lock.acquire, after_in_parent=lock.release, after_in_child=lock.release)


@contextmanager
def _undisturbed(size: int) -> Iterator[None]:
    """No handler of a signal may break off what is sent in several goes."""
    if size <= _AT_ONCE:
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class Channel:
    """What ipykernel takes for a socket: sends its messages by the line, marked with its name."""

    def __init__(self, line: Line, name: bytes) -> None:
        self._line, self._name = line, name

    def send_multipart(self, parts: Sequence[bytes | memoryview], **_: Any) -> None:
        """Send one message."""
        self._line.send(self._name, *parts)


class Requests(Channel):
    """The channel by which requests come, and replies go."""

    def on_recv(self, callback: Callable[[list[zmq.Frame]], Coroutine[Any, Any, None]], **_: Any) -> None:
        """Have each request answered by `callback`; that no more will come ends the kernel."""
        loop, connection, inbox = asyncio.get_event_loop(), self._line.connection, wire.Inbox()
        under_way = set()

        def read() -> None:
            try:
                messages = inbox.take(connection)
            except EOFError:
                loop.remove_reader(connection)
                loop.stop()
                return
            for parts in messages:
                task = loop.create_task(callback([zmq.Frame(part) for part in parts]))
                under_way.add(task)
                task.add_done_callback(under_way.discard)

        loop.add_reader(connection, read)


class NoThread(iostream.IOPubThread):  # type: ignore[misc]
    """What streams take for the thread that sends their output: there is none, they send it by themselves."""

    def __init__(self, line: Line) -> None:
        self.line, self.thread, self.io_loop = line, None, None

    def schedule(self, f: Callable[[], object]) -> None:
        """Do it now."""
        f()


class OutStream(iostream.OutStream):  # type: ignore[misc]
    """Standard output or error: whatever is written is sent at once.

    Whoever drives the kernel puts it together, until he hears that it was flushed, or for as long as a kernel's clock
    would. What is written to the file descriptor (by C code, by commands) comes by a pipe. It is read in passing, so
    that it has its place; a thread reads it as well, since a cell may wait for whoever writes.
    """

    def flush(self) -> None:
        """Let what was written so far come before whatever comes next."""
        self._flush()
        if self._is_master_process():
            self.pub_thread.line.send(self.name.encode())

    def _setup_stream_redirects(self, name: str) -> None:
        _free_after_fork(self._buffer_lock)
        super()._setup_stream_redirects(name)

    def _watch_pipe_fd(self) -> None:
        poll = select.poll()
        poll.register(self._fid, select.POLLIN)
        while self._should_watch:
            poll.poll()
            self._flush()

    def _schedule_flush(self) -> None:
        self._flush()

    def _flush(self) -> None:
        self._flush_pending = self._subprocess_flush_pending = False
        if not self._is_master_process():  # the notebook has forked
            for _, text in self._flush_buffers():
                os.write(self._original_stdstream_fd, text.encode(errors="backslashreplace"))
            return
        with self._buffer_lock:
            self._send(self.parent_header, self._read_pipe())
            for parent, text in self._flush_buffers():
                self._send(parent, text)

    def _send(self, parent: dict[str, Any], text: str) -> None:
        if text:
            request = parent.get("msg_id", "").encode()
            self.pub_thread.line.send(self.name.encode(), request, text.encode(errors="backslashreplace"))

    def _read_pipe(self) -> str:
        """All that was written to the file descriptor and has not been read: a pipe holds no more."""
        if self._fid is None or not select.select([self._fid], [], [], 0)[0]:
            return ""
        return self._decoder.decode(os.read(self._fid, _PIPE))

    @cached_property
    def _decoder(self) -> codecs.IncrementalDecoder:
        return codecs.getincrementaldecoder("utf-8")("replace")


class IPythonKernel(ipkernel.IPythonKernel):  # type: ignore[misc]
    """ipykernel's kernel without subshells and without a queue of requests to abort: they come one by one."""

    shell_stream = AnyTrait()
    _supports_kernel_subshells = False
    # Before each answer, for outputs that go by another socket; ours cannot be overtaken.
    _execute_sleep = Float(0).tag(config=True)

    def __init__(self, **traits: Any) -> None:
        # It lists the files of all modules for its debugger, and so a child would copy the pages of all modules.
        ipkernel.sys = SimpleNamespace(modules={})
        try:
            super().__init__(**traits)
        finally:
            ipkernel.sys = sys

    def start(self) -> None:
        """Begin to answer."""
        super().start()
        # What asks for it from now on wants to know which thread runs the cells.
        self.shell_channel_thread = SimpleNamespace(parent_thread=threading.main_thread())

    def _abort_queues(self, subshell_id: str | None = None) -> None:
        """There is none."""


class IPKernelApp(kernelapp.IPKernelApp):  # type: ignore[misc]
    """ipykernel's application, with its profile, extensions and start-up code, but without sockets and threads."""

    outstream_class = f"{__name__}.OutStream"
    kernel_class = IPythonKernel
    line: Line

    def init_connection_file(self) -> None:
        """There is nothing to connect to."""

    init_poller = init_heartbeat = write_connection_file = log_connection_info = init_connection_file

    def init_sockets(self) -> None:
        """Everything goes by the line."""
        self.configure_tornado_logger()
        self.iopub_thread = NoThread(self.line)
        self.iopub_socket = Channel(self.line, b"iopub")

    def init_kernel(self) -> None:
        """Create the kernel."""
        self.kernel = kernel = self.kernel_class.instance(
            parent=self,
            session=self.session,
            shell_stream=Requests(self.line, b"shell"),
            iopub_thread=self.iopub_thread,
            iopub_socket=self.iopub_socket,
            log=self.log,
            profile_dir=self.profile_dir,
            user_ns=self.user_ns,
        )
        self.displayhook.get_execution_count = lambda: kernel.execution_count


def serve(arguments: Sequence[str]) -> None:
    """Be the kernel of whoever gave the task, until he hangs up or the notebook exits."""
    sys.argv = [str(kernelapp.__file__).replace("kernelapp", "../ipykernel_launcher"), *arguments]
    # The loop of our parent, if it has one, is not ours.
    asyncio.set_event_loop(asyncio.new_event_loop())
    app = IPKernelApp.instance(session=unsigned())
    app.line = Line(take_over())
    app.initialize(list(arguments))
    app.start()
