"""The canonical bytes of a JSON content, and the part of its hash that is printed."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

SHORT = 12  # hexadecimal digits printed on each page


def canonical(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def content_hash(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical(content)).hexdigest()
