"""Measure our PDF against a DOCX that LibreOffice converts to PDF, as many applications do.

The project does not use LibreOffice: its lines are printed only where `soffice`, with Writer, is on the path.
"""

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from conventions.documents.render import working_copy
from cpo.lib.files import stored

from .document import VERSION, digest, produced
from .measure import compare

PROGRAM = shutil.which("soffice")
# First one document per start of the program, as in an application that answers one request. Then several, which shows
# the cost of the start.
ALONE, TOGETHER = 1, 5
MINUTES = 10 * 60


def convert(sources: list[Path], folder: Path) -> list[Path]:
    """Convert each DOCX to PDF, in one process with its own settings. Raises CalledProcessError."""
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [str(PROGRAM), profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder), *map(str, sources)]
    subprocess.run(command, check=True, capture_output=True, timeout=MINUTES)
    written = [folder / f"{source.stem}.pdf" for source in sources]
    if not all(path.exists() for path in written):  # LibreOffice without Writer says it in its output alone
        raise NoWriterError
    return written


class NoWriterError(Exception):
    """This LibreOffice does not read a DOCX: its part for texts is not installed."""


def measure(content: dict[str, Any], at_once: int) -> tuple[float, int]:
    """The ratio of our time per page to theirs, and their number of pages. Both begin with the content of a version."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sources = [folder / f"{rank}.docx" for rank in range(at_once)]

        def pipeline() -> list[Path]:
            for source in sources:
                source.write_bytes(working_copy(content, version_number=VERSION, content_sha256=digest(content)))
            return convert(sources, folder)

        theirs, ours = stored.pdf_pages(pipeline()[0].read_bytes()), stored.pdf_pages(produced(content))
        ratio = compare(pipeline, lambda: produced(content), times=1)
    return ratio.value * at_once * theirs / ours, theirs
