"""The handlers: pages, decisions and corrected inputs, and the paths of all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from http import HTTPStatus

from jupyter_server.auth.decorator import allow_unauthenticated
from tornado import web

from gongkai.errors import GongkaiError
from gongkai.review import deciding
from gongkai.review.pages import agency as pages
from gongkai.review.pages import overview, rules
from gongkai.review.pages.links import Links
from gongkai.review.pages.writing import whole
from gongkai.review.people import Reviewer
from gongkai.review.server.files import FileHandler, NotebookHandler, SendHandler, StaticHandler
from gongkai.review.server.login import LoginHandler, LogoutHandler
from gongkai.review.server.page import ROOT, Page
from gongkai.roster import Agency

CODE, NAME = r"([0-9A-Za-z][0-9A-Za-z._-]*)", r"([a-z][a-z.]*)"

RERUN = ("waive", "confirm", "withdraw", "rerun")
"""After these the report is made anew."""

LEADS_TO = {"undo": "history", **dict.fromkeys(RERUN, "progress")}
"""The page that an action leads to, where it is not that of the report."""


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
        tab = LEADS_TO.get(action, "")
        self.redirect(Links(self.root).agency(code, tab), status=HTTPStatus.SEE_OTHER)

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
        if action in RERUN:
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
