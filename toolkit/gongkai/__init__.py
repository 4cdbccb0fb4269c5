"""gongkai: reproducible annual reports on government information disclosure."""

import sys

__version__ = "0.1.0"

# jsonschema, which Jupyter and Great Expectations import, looks for a module that tests internationalised addresses.
# Where it is installed (Jupyter Server brings it) building its grammars takes longer than all else that is imported;
# without it jsonschema tests no such addresses, and there are none in notebooks and suites.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
