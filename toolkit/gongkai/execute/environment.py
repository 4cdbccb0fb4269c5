"""The environment that notebooks run in: what is on this list, and no secret of whoever started us."""

from __future__ import annotations

import os
from collections.abc import Mapping

ALLOWED = (
    *("HOME", "LANG", "LANGUAGE", "LOGNAME", "PATH", "SHELL", "TEMP", "TMP", "TMPDIR", "TZ", "USER"),
    *("FONTCONFIG_FILE", "FONTCONFIG_PATH", "LD_LIBRARY_PATH", "PYTHONPATH", "SYSTEMROOT", "VIRTUAL_ENV"),
    *("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_CONFIG_PATH", "JUPYTER_DATA_DIR", "JUPYTER_PATH"),
    *("JUPYTER_PLATFORM_DIRS", "JUPYTER_RUNTIME_DIR", "MPLCONFIGDIR", "GONGKAI_LANG"),
)
ALLOWED_BEGINNINGS = ("LC_", "XDG_")

FIXED = {
    # One thread each: the cores are kept busy by other notebooks, and a process with threads must not fork.
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    # Asked for before matplotlib is imported, as a kernel does.
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    # The same order of sets, and so the same outputs, each time.
    "PYTHONHASHSEED": "0",
    "GX_ANALYTICS_ENABLED": "false",
}


def environment(own: Mapping[str, str] | None = None) -> dict[str, str]:
    """What of `own` (default: our environment) is handed on, and what is the same for all."""
    given = os.environ if own is None else own
    kept = {key: value for key, value in given.items() if key in ALLOWED or key.startswith(ALLOWED_BEGINNINGS)}
    return kept | FIXED
