"""The attestation of a manifest: signed with the key of the seal, else timestamped, else nothing.

Any CMS tool verifies it beside the manifest: `openssl cms -verify`, `openssl ts -verify`.
"""

import asyncio

from django.conf import settings

from . import seal, timestamps

SIGNATURE, TIMESTAMP = "p7s", "tst"


def attest(manifest: bytes) -> dict[str, bytes]:
    """Extension → bytes of a file to put beside the manifest. Raises SealError, TimestampError."""
    if seal.is_configured():
        with seal.open_signer(settings.SIGNATURE_SEAL) as signer:
            signed = asyncio.run(
                signer.async_sign_general_data(manifest, "sha256", detached=True, timestamper=timestamps.authority())
            )
        return {SIGNATURE: signed.dump()}
    token = timestamps.token_of(manifest)
    return {TIMESTAMP: token.data} if token else {}
