"""What two checkers that the application does not use say of every kind of document (docs/signature.md explains)."""

from collections.abc import Callable
from pathlib import Path

import outloud
import pdfua
import pytest

from tests import shared

from .test_documents import KINDS, ROOT

pytestmark = pytest.mark.pdf

# What `outloud` guesses from the look of a page and that is not so here; docs/signature.md says why for each.
EXPLAINED = {"TBL-010", "TAG-002", "PAG-001", "ORD-001"}


@pytest.fixture
def printed(settings: pytest.FixtureRequest) -> Callable[[str], bytes]:
    settings.SITE_URL = "https://conventions.example"  # type: ignore[attr-defined]
    return lambda kind: shared.once(f"document {kind}", KINDS[kind])


@pytest.mark.parametrize("kind", KINDS)
def test_the_first_checker_finds_nothing(kind: str, printed: Callable[[str], bytes], tmp_path: Path) -> None:
    path = tmp_path / "d.pdf"
    path.write_bytes(printed(kind))
    assert [finding.rule_id for finding in pdfua.validate(path).findings] == []


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_the_second_checker_finds_only_what_is_explained(
    kind: str, printed: Callable[[str], bytes], tmp_path: Path
) -> None:
    path = tmp_path / "d.pdf"
    path.write_bytes(printed(kind))
    assert {finding.rule for finding in outloud.check(path).sorted_findings()} <= EXPLAINED


def test_each_finding_that_stays_is_explained() -> None:
    words = (ROOT.parent / "docs" / "signature.md").read_text(encoding="utf-8")
    assert all(f"`{rule}`" in words for rule in EXPLAINED)
