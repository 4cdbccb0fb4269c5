"""The fonts of reports: ours for every official role, an office's own where it has registered them, and no others.

Fonts of the system are never used, so a report looks the same wherever it is made.
"""

from gongkai.fonts.chain import Font, chain, coverage, families, files, folders, missing
from gongkai.fonts.faces import ROLES, Role
from gongkai.fonts.office import Registered, register

__all__ = [
    "ROLES",
    "Font",
    "Registered",
    "Role",
    "chain",
    "coverage",
    "families",
    "files",
    "folders",
    "missing",
    "register",
]
