"""The attestation of a manifest: signed with the key of the seal, else timestamped, else nothing.

Any CMS tool verifies it beside the manifest: `openssl cms -verify`, `openssl ts -verify`.
"""

import asyncio
import hashlib

from django.conf import settings
from pyhanko.sign.timestamps.common_utils import TimestampRequestError

from . import seal, timestamps

SIGNATURE, TIMESTAMP = "p7s", "tst"


def attest(manifest: bytes) -> dict[str, bytes]:
    """Extension → bytes of a file to put beside the manifest. Raises SealError, TimestampError."""
    authority = timestamps.authority()
    if seal.is_configured():
        with seal.open_signer(settings.SIGNATURE_SEAL) as signer:
            signed = asyncio.run(
                signer.async_sign_general_data(manifest, "sha256", detached=True, timestamper=authority)
            )
        return {SIGNATURE: signed.dump()}
    if authority is None:
        return {}
    try:
        token = asyncio.run(authority.async_timestamp(hashlib.sha256(manifest).digest(), "sha256"))
    except TimestampRequestError as error:
        raise timestamps.TimestampError(f"SIGNATURE_TIMESTAMP_URL : réponse refusée ({error}).") from error
    return {TIMESTAMP: token.dump()}
