"""The tests of guards share these helpers: they compare the messages of a guard, and the addresses that they give.

Expected lines are written « words | page#fragment ». The scene fills in `{lead}`, `{lead_party}`, `{beneficiary}`…
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
# A short name, the change made to a complete scene, and the lines that the guard must give.
Case = tuple[str, Change, list[str]]
OF_SHEET = ("sheet-edit", "sheet-indicators", "sheet-budget")


def at(scene: Scene, page: str, **more: Any) -> str:
    """Return the address of a page of the act; in « page/value », the value is the second argument of the address."""
    page, _, fragment = page.partition("#")
    page, _, second = page.partition("/")
    if page in OF_SHEET:
        more["key"] = scene.act.programme.sheets.first().key
    elif second:
        more["key" if page == "convention-article" else "name"] = second
    return reverse(page, kwargs={"number": scene.number, **more}) + (f"#{fragment}" if fragment else "")


def messages(guard: Guard, scene: Scene, severity: str = "") -> list[str]:
    """Return « words | address » for each line that the guard gives, of one severity or of all."""
    return [f"{line.text} | {line.url}" for line in guard(scene.act) if severity in ("", line.severity)]


def lines(scene: Scene, expected: list[str], **names: Any) -> list[str]:
    """Return the expected lines with their names and addresses filled in, as `messages` gives them."""
    act = scene.act
    names |= {"lead": act.dossier.lead, "beneficiary": act.dossier.beneficiary, "lead_pk": act.dossier.lead_id}
    names |= {f"{party.role}_party": f"partie-{party.pk}" for party in act.parties.all()}
    complete_lines = []
    for line in expected:
        words, _, page = line.format(**names).partition(" | ")
        complete_lines.append(f"{words} | {at(scene, page)}")
    return complete_lines


def stops_acceptance(scene: Scene, expected: list[str]) -> bool:
    """Return whether each of these lines blocks the acceptance of the version that waits for the State."""
    option = workflow.ACT.attempt("accept", scene.act, scene.officer)
    return set(expected) <= {f"{line.text} | {line.url}" for line in option.blocking}
