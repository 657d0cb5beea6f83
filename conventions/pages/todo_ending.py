"""The tasks that a formal notice gives to both sides: one query for all the dossiers of a person."""

from collections.abc import Iterator

from django.db.models import Exists, OuterRef
from django.urls import reverse

from arml.models import Dossier, zone_of
from arml.permissions import SPOKESPERSONS
from conventions.models import FormalNotice, NoticeObservation
from conventions.permissions import DECIDES
from cpo.lib import clock
from cpo.lib.enums import Side
from cpo.lib.wording import french

from .todo import Hats, Task, Todo, Waiting


def notice_todo(hats: Hats) -> Todo:
    """Return the tasks on formal notices. Only the side that prepares a notice sees it before it is sent."""
    todo = Todo()
    notices = (
        FormalNotice.objects.visible_to(hats.user)
        .open()
        .filter(convention__dossier__in=Dossier.objects.filter(hats.reach))
        .annotate(zone=zone_of("convention__dossier"))
        .annotate(answered=Exists(NoticeObservation.objects.filter(notice=OuterRef("pk"))))
        .select_related("convention__dossier__lead", "convention__dossier__beneficiary")
        .order_by("due_on", "pk")
    )
    for notice in notices:
        for item in _lines(notice, hats):
            (todo.mine if isinstance(item, Task) else todo.others).append(item)  # type: ignore[arg-type]
    return todo


def _lines(notice: FormalNotice, hats: Hats) -> Iterator[Task | Waiting]:
    dossier = notice.convention.dossier
    organisations = {Side.STATE: dossier.lead, Side.BENEFICIARY: dossier.beneficiary}
    giver = Side(notice.side)
    other = Side.other(giver)
    decides = hats.on(organisations[giver].pk, DECIDES[giver])
    answers = hats.on(organisations[other].pk, *SPOKESPERSONS[other])
    number = notice.convention.number
    page = reverse("convention-ending", args=[number])
    today = clock.today(notice.zone)  # type: ignore[attr-defined]
    about = f"{number} · {organisations[other if decides else giver]}"
    if notice.sent_on is None:
        if decides:
            title = "Envoyer la mise en demeure, puis enregistrer son envoi"
            yield Task(title, page, "Enregistrer l’envoi", about, since=notice.prepared_on, today=today)
    elif notice.over(today):
        title = "Décider des suites de la mise en demeure"
        if decides:
            yield Task(title, page, "Décider", about, since=notice.due_on, today=today)
        elif answers:
            yield Waiting("Suites de la mise en demeure", str(organisations[giver]), page, notice.due_on, number)
    elif notice.answered:  # type: ignore[attr-defined]
        if answers:
            yield Waiting("Suites de la mise en demeure", str(organisations[giver]), page, notice.sent_on, number)
        elif decides:
            title = f"Fin du délai de la mise en demeure, le {french.date(notice.due_on)} ; observations reçues"
            yield Waiting(title, str(organisations[other]), page, notice.sent_on, number)
    elif answers:
        title = f"Répondre à la mise en demeure {french.of(organisations[giver].in_sentence)}"
        yield Task(title, page, "Lire et répondre", about, due=notice.due_on, today=today)
    elif decides:
        yield Waiting("Réponse à la mise en demeure", str(organisations[other]), page, notice.sent_on, number)
