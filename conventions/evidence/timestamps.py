"""The timestamp authority of the site (RFC 3161): a third party that attests when a file was there.

SIGNATURE_TIMESTAMP_URL names it; without it, nothing is timestamped. It receives a hash and a number, never a file.
Only workers ask it: when it does not answer, the job tries again.
"""

import urllib.request
from typing import Any

from asn1crypto import tsp
from django.conf import settings
from pyhanko.sign.timestamps import TimeStamper

TIMEOUT = 20  # seconds
LARGEST = 1_000_000  # bytes of an answer
HEADERS = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}


class TimestampError(Exception):
    """The authority gives no timestamp; the French message is for the administrator of the site."""


def authority() -> Any | None:
    """The authority that this site is set to ask, as pyHanko calls it; None without one."""
    return _Authority(settings.SIGNATURE_TIMESTAMP_URL) if settings.SIGNATURE_TIMESTAMP_URL else None


class _Authority(TimeStamper):  # type: ignore[misc]
    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        if not self.url.startswith(("https://", "http://")):
            raise TimestampError("SIGNATURE_TIMESTAMP_URL : l’adresse commence par https:// ou http://.")
        request = urllib.request.Request(self.url, data=req.dump(), headers=HEADERS)  # noqa: S310 (checked above)
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310
                return tsp.TimeStampResp.load(answer.read(LARGEST))
        except (OSError, ValueError) as error:
            raise TimestampError(f"SIGNATURE_TIMESTAMP_URL : l’autorité ne répond pas ({error}).") from error
