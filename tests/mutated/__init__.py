"""Workbooks as they come back: spoilt by clerks, programs and networks, to see that nothing is misread in silence."""
