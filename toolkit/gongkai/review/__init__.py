"""Review and sign: who has filed, what is wrong, who has passed it, and what may be published.

What decides (`desk`, `deciding`, `release`) knows nothing of pages; the server is in `gongkai.review.server`.
"""
