"""What the tests of guards share: a rule is broken by a hair, then held by a hair; what it says, with its address.

Expected lines are written « words | page#fragment »; `{lead}`, `{lead_party}`, `{sheet}`… are filled from the scene.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.urls import reverse

from conventions import workflow
from conventions.models import Act
from cpo.lib.workflow import Missing
from tests.factories.scenarios import Scene

Guard = Callable[[Act], Iterable[Missing]]
Change = Callable[[Scene], Any]
# What is changed on a complete scene, said in a word; how; the lines that it must give.
Case = tuple[str, Change, list[str]]
OF_SHEET = ("sheet-edit", "sheet-indicators", "sheet-budget")


def at(scene: Scene, page: str, **more: Any) -> str:
    """The address of a page of the act; « page/value » gives the value of its second part."""
    page, _, fragment = page.partition("#")
    page, _, second = page.partition("/")
    if page in OF_SHEET:
        more["key"] = scene.act.programme.sheets.first().key
    elif second:
        more["key" if page == "convention-article" else "name"] = second
    return reverse(page, kwargs={"number": scene.number, **more}) + (f"#{fragment}" if fragment else "")


def messages(guard: Guard, scene: Scene, severity: str = "") -> list[str]:
    """« words | address » of what a guard says now, of one severity or of all."""
    return [f"{line.text} | {line.url}" for line in guard(scene.act) if severity in ("", line.severity)]


def lines(scene: Scene, expected: list[str], **names: Any) -> list[str]:
    """Expected lines with their names and addresses filled in, as `messages` gives them."""
    act = scene.act
    names |= {"lead": act.dossier.lead, "beneficiary": act.dossier.beneficiary, "lead_pk": act.dossier.lead_id}
    names |= {f"{party.role}_party": f"partie-{party.pk}" for party in act.parties.all()}
    complete_lines = []
    for line in expected:
        words, _, page = line.format(**names).partition(" | ")
        complete_lines.append(f"{words} | {at(scene, page)}")
    return complete_lines


def stops_acceptance(scene: Scene, expected: list[str]) -> bool:
    """Whether each of these lines blocks the acceptance of the version that waits for the State."""
    option = workflow.ACT.attempt("accept", scene.act, scene.officer)
    return set(expected) <= {f"{line.text} | {line.url}" for line in option.blocking}
