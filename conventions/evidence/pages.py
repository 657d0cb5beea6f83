"""The pages of the signed file drawn beside those of the stored one, by pdfium, in a process apart."""

import json
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from .answers import refusal_text
from .report import Refusal, Report

PROGRAM = Path(__file__).with_name("pages_process.py")
SECONDS = 60


def check_pages(report: Report, data: bytes, stored: bytes) -> Report:
    """Return the report with the refusal of what is drawn elsewhere than in the frames of the new signatures.

    A field of the signatory's own may lie on blank space only. Takes some 20 ms a page; a report that already refuses
    comes back as it is.
    """
    if not report.valid:
        return report
    frames = [{"page": frame.page, "rect": frame.rect, "own": frame.own} for frame in report.frames if frame.visible]
    answer = _answer(data, stored, frames)
    if answer is None:
        return _refused(report, "too_long_to_draw")
    if answer["covered"]:
        return _refused(report, "over_text", page=str(answer["covered"]))
    if answer["different"]:
        return _refused(report, "rendering", page=str(answer["different"]))
    return replace(report, drawn=tuple((item["page"], item["image"]) for item in answer["drawn"]))


def _refused(report: Report, code: str, **values: str) -> Report:
    return replace(report, refusals=(Refusal(code, refusal_text(code, **values)),))


def _answer(data: bytes, stored: bytes, frames: list[dict[str, Any]]) -> dict[str, Any] | None:
    """What the process says; None when it had too little time or memory, or died of the file."""
    with tempfile.TemporaryDirectory(prefix="pages-") as folder:
        before, after = Path(folder, "before.pdf"), Path(folder, "after.pdf")
        before.write_bytes(stored)
        after.write_bytes(data)
        question = json.dumps({"before": str(before), "after": str(after), "frames": frames})
        try:
            done = subprocess.run(  # noqa: S603  our own program, with no argument from outside
                [sys.executable, "-I", str(PROGRAM)], input=question, capture_output=True, text=True, timeout=SECONDS,
                check=True,
            )  # fmt: skip
        except (subprocess.TimeoutExpired, subprocess.CalledProcessError):
            return None
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer
