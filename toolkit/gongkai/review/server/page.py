"""What all pages do: who asks is known before anything is read, and each answer forbids what a page does not need."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypeVar

from jupyter_server.base.handlers import JupyterHandler
from tornado import web

from gongkai.catalogues import LANGUAGES, say, speaking
from gongkai.errors import GongkaiError, InputError
from gongkai.review import deciding
from gongkai.review.pages.links import Links
from gongkai.review.pages.writing import Around, written
from gongkai.review.people import Reviewer
from gongkai.review.server.identity import hub_host, is_hub, reviewer_of
from gongkai.roster import Agency

T = TypeVar("T")

ROOT = "/gongkai/review/"

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; frame-src 'self'; "
    "connect-src 'none'; form-action {forms}; base-uri 'none'; frame-ancestors 'none'"
)
"""What a page may load: its own script and style, and the frames that it shows."""

HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class UnknownPersonError(web.HTTPError):
    """Jupyter knows him, the workspace does not."""


class Page(JupyterHandler):
    """What all pages do."""

    @property
    def content_security_policy(self) -> str:
        """What a page may load: its own script and style, and the frames that it shows."""
        return POLICY.format(forms=f"'self' {hub_host(self.identity_provider)}".rstrip())  # the Hub has its logout

    def set_default_headers(self) -> None:
        """Those of a page that nobody else may frame, keep or read."""
        super().set_default_headers()
        for name, value in HEADERS.items():
            self.set_header(name, value)

    def set_cors_headers(self) -> None:
        """None: no other site reads a page, whatever Jupyter allows."""

    @property
    def review(self) -> Any:
        """What the handlers share."""
        return self.settings["gongkai_review"]

    async def prepare(self) -> None:  # type: ignore[override]
        """Ask who it is; a foreign site asks for nothing here, whatever token it has come by."""
        site = self.request.headers.get("Sec-Fetch-Site", "same-origin")
        if self.request.method not in ("GET", "HEAD") and site not in ("same-origin", "none"):
            raise web.HTTPError(403)
        await super().prepare()
        method = getattr(self, (self.request.method or "").lower(), None)
        if self.current_user is None and not getattr(method, "__allow_unauthenticated", False) and not self._finished:
            if self.request.method not in ("GET", "HEAD"):
                raise web.HTTPError(403)
            web.authenticated(lambda _: None)(self)  # to the login, and back from there

    def check_xsrf_cookie(self) -> None:
        """As Jupyter does it, but for whoever comes with a token: forms come from our pages."""
        hub = is_hub(self.identity_provider)
        if not hub and not hasattr(self, "_jupyter_current_user"):
            return  # under a Hub it is asked before as well: no cookie counts in what another page there fetches
        origin = self.request.headers.get("Origin")
        if origin is not None and origin.lower().partition("://")[2] != self.request.host.lower():
            raise web.HTTPError(403)
        if hub:
            super().check_xsrf_cookie()
        else:
            web.RequestHandler.check_xsrf_cookie(self)

    def get_login_url(self) -> str:
        """Our own login, but under a Hub, which has its own."""
        if is_hub(self.identity_provider):
            url: str = super().get_login_url()
            return url
        return f"{self.base_url.rstrip('/')}{ROOT}login"

    @property
    def reviewer(self) -> Reviewer:
        """Who asks. Raises 403 for whoever is nobody that the workspace knows."""
        found = reviewer_of(self)
        if found is None:
            raise UnknownPersonError(403)
        return found

    @property
    def root(self) -> str:
        """Where the pages begin."""
        return f"{self.base_url.rstrip('/')}{ROOT}"

    def around(self, who: Reviewer | None, *, forms: bool = True) -> Around:
        """What is the same on every page; one without `forms` says nothing of what was asked, however ill it was."""
        desk, asked = self.review.desk, self.request.query_arguments if forms else {}
        return Around(
            links=Links(self.root),
            year=desk.plan.year,
            build=desk.build.name,
            head=desk.head,
            who=who,
            token=self.xsrf_token.decode() if forms else "",
            fault=str(desk.log_fault) if who and desk.log_fault else "",
            here={name: self.get_query_argument(name) for name in asked if name != "lang"},
        )

    def spoken(self) -> str:
        """The language that was asked for, now or before."""
        asked = self.request.query_arguments.get("lang", [b""])[-1].decode(errors="replace")
        if asked in LANGUAGES:
            self.set_cookie("gongkai-lang", asked, path=self.base_url, samesite="Lax", httponly=True)
            return asked
        kept = self.get_cookie("gongkai-lang") or ""
        return kept if kept in LANGUAGES else str(self.review.language)

    async def aside(self, work: Callable[[], T]) -> T:
        """What takes a while, while other pages are answered; the desk is looked at anew before."""

        def done() -> T:
            with speaking(self.spoken_language), self.review.desk.lock:
                self.review.desk.refresh()
                return work()

        self.spoken_language = self.spoken()
        return await asyncio.to_thread(done)

    def agency_of(self, code: str) -> Agency:
        """The agency of that code. Raises 404 where the roster has none."""
        found: Agency | None = self.review.desk.agency(code)
        if found is None:
            raise web.HTTPError(404)
        return found

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """A page that says what went wrong and what to do, and nothing of how we work."""
        error = (kwargs.get("exc_info") or (None, None))[1]
        with speaking(self.spoken()):
            if isinstance(error, GongkaiError):
                message = str(error)
            elif isinstance(error, UnknownPersonError):
                user = getattr(self.current_user, "username", "")
                message = say("review.not_registered", name=user)
            else:
                message = say(f"review.http.{status_code if status_code in (400, 403, 404, 405, 413) else 500}")
            asking = self.request.method in ("GET", "HEAD") and status_code < 500
            title = say("review.not_there" if asking else "review.refused" if status_code < 500 else "review.failed")
            around = self.around(None, forms=False)
            self.set_header("Content-Type", "text/html; charset=utf-8")
            self.finish(written("error.html.j2", around, title=title, message=message, back=self._back()))

    def _back(self) -> str:
        parts = self.request.path.removeprefix(self.root).split("/")
        known = len(parts) > 1 and parts[0] == "agency" and self.review.desk.agency(parts[1])
        return Links(self.root).agency(parts[1]) if known else ""

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """What a person was refused is no failure of ours."""
        if not isinstance(value, deciding.RefusedError | web.HTTPError):
            super().log_exception(typ, value, tb)

    def refuse(self, error: GongkaiError) -> None:
        """Answer with what is wrong."""
        self.set_status(getattr(error, "status", HTTPStatus.CONFLICT if isinstance(error, InputError) else 422))
        self.write_error(self.get_status(), exc_info=(type(error), error, None))
