"""Who asks: outside a JupyterHub whoever has logged in with the secret of a reviewer, under one whom the Hub names.

A token is no person, neither Jupyter's own nor one of the Hub's: who comes by it sees no page.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from typing import Any

from jupyter_server.auth import Authorizer, IdentityProvider, User
from jupyter_server.base.handlers import AuthenticatedHandler
from tornado import web

from gongkai.decisions import person
from gongkai.review.people import Reviewer, read_people
from gongkai.review.server.throttle import Throttle

COOKIE = "gongkai-review-{port}"
"""A browser keeps cookies by host, and two counties may be reviewed on one machine."""

LASTS = 12 * 3600
"""Seconds that a login lasts: a day at the office."""


@dataclass(frozen=True, slots=True)
class _Session:
    name: str
    mark: str
    """The hash of the secret that it was opened with: with another secret it is at an end."""
    until: float


class ReviewersIdentity(IdentityProvider):
    """Identities out of the workspace's file of reviewers. Sessions live in the server and end with it."""

    token = ""
    login_handler_class = None
    logout_handler_class = None

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self._sessions: dict[str, _Session] = {}
        self.throttle = Throttle()

    @property
    def _cookie(self) -> str:
        return COOKIE.format(port=getattr(self.parent, "port", ""))

    def get_user(self, handler: web.RequestHandler) -> User | None:
        """Who has logged in with the cookie that the request bears; nothing else says who somebody is."""
        session = self._sessions.get(handler.get_cookie(self._cookie) or "")
        if session is None or session.until < time.monotonic():
            return None
        people = read_people(handler.settings["gongkai_review"].desk.plan.workspace)
        if any(each.name == session.name and each.secret == session.mark for each in people):
            return User(session.name)
        return None

    def get_handlers(self) -> list[tuple[str, object]]:
        """None: the pages have their own login."""
        return []

    def open_session(self, handler: AuthenticatedHandler, reviewer: Reviewer) -> None:
        """From here on whoever bears the cookie is `reviewer`."""
        now = time.monotonic()
        self._sessions = {name: each for name, each in self._sessions.items() if each.until > now}
        name = secrets.token_urlsafe(32)
        self._sessions[name] = _Session(reviewer.name, reviewer.secret, now + LASTS)
        secure = handler.request.protocol == "https"
        handler.set_cookie(self._cookie, name, path=handler.base_url, httponly=True, samesite="Lax", secure=secure)

    def close_session(self, handler: AuthenticatedHandler) -> None:
        """The cookie that the request bears is nobody's any more."""
        self._sessions.pop(handler.get_cookie(self._cookie) or "", None)
        handler.clear_cookie(self._cookie, path=handler.base_url)

    def validate_security(self, app: Any, ssl_options: dict[str, Any] | None = None) -> None:
        """Nothing to warn of: there is no page without a person."""

    @property
    def login_available(self) -> bool:
        """Jupyter's own login page is not ours."""
        return False


class PagesOnly(Authorizer):
    """Nobody may use anything of Jupyter's own: these pages ask by themselves who may do what."""

    def is_authorized(self, handler: web.RequestHandler, user: User, action: str, resource: str) -> bool:  # noqa: ARG002
        """No."""
        return False


def reviewer_of(handler: AuthenticatedHandler) -> Reviewer | None:
    """The reviewer who asks; None where it is nobody whom the workspace knows."""
    user, provider = handler.current_user, handler.identity_provider
    if user is None:
        return None
    people = read_people(handler.settings["gongkai_review"].desk.plan.workspace)
    if isinstance(provider, ReviewersIdentity):
        return next((each for each in people if person(each.name) == person(user.username)), None)
    if is_hub(provider) and not handler.token_authenticated:  # a service of the Hub may have the name of a person
        return next((each for each in people if each.hub and each.hub == user.username), None)
    return None


def is_hub(provider: IdentityProvider) -> bool:
    """Whether identities come from a JupyterHub: by the class itself, since the package need not be here."""
    return any(
        (each.__module__, each.__name__) == ("jupyterhub.singleuser.extension", "JupyterHubIdentityProvider")
        for each in type(provider).__mro__
    )


def hub_host(provider: IdentityProvider) -> str:
    """The origin of the JupyterHub, where it is not that of the pages; "" where there is none."""
    return str(getattr(provider, "hub_auth").hub_host) if is_hub(provider) else ""  # noqa: B009
