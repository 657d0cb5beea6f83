"""Where stored files are kept: a folder, unless the name of an S3 bucket is given."""

from typing import Any

import environ

env = environ.Env()
IN_MEMORY = 2 * 1024 * 1024  # what is read of a bucket goes to a temporary file beyond that

FOLDER = {"BACKEND": "django.core.files.storage.FileSystemStorage"}


def bucket(name: str, **given: Any) -> dict[str, Any]:
    """A bucket of any S3-compatible service. Its objects are private, and never get a public or a signed address: a
    view that checked the rights streams them."""
    from boto3.s3.transfer import TransferConfig  # slow to load, and of no use without a bucket
    from botocore.config import Config

    options = {
        "bucket_name": name,
        "default_acl": None,
        "querystring_auth": True,
        "file_overwrite": True,  # a path is the hash of what it holds
        "max_memory_size": IN_MEMORY,
        # A file is sent in one request: it is there whole, or not at all.
        "transfer_config": TransferConfig(multipart_threshold=1024**3, use_threads=False),
        # Of the optional checksums, compatible services know few; ours is checked on each reading.
        "client_config": Config(
            s3={"addressing_style": "path"},
            signature_version="s3v4",
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            retries={"max_attempts": 3, "mode": "standard"},
            connect_timeout=5,
            read_timeout=60,
        ),
        **{key: value for key, value in given.items() if value},
    }
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}


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
