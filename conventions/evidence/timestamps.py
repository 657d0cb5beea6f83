"""The timestamp authority of the site (RFC 3161): a third party that attests when a file was there.

SIGNATURE_TIMESTAMP_URL names it; without it, nothing is timestamped. It receives a hash and a number, never a file.
Only workers ask it: when it does not answer, the job tries again.
"""

import asyncio
import hashlib
import urllib.request
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asn1crypto import tsp
from django.conf import settings
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.timestamps.common_utils import TimestampRequestError

KIND = "timestamp_deposit"
TIMEOUT = 20  # seconds
LARGEST = 1_000_000  # bytes of an answer
HEADERS = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}


class TimestampError(Exception):
    """The authority gives no timestamp; the French message is for the administrator of the site."""


@dataclass(frozen=True)
class Token:
    """`data`: a CMS in DER, which `openssl ts -verify -token_in` reads; `at`: the moment that it attests, aware."""

    data: bytes
    at: datetime
    authority: str


def is_configured() -> bool:
    return bool(settings.SIGNATURE_TIMESTAMP_URL)


def token_of(data: bytes) -> Token | None:
    """Ask the authority to attest these bytes; None without one. Raises TimestampError.

    pyHanko checks that the answer is about this hash and this question.
    """
    asked = authority()
    if asked is None:
        return None
    try:
        token = asyncio.run(asked.async_timestamp(hashlib.sha256(data).digest(), "sha256"))
    except TimestampRequestError as error:
        raise TimestampError(f"SIGNATURE_TIMESTAMP_URL : réponse refusée ({error}).") from error
    signed = token["content"]
    info = signed["encap_content_info"]["content"].parsed
    return Token(token.dump(), info["gen_time"].native, _signer(signed))


def _signer(signed: Any) -> str:
    """The name of who signs the token, in the certificate that it carries; "" without one."""
    for choice in signed["certificates"] or ():
        if choice.name == "certificate" and not choice.chosen.ca:
            return str(choice.chosen.subject.native.get("common_name", ""))[:200]
    return ""


def authority() -> Any | None:
    """The authority that this site is set to ask, as pyHanko calls it; None without one."""
    return _Authority(settings.SIGNATURE_TIMESTAMP_URL) if settings.SIGNATURE_TIMESTAMP_URL else None


class _Authority(TimeStamper):  # type: ignore[misc]
    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        if not self.url.startswith(("https://", "http://")):
            raise TimestampError("SIGNATURE_TIMESTAMP_URL : l’adresse commence par https:// ou http://.")
        request = urllib.request.Request(self.url, data=req.dump(), headers=HEADERS)  # noqa: S310 (checked above)
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310
                return tsp.TimeStampResp.load(answer.read(LARGEST))
        except (OSError, ValueError) as error:
            raise TimestampError(f"SIGNATURE_TIMESTAMP_URL : l’autorité ne répond pas ({error}).") from error
