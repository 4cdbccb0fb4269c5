"""Files of reports, what is made of them, and our own: the very bytes, and nothing of them that could run."""

from __future__ import annotations

import hashlib
from urllib.parse import quote

from jupyter_server.auth.decorator import allow_unauthenticated
from tornado import web

from gongkai.errors import GongkaiError
from gongkai.review.case import Case
from gongkai.review.pages.writing import STATIC, TEMPLATES
from gongkai.review.server.page import Page

FRAMED = (
    "sandbox {allowed}; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'"
)
"""Of what is shown in a frame: it is not ours, so nothing of it runs, and it loads nothing."""

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".pdf": "application/pdf",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".ipynb": "application/x-ipynb+json",
}


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


class StaticHandler(Page):
    """Our own script and style; nothing of anybody's."""

    @allow_unauthenticated
    def get(self, name: str) -> None:
        if name not in STATIC:
            raise web.HTTPError(404)
        self.set_header("Content-Type", f"{STATIC[name]}; charset=utf-8")
        self.set_header("Cache-Control", "private, max-age=300")
        self.finish((TEMPLATES / name).read_bytes())
