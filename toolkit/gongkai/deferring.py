"""Modules that are loaded when something is first asked of them, and not when whoever needs them is imported."""

from __future__ import annotations

import sys
from importlib.util import LazyLoader, find_spec, module_from_spec


def defer(name: str) -> None:
    """Load the module `name` late, whoever imports it; nothing where it is loaded already or not installed."""
    spec = None if name in sys.modules else find_spec(name)
    if spec is None or spec.loader is None:
        return
    spec.loader = LazyLoader(spec.loader)
    sys.modules[name] = module = module_from_spec(spec)
    spec.loader.exec_module(module)
    parent, _, child = name.rpartition(".")
    if parent:
        setattr(sys.modules[parent], child, module)
