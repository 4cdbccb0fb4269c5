"""What every reader of inputs has in common."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property

from gongkai.errors import InputError
from gongkai.filing import Filing, Input


@dataclass(frozen=True)
class Document:
    """A file as it came: its name (without folder) and its bytes."""

    name: str
    content: bytes
    given: bytes | None = None
    """The bytes as they came, where `content` was inside of them or is what they were converted to."""

    @property
    def record(self) -> Input:
        """How a filing remembers this file."""
        return Input(self.name, hashlib.sha256(self.given or self.content).hexdigest())

    def holding(self, content: bytes) -> Document:
        """The document that was found inside of this one; it keeps its name and record."""
        return Document(self.name, content, self.given or self.content)

    @cached_property
    def text(self) -> str | None:
        """The content as text, in UTF-8 or GB18030, newlines as LF; None where it is neither or is binary."""
        if b"\0" in self.content:
            return None
        for encoding in ("utf-8-sig", "gb18030"):
            try:
                return self.content.decode(encoding).replace("\r\n", "\n").replace("\r", "\n")
            except UnicodeDecodeError:
                continue
        return None

    def lines(self) -> list[str]:
        """The lines of a text. Raises InputError where the content is no text."""
        if self.text is None:
            raise InputError("not_text", file=self.name)
        return self.text.split("\n")


class Reader(ABC):
    """Reads one kind of file into a filing."""

    @abstractmethod
    def recognises(self, document: Document) -> bool:
        """Whether the content (never the name) is of this reader's kind."""

    @abstractmethod
    def read(self, document: Document) -> Filing:
        """The filing that `document` holds. Raises InputError with the place and what to do."""
