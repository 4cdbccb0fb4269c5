"""The one door to typst: a template with data and pictures goes in, a PDF or a PNG comes out.

Never typeset in a process that will fork: after one compile in the parent, every forked child hangs in its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from gongkai.errors import InternalError
from gongkai.export.blocks import Picture
from gongkai.fonts import folders

if TYPE_CHECKING:
    import typst

TEMPLATES = Path(__file__).parent / "templates"

STANDARDS = ("a-2a", "ua-1")
"""What each PDF conforms to: for the archive with its structure, and for readers who do not see it."""


def typeset(template: str, files: Mapping[str, bytes]) -> bytes:
    """The PDF of the `template` of that name, which reads `files` beside it.

    Raises InternalError with what typst says of it, be it only a warning.
    """
    made = _compiled((TEMPLATES / template).read_bytes(), files, format="pdf", pdf_standards=list(STANDARDS))
    # typst forgets what it has not used for ten compiles: an empty one between makes that five documents (25 MB less).
    _compiled(b"", {}, format="svg")
    return made


def rasterised(picture: Picture, ppi: float = 300) -> bytes:
    """An SVG `picture` as PNG on white, `ppi` pixels to the inch of the size that it is shown at."""
    size = f"width: {picture.width}pt, height: {picture.height}pt"
    template = f'#set page({size}, margin: 0pt, fill: white)\n#image("picture.svg", {size}, fit: "stretch")'
    return _compiled(template.encode(), {"picture.svg": picture.data}, format="png", ppi=ppi)


def _compiled(template: bytes, files: Mapping[str, bytes], **options: Any) -> bytes:
    import typst

    with TemporaryDirectory(prefix="gongkai-") as folder:
        for name, data in {**files, "main.typ": template}.items():
            (Path(folder) / name).write_bytes(data)
        try:
            made, warnings = typst.compile_with_warnings(
                f"{folder}/main.typ",
                root=folder,
                font_paths=load_fonts(),
                ignore_system_fonts=True,
                timestamp=0,
                **options,
            )
        except typst.TypstError as error:
            raise InternalError("typesetting", problem=error.message) from error
    if warnings:
        raise InternalError("typesetting", problem=warnings[0].message)
    return bytes(made)


def load_fonts() -> typst.Fonts:
    """The fonts that reports are set in."""
    return _fonts(tuple((folder, folder.stat().st_mtime_ns) for folder in folders()))


@cache
def _fonts(folders: tuple[tuple[Path, int], ...]) -> typst.Fonts:
    """The fonts in these folders, as they were at these times, and no others: each machine sets the same pages."""
    import typst

    paths = [str(folder) for folder, _ in folders]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=paths)
