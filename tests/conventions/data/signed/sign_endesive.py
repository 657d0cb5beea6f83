"""Signs a PDF with endesive 2.17.3 (PyPI), in an invisible field of its own. Arguments: source, target, PKCS#12."""

import re
import sys
from pathlib import Path
from typing import Any

search = re.search


def two_digits(pattern: Any, text: Any, flags: int = 0) -> Any:
    """Let oscrypto read a version of OpenSSL with two digits at its end, such as 3.0.17."""
    return search(pattern.replace(r"\d[a-z]*)", r"\d+[a-z]*)") if isinstance(pattern, str) else pattern, text, flags)


re.search = two_digits

from cryptography.hazmat.primitives.serialization import pkcs12  # noqa: E402
from endesive.pdf import cms  # noqa: E402

source, target, keys = (Path(name) for name in sys.argv[1:4])
key, certificate, others = pkcs12.load_key_and_certificates(keys.read_bytes(), b"essai")
how = {
    "sigflags": 3, "sigfield": "Outil", "sigandcertify": False, "signingdate": "D:20261015080000+00'00'",
    "reason": "Essai", "contact": "", "location": "", "aligned": 8192,
}  # fmt: skip
data = source.read_bytes()
target.write_bytes(data + cms.sign(data, how, key, certificate, others, "sha256"))
