"""Login and logout."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import unquote, urlsplit

from jupyter_server.auth.decorator import allow_unauthenticated
from tornado import web

from gongkai.catalogues import say, speaking
from gongkai.decisions import person
from gongkai.review.pages.writing import written
from gongkai.review.people import LONGEST, identified
from gongkai.review.server.identity import ReviewersIdentity
from gongkai.review.server.page import Page


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
