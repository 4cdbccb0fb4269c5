"""Puts the top-level folders that gongkai needs at run time into the wheel; a checkout uses them where they stand."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FOLDERS = ("notebooks", "expectations")


class TopLevelData(BuildHookInterface):  # type: ignore[misc]
    """Copies the folders into ``gongkai/_data``, but not for an editable install."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "standard":
            for folder in FOLDERS:
                build_data["force_include"][str(Path(self.root, folder))] = f"gongkai/_data/{folder}"
