"""The evidence file: a ZIP that can be verified alone, with `sha256sum -c` and `pdfsig`. No table is read here.

The same entries give the same bytes: sorted names, one date for all, no compression (PDFs are already compressed),
nothing about the machine. `LISEZMOI.txt` says what each file proves; `empreintes.sha256` contains the hash of every
other file, in the format of coreutils.
"""

import hashlib
import io
import zipfile
from collections.abc import Callable, Mapping
from datetime import datetime

MANIFEST = "empreintes.sha256"
README = "LISEZMOI.txt"


def build(
    entries: Mapping[str, bytes],
    *,
    readme: str,
    dated: datetime,
    attest: Callable[[bytes], Mapping[str, bytes]] = lambda manifest: {},
) -> bytes:
    """ZIP of these files (keys: paths in the archive), with the manifest and the text that explains them.

    `dated` must be aware. DOS dates have no zone and only even seconds: the local time of its zone is written.
    `attest` gives, from the manifest, what attests it: extension → bytes of a file beside it.
    Raises ValueError for a path outside the folder where the ZIP is opened, and for the two reserved names.
    """
    if dated.tzinfo is None:
        raise ValueError("dated must be aware")
    files = {README: readme.encode(), **entries}
    for path in entries:
        reserved = path == README or path.startswith((MANIFEST, "/"))
        if reserved or ".." in path.split("/") or "\\" in path:
            raise ValueError(f"not a path of the evidence file: {path}")
    files[MANIFEST] = manifest(files)
    files |= {f"{MANIFEST}.{extension}": data for extension, data in attest(files[MANIFEST]).items()}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(files):
            info = zipfile.ZipInfo(path, dated.timetuple()[:6])
            info.external_attr = 0o644 << 16
            archive.writestr(info, files[path])
    return buffer.getvalue()


def manifest(files: Mapping[str, bytes]) -> bytes:
    """« hash, two spaces, path », one line per file: the format of `sha256sum -c`."""
    lines = (f"{hashlib.sha256(files[path]).hexdigest()}  {path}\n" for path in sorted(files))
    return "".join(lines).encode()
