"""Review and sign: who has filed, what is wrong, who has passed it, and what may be published.

What decides (`desk`, `deciding`, `release`) knows nothing of pages; the server is in `gongkai.review.server`.
"""

from typing import Any


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    """How Jupyter Server finds the extension."""
    from gongkai.review.server.app import ReviewApp

    return [{"module": "gongkai.review.server.app", "app": ReviewApp}]
