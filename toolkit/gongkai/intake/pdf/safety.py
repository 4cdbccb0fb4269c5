"""Refuses PDFs that would keep pdfium busy or fill the memory before it loads a page: intake's own door to pikepdf.

pdfium runs the programs of a page and of all forms that it draws, and each form may draw the next one twice; it knows
no limit of time. How much there is to run can be told without running it.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from gongkai.errors import InputError
from gongkai.intake.interface import Document

MAX_PAGES = 200
"""More than any report has; also those of provinces have some 30."""
MAX_STREAM, MAX_STREAMS = 24 * 2**20, 96 * 2**20
"""Bytes of a part of the file when unpacked, and of all; a Chinese font has some 15 MiB, a page less than one."""
MAX_LISTED = 2 * 2**20
"""Bytes of a part that holds other parts, or that maps codes to characters; a part of 100 objects has some 20 KiB."""
MAX_PLAIN = 4 * 2**20
"""Bytes of all that is not in such parts; a tagged report of thirty pages has some 2 MiB."""
SMALL = 1024
"""Bytes of a part that is too small, packed, to be worth a look."""
MAX_PARTS = 100_000
"""Objects of the file, and forms met on all pages together."""
MAX_PROGRAM = 16 * 2**20
"""Bytes of program that all pages run, forms as often as they are drawn; a page of a report has some 50 KiB, one whose
borders are drawn dot by dot some 4 MiB."""
CALL, DRAWING, SAVE = 100, 250, 16
"""As how many bytes count the call of a form, drawing a text or a path, and saving the state of a page."""
DEEPEST = 40
"""How deep forms may be nested in forms; pdfium follows them no deeper."""

_NAMED_CALL = re.compile(rb"/([^\s\0/\[\]()<>{}%]+)[\s\0]+Do(?![^\s\0/\[\]()<>{}%])")
_CALL = re.compile(rb"(?<![^\s\0/\[\]()<>{}%])Do(?![^\s\0/\[\]()<>{}%])")
_DRAWING = re.compile(rb"""(?<![^\s\0/\[\]()<>{}%])(?:T[jJ]|['"]|[fFsSbB]\*?)(?![^\s\0/\[\]()<>{}%])""")
_LONG_LIST = re.compile(rb"\[[^\[\]<>()]{200000}")
_MAPPING = re.compile(rb"begin(?:bf|cid)(?:char|range)")
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")


def refuse_dangerous(document: Document) -> None:
    """Refuse a PDF that unpacks to, or runs, far more than any report. Raises InputError.

    What qpdf cannot open is refused as well: pdfium could see in it what was not measured.
    """
    content = document.content
    if content.count(b"stream") > 2 * MAX_PARTS or content.count(b" obj") > MAX_PARTS or _LONG_LIST.search(content):
        raise _too_complex(document)
    if sum(len(each.partition(b"stream")[0]) for each in content.split(b"endstream")) > MAX_PLAIN:
        raise _too_complex(document)
    import pikepdf

    with _limited():
        try:
            with pikepdf.open(io.BytesIO(content)) as pdf:
                _Measure(document, pdf).refuse()
                if any(_of_limit(warning) for warning in pdf.get_warnings()):
                    raise _too_complex(document)
        except pikepdf.PasswordError as error:
            raise InputError("encrypted_pdf", file=document.name) from error
        except pikepdf.PdfError as error:
            raise (
                _too_complex(document) if _of_limit(error) else InputError("broken_pdf", file=document.name)
            ) from error


def _too_complex(document: Document) -> InputError:
    return InputError("pdf_unfolds", file=document.name, limit=MAX_PROGRAM // 2**20)


def _of_limit(error: Exception | str) -> bool:
    return "limit" in str(error)


@contextmanager
def _limited() -> Iterator[None]:
    """What qpdf unpacks is limited meanwhile, at first to what it needs to find the objects of the file."""
    from pikepdf import settings

    before = settings.set_qpdf_limits(flate_max_memory=MAX_LISTED, parser_max_container_size=MAX_PARTS)
    try:
        yield
    finally:
        settings.set_qpdf_limits(**before)


class _Measure:
    """How much a file unpacks to and its pages run."""

    def __init__(self, document: Document, pdf: Any) -> None:
        import pikepdf

        self.document, self.pdf = document, pdf
        self._kinds: Any = pikepdf
        self._programs: dict[Any, tuple[int, Counter[str], int]] = {}
        self._unpacked = 0
        self._met = 0

    def refuse(self) -> None:
        """Raises InputError where it is more than any report has."""
        self._count_pages()
        streams = [each for each in self.pdf.objects if isinstance(each, self._kinds.Stream)]
        self._kinds.settings.set_qpdf_limits(flate_max_memory=MAX_STREAM)
        for each in streams:
            if each.get("/Subtype") != "/Image" and len(each.read_raw_bytes()) > SMALL:
                try:
                    unpacked = self._unpack(each)
                except self._kinds.PdfError as error:
                    if _of_limit(error):
                        raise
                else:
                    if len(unpacked) > MAX_LISTED and _MAPPING.search(unpacked):
                        raise _too_complex(self.document)
        total = 0
        for page in self.pdf.pages:
            forms = _forms(page.resources)
            contents = page.obj.get("/Contents")
            parts = contents if isinstance(contents, self._kinds.Array) else [contents]
            measured: dict[Any, int] = {}
            for part in (each for each in parts if isinstance(each, self._kinds.Stream)):
                total += self._run(part, forms, forms, measured, 0)
                if total > MAX_PROGRAM:
                    raise _too_complex(self.document)

    def _count_pages(self) -> None:
        """Refuse too many pages; qpdf's own list makes a page of each that is there twice."""
        waiting, met = [self.pdf.Root.get("/Pages")], 0
        while waiting:
            kids = node.get("/Kids") if isinstance(node := waiting.pop(), self._kinds.Dictionary) else None
            if kids is not None:
                met += len(kids)
                if met > 2 * MAX_PAGES:
                    raise InputError("too_many_pages", file=self.document.name, limit=MAX_PAGES)
                waiting.extend(kids)

    def _unpack(self, stream: Any) -> bytes:
        unpacked: bytes = stream.read_bytes()
        self._unpacked += len(unpacked)
        if self._unpacked > MAX_STREAMS:
            raise _too_complex(self.document)
        return unpacked

    def _run(self, stream: Any, forms: Any, of_page: Any, measured: dict[Any, int], depth: int) -> int:
        """How much a program runs, with the `forms` that it can name, or else the page can."""
        key = stream.objgen
        if key in measured:
            return measured[key]
        self._met += 1
        if depth > DEEPEST or self._met > MAX_PARTS:
            raise _too_complex(self.document)
        # A form that draws itself runs without end.
        measured[key] = MAX_PROGRAM + 1
        size, named, unnamed = self._program(stream)
        sizes = {name: self._form(name, forms, of_page, measured, depth + 1) for name in named}
        size += sum(count * (CALL + sizes[name]) for name, count in named.items())
        if unnamed:
            every = [self._form(name, forms, of_page, measured, depth + 1) for name in {**of_page, **forms}]
            size += unnamed * max(every, default=0)
        measured[key] = size
        return size

    def _form(self, name: str, forms: Any, of_page: Any, measured: dict[Any, int], depth: int) -> int:
        form = forms.get(name, of_page.get(name))
        if not isinstance(form, self._kinds.Stream) or form.get("/Subtype") == "/Image":
            return 0
        return self._run(form, _forms(form.get("/Resources")) or forms, of_page, measured, depth)

    def _program(self, stream: Any) -> tuple[int, Counter[str], int]:
        """The size of a program, the forms that it calls by name, and how often it calls one that is not told."""
        key = stream.objgen
        if key not in self._programs:
            try:
                program = self._unpack(stream)
            except self._kinds.PdfError as error:
                if _of_limit(error):
                    raise
                # What cannot be looked at may be anything.
                raise InputError("broken_pdf", file=self.document.name) from error
            if len(program) > MAX_PROGRAM:
                # It need not be looked at: run once it is too much.
                raise _too_complex(self.document)
            named = Counter(_ESCAPED.sub(_unescaped, name) for name in _NAMED_CALL.findall(program))
            unnamed = len(_CALL.findall(program)) - named.total()
            size = len(program) + SAVE * program.count(b"q") + DRAWING * len(_DRAWING.findall(program))
            names = Counter({"/" + name.decode("utf-8", "replace"): count for name, count in named.items()})
            self._programs[key] = size, names, unnamed
        return self._programs[key]


def _unescaped(found: re.Match[bytes]) -> bytes:
    return bytes([int(found[1], 16)])


def _forms(resources: Any) -> dict[str, Any]:
    return dict(resources.get("/XObject", {}).items()) if resources is not None else {}
