"""The extension, and the server by which ``gongkai review`` has it: nothing of Jupyter's own answers there."""

from __future__ import annotations

import os
import secrets
import signal
import socket
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

from jupyter_server.extension.application import ExtensionApp
from jupyter_server.serverapp import ServerApp
from jupyter_server.services.contents.manager import ContentsManager
from traitlets import Unicode

from gongkai.catalogues import language
from gongkai.errors import UsageError
from gongkai.review.desk import Desk
from gongkai.review.jobs import Jobs
from gongkai.review.server.handlers import NothingHandler, handlers
from gongkai.review.server.identity import PagesOnly, ReviewersIdentity, is_hub
from gongkai.review.server.page import ROOT

LARGEST = 32 * 2**20
"""Bytes of a request: an agency's workbook has some hundred thousand."""


class Review:
    """What the handlers share: the desk, the jobs, and the language that pages have unless one asks for another."""

    def __init__(self, build: Path) -> None:
        self.desk = Desk(build)
        self.jobs = Jobs(lambda: self.desk.plan.run_file)
        self.language = language()


class _NoContents(ContentsManager):
    """No files but those that the pages give."""

    def get_extra_handlers(self) -> list[Any]:
        return []


class _Server(ServerApp):
    """A Jupyter Server without its services, its settings and the notes that it leaves of itself."""

    default_services = ()  # type: ignore[assignment]
    load_other_extensions = False

    def load_config_file(self, suppress_errors: bool = True) -> None:
        """None: what opens other servers to others must not open this one."""

    def write_server_info_file(self) -> None:
        """None."""

    def init_signal(self) -> None:
        """End at once when asked to: no kernel runs here that anybody could want to keep."""
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, lambda *_: self.stop(from_signal=True))


class ReviewApp(ExtensionApp):
    """Jupyter Server extension ``gongkai.review``: the pages of the build folder `build`."""

    name = "gongkai_review"
    extension_url = ROOT
    load_other_extensions = False
    open_browser = False
    serverapp_class = _Server

    when_ready: ClassVar[staticmethod[[str], None] | None] = None
    """Called with the address of the pages as soon as they can be opened."""

    build = Unicode("", help="The build folder whose reports are reviewed.").tag(config=True)

    @classmethod
    def get_extension_package(cls) -> str:
        """The package that Jupyter enables."""
        return "gongkai.review"

    def initialize_settings(self) -> None:
        """Open the desk. Raises UsageError where the build folder was never run."""
        self.settings["gongkai_review"] = Review(Path(self.build))

    def initialize_handlers(self) -> None:
        """The pages; in our own server nothing else, but for what a Hub needs to say who somebody is."""
        self.handlers.extend(handlers())
        if isinstance(self.serverapp, _Server):
            needed = r"(?!(?:logout|oauth_callback)$)" if is_hub(self.serverapp.identity_provider) else ""
            self.handlers.append((f"/{needed}.+", NothingHandler))

    async def _start_jupyter_server_extension(self, serverapp: ServerApp) -> None:
        """Say that the pages can be opened."""
        if self.when_ready is not None:
            self.when_ready(f"{serverapp.connection_url.rstrip('/')}{ROOT}")

    async def stop_extension(self) -> None:
        """Let the run that is under way come to its end."""
        self.settings["gongkai_review"].jobs.close()


def serve(build: Path, *, port: int, browser: bool, when_ready: Callable[[str], None]) -> None:
    """Serve the pages of `build` until interrupted: on loopback, or where a JupyterHub has its service.

    Raises what `Desk` raises, and UsageError for a port that cannot be had, before anything of Jupyter's starts.
    """
    Desk(build)
    _check(port)
    hub = _of_hub() if os.environ.get("JUPYTERHUB_SERVICE_URL") else {}
    given: dict[str, Any] = {
        "ip": "127.0.0.1",
        "port": port,
        "port_retries": 0,
        "allow_root": True,
        "open_browser": browser,
        "use_redirect_file": False,
        "no_browser_open_file": True,
        "default_url": ROOT,
        "identity_provider_class": ReviewersIdentity,
        "authorizer_class": PagesOnly,
        "contents_manager_class": _NoContents,
        "cookie_secret": secrets.token_bytes(32),
        "max_body_size": LARGEST,
        "max_buffer_size": 2 * LARGEST,
        "log_level": "WARN",
        **hub,
    }
    ReviewApp.when_ready = staticmethod(when_ready)
    server = ReviewApp.initialize_server(  # type: ignore[no-untyped-call]
        argv=[f"--ReviewApp.build={build}"], **given
    )
    server.start()


def _check(port: int) -> None:
    """Raise UsageError where nobody can listen at `port`."""
    try:
        with socket.socket() as there:
            there.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            there.bind(("127.0.0.1", port))
    except (OSError, OverflowError) as error:
        raise UsageError("port_taken", port=port) from error


def _of_hub() -> Mapping[str, Any]:
    from jupyterhub.singleuser.extension import JupyterHubIdentityProvider

    url = urlsplit(os.environ["JUPYTERHUB_SERVICE_URL"])
    return {
        "ip": url.hostname or "127.0.0.1",
        "port": url.port or 80,
        "base_url": os.environ.get("JUPYTERHUB_SERVICE_PREFIX", "/"),
        "identity_provider_class": JupyterHubIdentityProvider,
        "allow_remote_access": True,
        "trust_xheaders": True,
        "open_browser": False,
    }
