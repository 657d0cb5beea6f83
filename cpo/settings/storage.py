"""The storage of files: a folder, or an S3 bucket when its name is set."""

from typing import Any

import environ

env = environ.Env()
IN_MEMORY = 2 * 1024 * 1024  # bytes; a larger file read from a bucket goes to a temporary file

FOLDER = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
# Static files in production: names that change with the content, written by `collectstatic`.
COMPRESSED = {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}


def bucket(name: str, **options: Any) -> dict[str, Any]:
    """Return the storage of a bucket of any S3-compatible service.

    Its objects are private and never get a public or signed address: views that check the rights stream them.
    """
    from boto3.s3.transfer import TransferConfig  # slow import, useless without a bucket
    from botocore.config import Config

    defaults = {
        "bucket_name": name,
        "default_acl": None,
        "querystring_auth": True,
        "file_overwrite": True,  # the path is the hash of the content
        "max_memory_size": IN_MEMORY,
        # A file is sent in one request: it is stored completely or not at all.
        "transfer_config": TransferConfig(multipart_threshold=1024**3, use_threads=False),
        # Compatible services support few of the optional checksums; we check our own hash on each read.
        "client_config": Config(
            s3={"addressing_style": "path"},
            signature_version="s3v4",
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            retries={"max_attempts": 3, "mode": "standard"},
            connect_timeout=5,
            read_timeout=60,
        ),
    }
    configured = {key: value for key, value in options.items() if value}
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": defaults | configured}


def default_storage() -> dict[str, Any]:
    name = env("S3_BUCKET", default="")
    if not name:
        return FOLDER
    return bucket(
        name,
        endpoint_url=env("S3_ENDPOINT", default=""),
        region_name=env("S3_REGION", default=""),
        access_key=env("S3_ACCESS_KEY", default=""),
        secret_key=env("S3_SECRET_KEY", default=""),
        location=env("S3_PREFIX", default=""),
    )
