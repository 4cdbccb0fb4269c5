"""The handlers: who asks is known before anything is read, and each answer forbids whatever a page does not need."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping
from functools import partial
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import quote, unquote, urlsplit

from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.base.handlers import JupyterHandler
from tornado import web

from gongkai.catalogues import LANGUAGES, say, speaking
from gongkai.decisions import person
from gongkai.errors import GongkaiError, InputError
from gongkai.review import deciding
from gongkai.review.case import Case
from gongkai.review.pages import agency as pages
from gongkai.review.pages import overview, rules
from gongkai.review.pages.links import Links
from gongkai.review.pages.writing import STATIC, TEMPLATES, Around, whole, written
from gongkai.review.people import LONGEST, Reviewer, identified
from gongkai.review.server.identity import ReviewersIdentity, is_hub, reviewer_of
from gongkai.roster import Agency

T = TypeVar("T")

ROOT = "/gongkai/review/"

CODE, NAME = r"([0-9A-Za-z][0-9A-Za-z._-]*)", r"([a-z][a-z.]*)"

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; frame-src 'self'; "
    "connect-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
FRAMED = (
    "sandbox {allowed}; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'"
)
"""Of what is shown in a frame: it is not ours, so nothing of it runs, and it loads nothing."""

HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".pdf": "application/pdf",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".ipynb": "application/x-ipynb+json",
}


class UnknownPersonError(web.HTTPError):
    """Jupyter knows him, the workspace does not."""


class Page(JupyterHandler):
    """What all pages do."""

    @property
    def content_security_policy(self) -> str:
        """What a page may load: its own script and style, and the frames that it shows."""
        return POLICY

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
        if not hasattr(self, "_jupyter_current_user"):
            return
        origin = self.request.headers.get("Origin")
        if origin is not None and origin.lower().partition("://")[2] != self.request.host.lower():
            raise web.HTTPError(403)
        if is_hub(self.identity_provider):
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

    def around(self, who: Reviewer | None, *, notice: str = "", forms: bool = True) -> Around:
        """What is the same on every page; one without `forms` says nothing of what was asked, however ill it was."""
        desk, asked = self.review.desk, self.request.query_arguments if forms else {}
        return Around(
            links=Links(self.root),
            year=desk.plan.year,
            build=desk.build.name,
            head=desk.head,
            who=who,
            token=self.xsrf_token.decode() if forms else "",
            notice=notice,
            fault=str(desk.log_fault) if desk.log_fault else "",
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
            title = say("review.refused" if status_code < 500 else "review.failed")
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


class RunPage(Page):
    """The run."""

    async def get(self) -> None:
        who = self.reviewer
        asked = {name: self.get_query_argument(name) for name in self.request.query_arguments}
        desk = self.review.desk
        self.finish(await self.aside(lambda: overview.overview(desk, self.around(who), asked)))


class AgencyPage(Page):
    """A page of an agency."""

    async def get(self, code: str, tab: str | None = None) -> None:
        who, agency = self.reviewer, self.agency_of(code)
        asked = {name: self.get_query_argument(name) for name in self.request.query_arguments}
        self.finish(await self.aside(lambda: self._written(agency, tab or "", who, asked)))

    def _written(self, agency: Agency, tab: str, who: Reviewer, asked: Mapping[str, str]) -> str:
        desk, jobs = self.review.desk, self.review.jobs
        case, job = desk.case(agency), jobs.last(agency.code)
        around = self.around(who)
        if tab == "progress":
            if job and not job.over:
                self.set_header("Refresh", "2")
            return pages.progress(desk, case, around, job, jobs.ahead(agency.code))
        made: dict[str, Callable[..., str]] = {
            "": partial(pages.report, job=job),
            "years": pages.years,
            "source": pages.source,
            "notebook": pages.notebook,
            "versions": partial(pages.versions_page, asked=asked),
            "history": pages.history,
        }
        return made[tab](desk, case, around)


class RulePage(Page):
    """A rule."""

    async def get(self, code: str) -> None:
        who, desk = self.reviewer, self.review.desk
        page = await self.aside(lambda: rules.rule(desk, self.around(who), code))
        if page is None:
            raise web.HTTPError(404)
        self.finish(page)


class TogetherPage(Page):
    """Pass several reports at once: first they are listed, then passed."""

    async def get(self) -> None:
        who = self.reviewer
        asked = {name: self.get_query_argument(name) for name in self.request.query_arguments}
        self.finish(await self.aside(lambda: overview.confirming(self.review.desk, self.around(who), asked)))

    async def post(self) -> None:
        who, level = self.reviewer, self.get_body_argument("level", "")
        chosen = dict(each.partition(" ")[::2] for each in self.get_body_arguments("agency"))
        try:
            await self.aside(lambda: deciding.pass_together(self.review.desk, level, chosen, by=who.name))
        except GongkaiError as error:
            self.refuse(error)
            return
        self.redirect(self.root, status=HTTPStatus.SEE_OTHER)


class DecisionHandler(Page):
    """A decision on a report."""

    async def post(self, code: str, action: str) -> None:
        who, agency = self.reviewer, self.agency_of(code)
        try:
            await self.aside(lambda: self._decide(agency, action, who.name))
        except GongkaiError as error:
            self.refuse(error)
            return
        tab = (
            "history"
            if action == "undo"
            else "progress"
            if self.review.jobs.last(code) and self._reruns(action)
            else ""
        )
        self.redirect(Links(self.root).agency(code, tab), status=HTTPStatus.SEE_OTHER)

    @staticmethod
    def _reruns(action: str) -> bool:
        return action in ("waive", "confirm", "withdraw", "rerun")

    def _decide(self, agency: Agency, action: str, by: str) -> None:
        desk, given = self.review.desk, partial(self.get_body_argument, default="")
        seen, reason = given("seen"), given("reason")
        number, kind = given("number"), given("kind")
        decide: dict[str, Callable[[], object]] = {
            "pass": lambda: deciding.pass_report(desk, agency, seen, by=by),
            "return": lambda: deciding.give_back(desk, agency, seen, reason, by=by),
            "comment": lambda: deciding.comment(desk, agency, given("text"), place=given("place"), by=by),
            "resolve": lambda: deciding.resolve(desk, agency, seen, self._doubt(agency), reason, by=by),
            "undo": lambda: deciding.undo(desk, agency, whole(number), reason, by=by),
            "waive": lambda: deciding.waive(desk, agency, seen, given("finding"), kind, reason, by=by),
            "confirm": lambda: deciding.confirm(desk, agency, seen, given("finding"), reason, by=by),
            "withdraw": lambda: deciding.withdraw(desk, agency, seen, given("finding"), reason, by=by),
            "rerun": lambda: deciding.require(desk, "correct", by=by),
        }
        decide[action]()
        if self._reruns(action):
            self.review.jobs.ask(agency.code, by)

    def _doubt(self, agency: Agency) -> str:
        return pages.doubt_of(self.review.desk.case(agency), self.get_body_argument("doubt", ""))


class CorrectHandler(Page):
    """A corrected input: it takes the place of the one that was there, and the report is made anew."""

    async def post(self, code: str) -> None:
        from gongkai.review.correcting import correct

        who, agency = self.reviewer, self.agency_of(code)
        files = self.request.files.get("file", [])
        name, data = (files[0].filename, files[0].body) if files else ("", b"")
        seen = self.get_body_argument("seen", "")
        try:
            await self.aside(lambda: correct(self.review.desk, agency, seen, name, data, by=who.name))
        except GongkaiError as error:
            self.refuse(error)
            return
        self.review.jobs.ask(code, who.name)
        self.redirect(Links(self.root).agency(code, "progress"), status=HTTPStatus.SEE_OTHER)


class FileHandler(Page):
    """A file of a report, the very bytes: a page in a frame in which nothing runs, all else to be kept."""

    async def get(self, code: str, name: str) -> None:
        _, agency = self.reviewer, self.agency_of(code)
        data = await self.aside(lambda: self._bytes(self.review.desk.case(agency), name))
        if data is None:
            raise web.HTTPError(404)
        ending = f".{name.rpartition('.')[2]}"
        self.set_header("Content-Type", TYPES.get(ending, "application/octet-stream"))
        if ending == ".html":
            self.set_header("Content-Security-Policy", FRAMED.format(allowed="allow-same-origin"))
        else:
            self.attach(f"{code}-{name}")
        self.finish(data)

    def attach(self, name: str) -> None:
        """To be kept, by this name."""
        self.set_header("Content-Disposition", f"attachment; filename*=UTF-8''{quote(name)}")
        self.set_header("Content-Security-Policy", FRAMED.format(allowed=""))

    @staticmethod
    def _bytes(case: Case, name: str) -> bytes | None:
        """What the manifest of the version names so; nothing that is not as it was made, or lies elsewhere."""
        if case.report is None or name not in case.report.manifest["files"]:
            return None
        path = case.report.folder / name
        if path.resolve() != path:  # the build folder is resolved: something below it leads elsewhere
            return None
        try:
            data = path.read_bytes()
        except OSError:
            return None
        return data if hashlib.sha256(data).hexdigest() == case.report.manifest["files"][name]["sha256"] else None


class NotebookHandler(FileHandler):
    """The executed notebook as a page; its outputs are whatever somebody's code has written."""

    async def get(self, code: str) -> None:  # type: ignore[override]
        from gongkai.export import notebook_page

        _, agency = self.reviewer, self.agency_of(code)
        data = await self.aside(lambda: self._bytes(self.review.desk.case(agency), "report.ipynb"))
        if data is None:
            raise web.HTTPError(404)
        page = await self.aside(lambda: notebook_page(data.decode(), title=agency.agency))
        self.set_header("Content-Security-Policy", FRAMED.format(allowed=""))
        self.finish(page)


class SendHandler(FileHandler):
    """What goes back to the agency: its workbook with marks, or the list of what to mend."""

    async def get(self, code: str, what: str) -> None:
        from gongkai.review.sending import listed, marked

        _, agency = self.reviewer, self.agency_of(code)
        make = {"workbook": marked, "list": listed}[what]
        try:
            name, data = await self.aside(lambda: make(self.review.desk, self.review.desk.case(agency)))
        except GongkaiError as error:
            self.refuse(error)
            return
        self.set_header("Content-Type", TYPES.get(f".{name.rpartition('.')[2]}", "application/octet-stream"))
        self.attach(name)
        self.finish(data)


class LoginHandler(Page):
    """Ask who it is."""

    @allow_unauthenticated
    def get(self) -> None:
        self._ask("")

    @allow_unauthenticated
    async def post(self) -> None:
        provider = self.identity_provider
        if not isinstance(provider, ReviewersIdentity):
            raise web.HTTPError(404)
        name = self.get_body_argument("name", "")[:LONGEST]
        secret = self.get_body_argument("secret", "", strip=False)
        if wait := provider.throttle.wait(person(name)):
            self.set_status(429)
            with speaking(self.spoken()):
                self._ask(say("review.wait", seconds=round(wait) + 1), name)
            return
        provider.throttle.wrong(person(name))  # counted before it is known: many tries at once wait like many in a row
        found = await self.aside(lambda: identified(self.review.desk.plan.workspace, name, secret))
        if found is None:
            self.set_status(403)
            with speaking(self.spoken()):
                self._ask(say("review.wrong"), name)
            return
        provider.throttle.right(person(name))
        provider.open_session(self, found)
        self.redirect(self._next(), status=HTTPStatus.SEE_OTHER)

    def _ask(self, wrong: str, name: str = "") -> None:
        if not isinstance(self.identity_provider, ReviewersIdentity):
            raise web.HTTPError(404)
        with speaking(self.spoken()):
            page = written("login.html.j2", self.around(None), wrong=wrong, name=name, next=self._next())
        self.finish(page)

    def _next(self) -> str:
        """Where he wanted to go, if that is one of our pages."""
        wanted = self.get_argument("next", "")
        try:
            parts = urlsplit(wanted)
        except ValueError:
            return self.root
        ours = not parts.scheme and not parts.netloc and parts.path.startswith(self.root) and wanted.isprintable()
        path = unquote(parts.path)
        return wanted if ours and not any(each in path for each in ("//", "\\", "..")) else self.root


class LogoutHandler(Page):
    """Good-bye."""

    def post(self) -> None:
        if isinstance(self.identity_provider, ReviewersIdentity):
            self.identity_provider.close_session(self)
            self.redirect(f"{self.root}login", status=HTTPStatus.SEE_OTHER)
        else:
            self.redirect(f"{self.base_url}logout", status=HTTPStatus.SEE_OTHER)


class StaticHandler(Page):
    """Our own script and style; nothing of anybody's."""

    @allow_unauthenticated
    def get(self, name: str) -> None:
        if name not in STATIC:
            raise web.HTTPError(404)
        kind = "text/css" if name.endswith(".css") else "text/javascript"
        self.set_header("Content-Type", f"{kind}; charset=utf-8")
        self.set_header("Cache-Control", "private, max-age=300")
        self.finish((TEMPLATES / name).read_bytes())


class NothingHandler(Page):
    """There is nothing here."""

    @allow_unauthenticated
    def get(self) -> None:
        raise web.HTTPError(404)


def handlers() -> list[tuple[str, type[Page]]]:
    """The pages, by the patterns of their paths."""
    agency = f"{ROOT}agency/{CODE}/"
    decisions = "(pass|return|comment|resolve|undo|waive|confirm|withdraw|rerun)"
    tabs = "(?:(years|source|notebook|versions|history|progress)/)?"
    return [
        (f"{ROOT}?", RunPage),
        (f"{ROOT}login", LoginHandler),
        (f"{ROOT}logout", LogoutHandler),
        (f"{ROOT}pass/", TogetherPage),
        (f"{ROOT}rules/([A-Z0-9-]+)/", RulePage),
        (f"{ROOT}static/{NAME}", StaticHandler),
        (agency + decisions, DecisionHandler),
        (f"{agency}correct", CorrectHandler),
        (f"{agency}files/{NAME}", FileHandler),
        (f"{agency}notebook.html", NotebookHandler),
        (f"{agency}send/(workbook|list)", SendHandler),
        (agency + tabs, AgencyPage),
        (f"{ROOT}.*", NothingHandler),
    ]
