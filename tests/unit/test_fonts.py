"""The fonts that travel with the package, and those that an office registers."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest
import typst
from click.testing import CliRunner
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from fontTools.ttLib.ttCollection import TTCollection

from gongkai import fonts
from gongkai.cli import cli
from gongkai.errors import AuthoringError, GongkaiError, InputError, UsageError
from gongkai.fonts import ROLES, Role
from gongkai.fonts.faces import FOLDER, faces
from tests.helpers import ROOT

KAI = FOLDER / "GongkaiKai-Regular.ttf"
EMOJI = "\U0001f600"


@pytest.fixture(autouse=True)
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "workspace"
    folder.mkdir()
    (folder / "gongkai.toml").touch()
    monkeypatch.chdir(folder)
    return folder


def listed(name: str) -> str:
    lines = (ROOT / "toolkit" / "fonts" / name).read_text(encoding="utf-8").splitlines()
    return "".join(line for line in lines if not line.startswith("#"))


def gbk() -> str:
    pairs = (bytes((lead, trail)) for lead in range(0x81, 0xFF) for trail in range(0x40, 0xFF))
    texts = (pair.decode("gbk", "ignore") for pair in pairs)
    return "".join(text for text in texts if len(text.encode("gbk")) == 2)


def typst_fonts() -> typst.Fonts:
    paths = [str(folder) for folder in fonts.folders()]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=paths)


def small_font(path: Path, family: str = "FangSong", **changes: Any) -> Path:
    """A font of two characters, 一 and 公, or of `characters`; `rights` are its fsType."""
    pen = TTGlyphPen(None)
    pen.moveTo((100, 0))
    pen.lineTo((900, 0))
    pen.lineTo((500, 700))
    pen.closePath()
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", "one"])
    builder.setupCharacterMap({ord(character): "one" for character in changes.get("characters", "一公")})
    builder.setupGlyf({name: pen.glyph() for name in (".notdef", "one")})
    builder.setupHorizontalMetrics(dict.fromkeys((".notdef", "one"), (1000, 100)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": family, "styleName": "Regular", "psName": family.replace(" ", "")})
    builder.setupOS2(fsType=changes.get("rights", 0))
    builder.setupPost()
    path.parent.mkdir(exist_ok=True)
    builder.save(path)
    return path


# Ours


@pytest.mark.parametrize("role", ROLES)
def test_every_role_has_every_character_of_chinese_administration(role: Role) -> None:
    assert fonts.missing(gbk() + listed("place_characters.txt") + listed("standard_characters.txt"), role) == ()
    assert fonts.missing("①⑳㊿ⅠⅫⅷ㎡℃‰≤≥±×÷≠→√∑─┼█“”‘’——……《》（）", role) == ()


@pytest.mark.parametrize("face", faces().values(), ids=lambda face: face.file)
def test_every_face_itself_has_the_characters_that_others_lacked(face: Any) -> None:
    with TTFont(FOLDER / face.file, lazy=True) as font:
        characters = font.getBestCmap()
    assert not [character for character in "硚砲鄠浉堃" if ord(character) not in characters]


def test_the_kai_bears_no_reserved_name_but_in_the_notice_of_copyright() -> None:
    with TTFont(KAI, lazy=True) as font:
        records = font["name"].names
    assert "LXGW" in next(record.toUnicode() for record in records if record.nameID == 0)
    for record in records:
        if record.nameID != 0:
            assert not [name for name in ("LXGW", "WenKai", "霞鹜", "文楷", "Klee") if name in record.toUnicode()]


@pytest.mark.parametrize("name", ["OFL-noto.txt", "OFL-kai.txt"])
def test_the_licences_lie_beside_the_fonts(name: str) -> None:
    text = (FOLDER / name).read_text(encoding="utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1" in text
    assert "Copyright" in text
    named = [face.file for face in faces().values() if face.file in text]
    assert named


def test_the_fonts_are_not_too_heavy() -> None:
    assert sum(path.stat().st_size for path in FOLDER.glob("*.[ot]tf")) < 25 * 2**20


def test_typst_sees_the_families_that_we_name() -> None:
    assert set(typst_fonts().families()) == {face.family for face in faces().values()}
    names = fonts.families()
    assert names["title"][0] == names["body"][0] == names["page_number"][0] == "Noto Serif CJK SC"
    assert (names["heading"][0], names["subheading"][0]) == ("Noto Sans CJK SC", "Gongkai Kai")
    assert fonts.files("title")[0].name == "NotoSerifCJKsc-Bold.otf"


@pytest.mark.parametrize("family", sorted({face.family for face in faces().values()}))
def test_typst_draws_adjacent_punctuation_together(family: str) -> None:
    text = f'#set text(font: "{family}", lang: "zh", region: "cn", size: 20pt)\n'
    text += '#context [#metadata(measure("》（").width / 1pt) <width>]'
    width = typst.query(text.encode(), "<width>", field="value", one=True, font_paths=typst_fonts())
    assert float(width) == 30


# What is missing


def test_what_is_missing_is_named_once_and_in_order() -> None:
    assert fonts.missing(f"公{EMOJI}开𠀀{EMOJI}", "body") == (EMOJI, "𠀀")


def test_what_is_never_drawn_is_never_missing() -> None:
    assert fonts.missing("公\u200b\ufeff\u00ad\ufe0f\u200e\u2066\U000e0100\r\n\t开", "subheading") == ()


def test_a_font_of_the_office_is_asked_too(tmp_path: Path) -> None:
    fonts.register([small_font(tmp_path / "s.ttf", characters=f"一公{EMOJI}")])
    assert fonts.missing(EMOJI, "body") == ()
    assert fonts.missing(EMOJI, "heading") == (EMOJI,)


# Registering


def test_a_registered_font_is_used(tmp_path: Path, workspace: Path) -> None:
    new = {1: "Test FangSong", 4: "Test FangSong", 6: "TestFangSong"}
    with TTFont(KAI) as font:
        for record in font["name"].names:
            record.string = new.get(record.nameID, record.string)
        font.save(tmp_path / "own.ttf")
    (done,) = fonts.register([tmp_path / "own.ttf"])
    assert (done.role, done.family, done.replaced) == ("body", "Test FangSong", None)
    assert done.file.parent == workspace / "fonts"
    assert fonts.files("body")[0] == done.file
    names = fonts.families()["body"]
    assert names == ("Test FangSong", "Noto Serif CJK SC", "Noto Sans CJK SC", "Gongkai Kai")
    assert "Test FangSong" not in fonts.families()["title"]
    chosen = ", ".join(f'"{name}"' for name in names)
    source = f"#set text(font: ({chosen}))\n公开".encode()
    pdf = typst.compile(source, font_paths=typst_fonts(), ignore_system_fonts=True, format="pdf")
    assert isinstance(pdf, bytes)
    with pikepdf.open(BytesIO(pdf)) as document:
        embedded = [str(each["/BaseFont"]) for each in document.pages[0]["/Resources"]["/Font"].values()]
    assert [name.partition("+")[2].partition("-")[0] for name in embedded] == ["TestFangSong"]


@pytest.mark.parametrize(
    ("family", "role"),
    [
        ("方正小标宋简体", "title"),
        ("FZXiaoBiaoSong-B05S", "title"),
        ("仿宋_GB2312", "body"),
        ("华文仿宋", "body"),
        ("FangSong", "body"),
        ("黑体", "heading"),
        ("SimHei", "heading"),
        ("楷体_GB2312", "subheading"),
        ("KaiTi", "subheading"),
        ("宋体", "page_number"),
        ("SimSun", "page_number"),
        ("小标宋体", "title"),
        ("仿宋体", "body"),
    ],
)
def test_the_names_of_a_font_tell_its_role(family: str, role: Role, tmp_path: Path) -> None:
    (done,) = fonts.register([small_font(tmp_path / "s.ttf", family)])
    assert (done.role, done.family) == (role, family)


def test_the_first_font_of_a_collection_counts(tmp_path: Path) -> None:
    collection = TTCollection()
    collection.fonts = [TTFont(small_font(tmp_path / f"{name}.ttf", name)) for name in ("SimSun", "NSimSun")]
    collection.save(tmp_path / "simsun.ttc")
    for font in collection.fonts:
        font.close()
    (done,) = fonts.register([tmp_path / "simsun.ttc"])
    assert (done.role, done.family, done.file.suffix) == ("page_number", "SimSun", ".ttc")


def test_registering_again_changes_nothing(tmp_path: Path, workspace: Path) -> None:
    files = [small_font(tmp_path / "h.ttf", "SimHei"), small_font(tmp_path / "f.ttf")]
    fonts.register(files)
    register = workspace / "fonts" / "fonts.yaml"
    first = register.read_bytes()
    assert [font.replaced for font in fonts.register(files[::-1])] == [None, None]
    assert register.read_bytes() == first
    assert hashlib.sha256(files[1].read_bytes()).hexdigest().encode() in first
    assert len(list(register.parent.iterdir())) == 3


def test_a_later_font_takes_the_place_of_the_earlier(tmp_path: Path, workspace: Path) -> None:
    fonts.register([small_font(tmp_path / "a.ttf", "FangSong")])
    (done,) = fonts.register([small_font(tmp_path / "b.ttf", "Song of Ours")], "body")
    assert (done.family, done.replaced) == ("Song of Ours", "FangSong")
    assert fonts.families()["body"][0] == "Song of Ours"
    assert {path.name for path in (workspace / "fonts").iterdir()} == {done.file.name, "fonts.yaml"}


def cut_short(path: Path) -> Path:
    data = small_font(path).read_bytes()
    path.write_bytes(data[:-200])
    return path


def broken(path: Path) -> Path:
    """The right beginning and nothing that it promises."""
    path.write_bytes(b"\0\1\0\0" + struct.pack(">HHHH", 9, 0, 0, 0) + b"x" * 40)
    return path


def text_file(path: Path) -> Path:
    path.write_text("no font", encoding="utf-8")
    return path


def huge(path: Path) -> Path:
    with path.open("wb") as file:
        file.truncate(64 * 2**20 + 1)
    return path


def folder(path: Path) -> Path:
    path.mkdir()
    return path


REFUSALS: dict[str, tuple[Callable[[Path], Path], type[GongkaiError]]] = {
    "not_a_font": (text_file, InputError),
    "damaged_font": (cut_short, InputError),
    "font_too_large": (huge, InputError),
    "is_directory": (folder, InputError),
    "no_such_file": (lambda path: path, InputError),
    "font_without_chinese": (lambda path: small_font(path, characters="ab"), InputError),
    "font_forbids_embedding": (lambda path: small_font(path, rights=2), InputError),
    "font_of_ours": (lambda path: small_font(path, "Gongkai Kai"), InputError),
    "font_role_not_told": (lambda path: small_font(path, "Schrift"), UsageError),
    "ambiguous_font_role": (lambda path: small_font(path, "SimHei KaiTi"), UsageError),
}


@pytest.mark.parametrize("key", REFUSALS)
def test_what_cannot_be_used_is_refused_and_nothing_is_left(key: str, tmp_path: Path, workspace: Path) -> None:
    make, kind = REFUSALS[key]
    good = small_font(tmp_path / "good.ttf", "SimSun")
    with pytest.raises(kind) as refused:
        fonts.register([good, make(tmp_path / "font.ttf")])
    assert (refused.value.key, refused.value.file) == (key, "font.ttf")
    assert str(refused.value)
    assert [path.name for path in workspace.iterdir()] == ["gongkai.toml"]


@pytest.mark.parametrize("rights", [2, 0x102, 0x100, 0x200])
def test_no_right_to_embed_a_part_is_no_right(rights: int, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"s\.ttf"):
        fonts.register([small_font(tmp_path / "s.ttf", rights=rights)])


@pytest.mark.parametrize("rights", [0, 4, 8])
def test_a_right_to_embed_is_enough(rights: int, tmp_path: Path) -> None:
    assert fonts.register([small_font(tmp_path / "s.ttf", rights=rights)])


def test_a_font_that_keeps_nothing_it_promises_is_damaged(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        fonts.register([broken(tmp_path / "s.ttf")])
    assert refused.value.key == "damaged_font"


def test_an_unknown_role_is_answered_with_the_known(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="page_number"):
        fonts.register([small_font(tmp_path / "s.ttf")], "footnote")


def test_a_workspace_that_cannot_be_written_is_told(tmp_path: Path, workspace: Path) -> None:
    (workspace / "fonts").touch()
    with pytest.raises(UsageError) as refused:
        fonts.register([small_font(tmp_path / "s.ttf")])
    assert refused.value.file == "fonts"


def test_a_registered_font_that_vanished_or_changed_is_told(tmp_path: Path) -> None:
    (done,) = fonts.register([small_font(tmp_path / "s.ttf")])
    done.file.write_bytes(b"changed")
    with pytest.raises(AuthoringError) as changed:
        fonts.families()
    assert (changed.value.key, changed.value.file) == ("font_changed", f"fonts/{done.file.name}")
    done.file.unlink()
    with pytest.raises(AuthoringError) as vanished:
        fonts.missing("公", "title")
    assert vanished.value.key == "font_vanished"
    fonts.register([tmp_path / "s.ttf"])
    assert fonts.families()["body"][0] == "FangSong"


@pytest.mark.parametrize("text", ["", "[]", "footnote: {file: a, family: b, sha256: c}", "body: {file: a}", "{"])
def test_a_malformed_register_is_told(text: str, workspace: Path) -> None:
    (workspace / "fonts").mkdir()
    (workspace / "fonts" / "fonts.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(AuthoringError, match=r"fonts\.yaml"):
        fonts.chain("body")


# The commands


def test_the_commands_register_and_list(tmp_path: Path) -> None:
    runner = CliRunner()
    for family, told in (("FangSong", "FangSong"), ("Song of Ours", "FangSong")):
        path = small_font(tmp_path / "s.ttf", family)
        done = runner.invoke(cli, ["fonts", "add", str(path), "--role", "body"], catch_exceptions=False)
        assert told in done.output and family in done.output
    lines = runner.invoke(cli, ["fonts", "list"], catch_exceptions=False).output.splitlines()
    assert len(lines) == len(ROLES)
    assert "Song of Ours" in lines[1] and "NotoSansCJKsc-Regular.otf" in lines[2]
