"""The evidence file: a ZIP that stands by itself, verified with `sha256sum -c` and `pdfsig`. No table is read here.

Same entries, same bytes: names in order, one date for all, no compression (PDFs are compressed already), nothing of the
machine. `LISEZMOI.txt` says what each file proves, `empreintes.sha256` holds the hash of every other file (coreutils'
format).
"""

import hashlib
import io
import zipfile
from collections.abc import Mapping
from datetime import datetime

MANIFEST = "empreintes.sha256"
README = "LISEZMOI.txt"


def build(entries: Mapping[str, bytes], *, readme: str, dated: datetime) -> bytes:
    """ZIP of these files (by their path inside), with the manifest and the text that explains them.

    `dated` must be aware; DOS dates have no zone and even seconds: it is written as it reads in its own zone.
    Raises ValueError for a path that would leave the folder where the ZIP is opened, or takes one of the two names.
    """
    if dated.tzinfo is None:
        raise ValueError("dated must be aware")
    files = {README: readme.encode(), **entries}
    for path in entries:
        if path in (README, MANIFEST) or path.startswith("/") or ".." in path.split("/") or "\\" in path:
            raise ValueError(f"not a path of the evidence file: {path}")
    files[MANIFEST] = manifest(files)
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(files):
            info = zipfile.ZipInfo(path, dated.timetuple()[:6])
            info.external_attr = 0o644 << 16
            archive.writestr(info, files[path])
    return held.getvalue()


def manifest(files: Mapping[str, bytes]) -> bytes:
    """« hash, two spaces, path », one line per file, as `sha256sum -c` reads it."""
    lines = (f"{hashlib.sha256(files[path]).hexdigest()}  {path}\n" for path in sorted(files))
    return "".join(lines).encode()
