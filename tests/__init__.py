"""Tests import gongkai before anything else: it spares them grammars that take seconds to build."""

import gongkai as _gongkai  # noqa: F401
