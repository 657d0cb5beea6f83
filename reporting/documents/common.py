"""What the documents of the year share."""

from typing import Any

Content = dict[str, Any]
CSS = "reporting/pdf/reporting.css"
