"""Compare the pages rendered with the templates of a commit and those of the working tree, or of another commit.

python -m tests.dom main                   # every page
python -m tests.dom HEAD~2..HEAD~1         # between two commits
python -m tests.dom HEAD~1 thread sheet    # addresses whose name contains one of the words, and documents
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
SHOWN = 40  # lines printed for each difference


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
    archive_process = subprocess.run(["git", "archive", commit, "templates"], cwd=ROOT, capture_output=True, check=True)
    with tarfile.open(fileobj=io.BytesIO(archive_process.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return f"{folder}/templates"


def compare(all_pages: "Pages", before: str, after: str) -> int:
    from . import pages, tree

    old_pages = {name: packed(tree.lines(page, pages.mask)) for name, page in all_pages.draw(before)}
    different: dict[str, list[str]] = {}
    count = 0
    for name, page in all_pages.draw(after):
        count += 1
        old, new = old_pages.pop(name, b""), tree.lines(page, pages.mask)
        if old != packed(new):
            diff = list(difflib.unified_diff(unpacked(old), new, "before", "after", n=2, lineterm=""))
            different.setdefault("\n".join(diff[2:SHOWN]), []).append(name)
    different |= {"only before": list(old_pages)} if old_pages else {}
    for diff_text, names in different.items():
        sys.stdout.write(f"== {names[0]} and {len(names) - 1} more\n{diff_text}\n\n")
    never = sorted(pages.templates(after) - pages.rendered)
    sys.stdout.write(f"{count} pages, {sum(map(len, different.values()))} differ\nnever drawn: {' '.join(never)}\n")
    return len(different)


def packed(page: list[str]) -> bytes:
    """Compress a page, because thousands of pages stay in memory."""
    return zlib.compress("\n".join(page).encode(), 1)


def unpacked(data: bytes) -> list[str]:
    return zlib.decompress(data).decode().split("\n") if data else []


if __name__ == "__main__":
    os.environ.setdefault("PYTHONWARNINGS", "ignore")
    raise SystemExit(main(sys.argv[1], sys.argv[2:]))
