"""The conditions to close a convention: each year concluded, the evaluation signed, no open act or notice."""

from collections.abc import Iterator

from django.urls import NoReverseMatch, reverse

from arml.models import Attachment
from conventions.later.in_force import latest_act
from conventions.later.opening import OPEN
from conventions.later.term import covered_years
from conventions.models import Act
from cpo.lib.hooks import Hook
from cpo.lib.workflow import Missing

EVALUATION = "evaluation_conjointe"


def years_concluded(act: Act) -> Iterator[Missing]:
    """The examination of each year's report is concluded; `reporting` writes it on the convention."""
    done = set(act.convention.years_concluded)
    text = latest_act(act.convention) or act
    for year in covered_years(act.convention, text.effective_on):
        if year not in done:
            yield Missing(f"Compte rendu {year} : l’année n’est pas conclue", _reports(act))


def _reports(act: Act) -> str:
    try:
        return reverse("convention-reports", args=[act.convention.number])
    except NoReverseMatch:  # pragma: no cover - deployed without `reporting`
        return ""


def signed_evaluation_missing(act: Act) -> list[Missing]:
    """The joint evaluation that was signed on paper, among the pièces of the convention."""
    current = Attachment.objects.current().filter(dossier=act.dossier, kind__key=EVALUATION, provisional=False)
    if current.exists():
        return []
    page = reverse("convention-documents", args=[act.convention.number])
    return [Missing("Pièce : évaluation conjointe signée", f"{page}#piece-{EVALUATION}")]


# What of the joint evaluation is missing; `reporting`, which holds it, answers with its page.
evaluation_missing: Hook[[Act], list[Missing]] = Hook(signed_evaluation_missing)


def evaluation_given(act: Act) -> Iterator[Missing]:
    """The parties evaluated the convention: articles 9.5 and 10 require it before the partnership ends."""
    yield from evaluation_missing(act)


def nothing_open(act: Act) -> Iterator[Missing]:
    for other in act.convention.acts.filter(state__in=OPEN).order_by("number"):
        yield Missing(
            f"{other.subject} est encore en cours : terminez-le, ou retirez-le",
            reverse("convention-detail", args=[other.reference]),
        )
    if act.convention.notices.open().exclude(sent_on=None).exists():
        page = reverse("convention-ending", args=[act.convention.number])
        yield Missing("Une mise en demeure est en cours : retirez-la, ou décidez de ses suites", page)
