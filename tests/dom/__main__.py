"""Compare the pages drawn with the templates of a commit with those drawn with the present ones, or those of another.

python -m tests.dom main                   # every page
python -m tests.dom HEAD~2..HEAD~1         # between two commits
python -m tests.dom HEAD~1 thread sheet    # the addresses whose name contains one of the words, and the documents
"""

import difflib
import io
import os
import subprocess
import sys
import tarfile
import tempfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .pages import Pages

ROOT = Path(__file__).resolve().parent.parent.parent
SHOWN = 40  # lines of a difference


def main(commits: str, words: list[str]) -> int:
    import tests.cluster  # noqa: F401, I001  first: it gives Django its database
    import django

    django.setup()
    from django.conf import settings
    from django.db import transaction
    from django.test.utils import get_runner, setup_test_environment

    setup_test_environment()
    runner = get_runner(settings)(verbosity=0, interactive=False)
    databases = runner.setup_databases()
    import time_machine

    from tests import reference
    from tests.conftest import START

    from . import pages

    reference.load()
    with (
        tempfile.TemporaryDirectory(prefix="cpo-") as folder,
        time_machine.travel(START, tick=True),
        pages.switched(),
        transaction.atomic(),
    ):
        settings.MEDIA_ROOT = f"{folder}/media"
        old, _, new = commits.partition("..")
        before = templates_of(old, f"{folder}/before")
        after = templates_of(new, f"{folder}/after") if new else str(ROOT / "templates")
        pages.Folder.current = after
        different = compare(pages.Pages(words), before, after)
        transaction.set_rollback(True)
    runner.teardown_databases(databases)
    return 1 if different else 0


def templates_of(commit: str, folder: str) -> str:
    packed = subprocess.run(["git", "archive", commit, "templates"], cwd=ROOT, capture_output=True, check=True)
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return f"{folder}/templates"


def compare(all_pages: "Pages", before: str, after: str) -> int:
    from . import pages, tree

    drawn = {name: packed(tree.lines(page, pages.mask)) for name, page in all_pages.draw(before)}
    different: dict[str, list[str]] = {}
    seen = 0
    for name, page in all_pages.draw(after):
        seen += 1
        kept, new = drawn.pop(name, b""), tree.lines(page, pages.mask)
        if kept != packed(new):
            found = list(difflib.unified_diff(unpacked(kept), new, "before", "after", n=2, lineterm=""))
            different.setdefault("\n".join(found[2:SHOWN]), []).append(name)
    different |= {"only before": list(drawn)} if drawn else {}
    for said, names in different.items():
        sys.stdout.write(f"== {names[0]} and {len(names) - 1} more\n{said}\n\n")
    never = sorted(pages.templates(after) - pages.drawn)
    sys.stdout.write(f"{seen} pages, {sum(map(len, different.values()))} differ\nnever drawn: {' '.join(never)}\n")
    return len(different)


def packed(page: list[str]) -> bytes:
    """Thousands of pages are kept at once."""
    return zlib.compress("\n".join(page).encode(), 1)


def unpacked(kept: bytes) -> list[str]:
    return zlib.decompress(kept).decode().split("\n") if kept else []


if __name__ == "__main__":
    os.environ.setdefault("PYTHONWARNINGS", "ignore")
    raise SystemExit(main(sys.argv[1], sys.argv[2:]))
