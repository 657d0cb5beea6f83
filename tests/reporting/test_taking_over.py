"""A paper convention is taken over with what was already done: nothing is born late; the association confirms."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from conventions import workflow
from conventions.enums import FundingKind
from conventions.later.in_force import firm_years
from conventions.money.plan import money_of_state
from cpo.lib import clock
from cpo.lib.models import JournalEntry, OutboxMessage
from cpo.lib.workflow import Refused
from reporting.deadlines.before import Question, questions, years_received
from reporting.enums import DoneAnswer, RecordAnswer
from reporting.models import Deadline, DoneBefore, RecordCheck
from reporting.services.campaigns import open_report, pending
from reporting.services.deadlines import declare_met, is_met_automatically, sync
from reporting.services.taking_over import Done, answer_record, record_done
from reporting.todo.home import agenda
from tests.access import places
from tests.access.html import forms
from tests.access.places import SCAN
from tests.factories.scenarios import Scene, active_convention

pytestmark = pytest.mark.django_db
DAY = dt.date(2025, 11, 3)


def at_takeover() -> Scene:
    """Return a paper convention whose original is recorded, and nothing of what is done."""
    scene = places.paper()
    scene.act.convention.done_before.all().delete()
    return scene


def asked(scene: Scene) -> dict[str, Question]:
    return {question.key: question for question in questions(scene.act.convention)}


class Scan:
    """A file as a form gives it."""

    name, size = "acte.pdf", len(SCAN)

    def __init__(self) -> None:
        import io

        self.read, self.seek = (stream := io.BytesIO(SCAN)).read, stream.seek


def answer_all(scene: Scene, **done: dict[str, Any]) -> None:
    """Say that nothing is done but `done` (by key of question, with « _ » for « - »)."""
    rows = []
    for key, question in asked(scene).items():
        fields = done.get(key.replace("-", "_"))
        if fields is not None:
            rows.append(Done(question, DoneAnswer.DONE, **({"done_on": DAY} | fields)))
        elif question.past:
            rows.append(Done(question, DoneAnswer.NOT_OWED))
    record_done(convention=scene.act.convention, answers=rows, by=scene.officer)


EVERYTHING: dict[str, dict[str, Any]] = {
    "versement_annee_1": {"amount": Decimal(30000)},
    "justificatifs_annuels_2025": {"done_on": dt.date(2026, 6, 12)},
    "instruction_rapport_2025": {"done_on": dt.date(2026, 9, 1)},
    "donnees_essentielles": {},
}


def record(scene: Scene) -> None:
    scene.do("record_paper", scene.officer)


def test_what_is_asked_is_what_would_be_born_late_or_reminded_soon() -> None:
    scene = at_takeover()
    rows = asked(scene)
    assert {"versement_annee_1", "acte_financier_annuel-2026", "justificatifs_annuels-2025"} <= set(rows)
    assert rows["versement_annee_1"].past and rows["justificatifs_annuels-2025"].past
    soon = rows["instruction_rapport-2025"]
    assert (soon.due_on, soon.past) == (dt.date(2026, 10, 31), False)
    assert "evaluation_conjointe" not in rows, "due in 2027"


def test_the_record_waits_until_each_past_deadline_is_answered() -> None:
    scene = at_takeover()
    with pytest.raises(Refused):
        record(scene)
    missing = [line.text for line in workflow.ACT.attempt("record_paper", scene.act, scene.officer).blocking]
    assert any("Déjà fait ? Premier versement" in text for text in missing)
    answer_all(scene)
    record(scene)
    assert scene.act.is_active


def test_nothing_is_born_late_from_what_was_done_or_is_not_owed() -> None:
    scene = at_takeover()
    answer_all(scene, **EVERYTHING)
    sent = OutboxMessage.objects.count()
    record(scene)
    sync(scene.act.convention)
    assert not Deadline.objects.filter(convention=scene.convention).late().exists()
    met = {(one.rule.key, one.year): one.met_on for one in scene.convention.deadlines.exclude(met_on=None)}
    assert met["versement_annee_1", None] == DAY
    assert met["justificatifs_annuels", 2025] == dt.date(2026, 6, 12)
    assert ("acte_financier_annuel", 2026) not in met, "not owed: no deadline at all"
    assert not any("compte rendu 2025" in one.body for one in OutboxMessage.objects.order_by("pk")[sent:])
    for person in (scene.officer, scene.director):
        assert [task.title for task in agenda(person).mine if task.due and task.due < task.day] == []


def test_what_is_not_done_yet_is_followed_as_usual() -> None:
    scene = places.paper()
    record(scene)
    assert Deadline.objects.filter(convention=scene.convention).late().exists()
    assert scene.convention.reports.filter(year=2025).exists()


def test_a_report_received_on_paper_does_not_open_and_its_year_can_be_concluded(client: Client) -> None:
    scene = at_takeover()
    answer_all(scene, versement_annee_1={"amount": Decimal(1)}, justificatifs_annuels_2025={})
    record(scene)
    convention = scene.act.convention
    assert (years_received(convention), convention.reports.count()) == ({2025}, 0)
    assert open_report(convention, 2025) is None
    assert convention not in pending(convention.cycle, 2025)
    examination = convention.deadlines.get(rule__key="instruction_rapport", year=2025)
    assert (examination.met_on, is_met_automatically(examination)) == (None, False)
    declare_met(examination, on=dt.date(2026, 10, 10), by=scene.officer)
    assert scene.act.convention.years_concluded == [2025]
    client.force_login(scene.director)
    page = client.get(reverse("convention-reports", args=[scene.number])).content.decode()
    assert "Reçus sur papier" in page and "reçu le 3" in page


def test_the_examination_of_a_report_of_the_application_is_never_declared_by_hand() -> None:
    scene = places.paper()
    record(scene)
    examination = scene.convention.deadlines.get(rule__key="instruction_rapport", year=2025)
    assert is_met_automatically(examination)


def test_what_was_paid_before_fills_the_instalments_with_its_author_and_the_plan_counts_it() -> None:
    scene = at_takeover()
    answer_all(scene, **EVERYTHING)
    record(scene)
    payments = scene.convention.payments.order_by("rank")
    assert [(one.year, one.rank, one.amount, one.paid_on) for one in payments] == [
        (2025, 1, Decimal(20000), DAY),
        (2025, 2, Decimal(10000), DAY),
    ]
    assert {one.proposed_by for one in payments} == {scene.officer}
    assert scene.convention.commitments.get().amount == Decimal(30000)
    assert not scene.convention.funding_facts.exists()
    assert [(one.kind, one.year, one.amount) for one in money_of_state(scene.act)] == [
        (FundingKind.PAID, 2025, Decimal(20000)),
        (FundingKind.PAID, 2025, Decimal(10000)),
    ]


def test_no_more_was_paid_before_than_the_convention_says() -> None:
    scene = at_takeover()
    agreed = sum(row.amount for row in scene.act.contributions.filter(year=2025))
    with pytest.raises(ValidationError) as error:
        answer_all(scene, versement_annee_1={"amount": agreed + Decimal("0.01")})
    assert set(error.value.message_dict) == {"versement_annee_1-amount"}
    answer_all(scene, versement_annee_1={"amount": agreed})
    scene.act.instalments.filter(year=2025, rank=2).delete()
    with pytest.raises(Refused) as refused:
        record(scene)
    assert any("Versé en 2025 avant la reprise" in line.text for line in refused.value.missing)


def test_an_annual_act_signed_on_paper_fixes_its_year_at_the_amount_that_was_typed() -> None:
    scene = at_takeover()
    typed = sum(row.amount for row in scene.act.contributions.filter(year=2026))
    with pytest.raises(ValidationError) as error:
        answer_all(scene, acte_financier_annuel_2026={"amount": typed})
    assert set(error.value.message_dict) == {"acte_financier_annuel-2026-file"}
    answer_all(scene, acte_financier_annuel_2026={"amount": typed, "upload": Scan()})
    answer_all(scene, acte_financier_annuel_2026={"amount": typed})
    assert DoneBefore.objects.get(rule__key="acte_financier_annuel", year=2026).file_name == "acte.pdf", "it stays"
    assert firm_years(scene.act) == {2025}
    record(scene)
    assert firm_years(scene.act) == {2025, 2026}


def test_an_annual_act_that_changed_the_amount_fixes_its_year_once_it_is_taken_over_itself() -> None:
    scene = at_takeover()
    typed = sum(row.amount for row in scene.act.contributions.filter(year=2026))
    answer_all(scene, acte_financier_annuel_2026={"amount": typed + Decimal("0.01"), "upload": Scan()})
    record(scene)
    assert firm_years(scene.act) == {2025}
    assert scene.convention.deadlines.get(rule__key="acte_financier_annuel", year=2026).met_on == DAY


@pytest.mark.parametrize(
    ("fields", "part"),
    [
        ({"done_on": None, "amount": Decimal(1)}, "on"),
        ({"done_on": dt.date(2026, 10, 16), "amount": Decimal(1)}, "on"),
        ({"done_on": dt.date(2023, 12, 31), "amount": Decimal(1)}, "on"),
        ({"amount": None}, "amount"),
        ({"amount": Decimal(0)}, "amount"),
    ],
)
def test_what_is_done_has_a_past_day_and_an_amount_where_money_moved(fields: dict[str, Any], part: str) -> None:
    scene = at_takeover()
    with pytest.raises(ValidationError) as error:
        answer_all(scene, versement_annee_1=fields)
    assert set(error.value.message_dict) == {f"versement_annee_1-{part}"}
    assert not scene.act.convention.done_before.exists()
    answer_all(scene, versement_annee_1={"done_on": dt.date(2026, 10, 15), "amount": Decimal(1)})


def test_an_avenant_that_was_once_told_as_a_fact_stays() -> None:
    scene = at_takeover()
    DoneBefore.objects.create(
        convention=scene.convention, label="Un territoire de plus", answer="done", done_on=DAY,
        recorded_by=scene.officer, recorded_at=clock.now(),
    )  # fmt: skip
    answer_all(scene)
    assert scene.act.convention.done_before.get(rule=None).label == "Un territoire de plus"


def test_the_service_tells_it_before_the_record_only_and_of_a_paper_original_only() -> None:
    scene = at_takeover()
    with pytest.raises(PermissionDenied):
        record_done(convention=scene.act.convention, answers=[], by=scene.director)
    answer_all(scene)
    record(scene)
    with pytest.raises(Refused, match="ne se modifie plus"):
        record_done(convention=scene.act.convention, answers=[], by=scene.officer)
    other = active_convention()
    with pytest.raises(Refused):
        record_done(convention=other.act.convention, answers=[], by=other.officer)


# -- The association confirms -----------------------------------------------------------------------------------------


def tasks(person: Any) -> list[str]:
    return [task.title for task in agenda(person).mine if "papier" in task.title or "erreur" in task.title]


def told(since: int) -> set[str]:
    return {message.to for message in OutboxMessage.objects.filter(pk__gt=since)}


def last_message() -> int:
    return OutboxMessage.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def recorded() -> Scene:
    scene = places.paper()
    record(scene)
    return scene


def test_the_association_is_asked_to_confirm_what_was_recorded() -> None:
    scene = places.paper()
    assert tasks(scene.director) == []
    before = last_message()
    record(scene)
    assert {scene.director.email, scene.president.email} <= told(before)
    assert tasks(scene.director) == ["Confirmer ce qui a été enregistré de la convention sur papier"]
    assert "Confirmer ce qui a été enregistré de la convention sur papier" not in tasks(scene.officer)
    before = last_message()
    answer_record(convention=scene.act.convention, answer=RecordAnswer.CONFIRMED, by=scene.director)
    assert {scene.director.email, scene.officer.email} <= told(before)
    assert (tasks(scene.director), tasks(scene.president)) == ([], [])
    assert "confirme ce qui a été enregistré" in JournalEntry.objects.filter(verb="record_answered").get().sentence
    with pytest.raises(Refused, match="déjà confirmé"):
        answer_record(convention=scene.act.convention, answer=RecordAnswer.CONTESTED, text="Non", by=scene.president)


def test_an_error_that_is_told_opens_an_exchange_and_waits_for_the_service() -> None:
    scene = recorded()
    with pytest.raises(ValidationError):
        answer_record(convention=scene.act.convention, answer=RecordAnswer.CONTESTED, text="  ", by=scene.director)
    before = last_message()
    answer_record(
        convention=scene.act.convention, answer=RecordAnswer.CONTESTED, text="2026 vaut 1 €.", by=scene.director
    )
    check = RecordCheck.objects.get(convention=scene.convention)
    assert check.thread is not None
    assert [comment.text for comment in check.thread.comments.all()] == ["2026 vaut 1 €."]
    assert {scene.director.email, scene.officer.email} <= told(before)
    assert tasks(scene.director) == []
    assert len(tasks(scene.officer)) == 1
    from conventions.services import threads

    thread = scene.act.threads.get(pk=check.thread.pk)
    threads.reply(thread, by=scene.officer, text="Vérifié : c’est bien le montant de l’original.")
    threads.resolve(thread, by=scene.officer)
    assert tasks(scene.officer) == []
    assert len(tasks(scene.director)) == 1, "once the exchange is resolved, the question comes back"
    answer_record(convention=scene.act.convention, answer=RecordAnswer.CONFIRMED, by=scene.director)
    assert tasks(scene.director) == []


def test_only_the_direction_or_the_presidency_answers() -> None:
    scene = recorded()
    for person in (scene.officer, scene.manager):
        with pytest.raises(PermissionDenied):
            answer_record(convention=scene.act.convention, answer=RecordAnswer.CONFIRMED, by=person)
    assert not RecordCheck.objects.exclude(answer="").exists()


# -- The pages --------------------------------------------------------------------------------------------------------


def page_of(scene: Scene) -> str:
    return reverse("convention-taking-over", args=[scene.convention.number])


def test_the_page_asks_shows_and_keeps_the_answers(client: Client) -> None:
    scene = at_takeover()
    client.force_login(scene.officer)
    html = client.get(page_of(scene)).content.decode()
    assert "Premier versement de l’année 2025" in html and "Avenants et actes signés sur papier depuis" in html
    data = {f"{key}-answer": "not_owed" for key, one in asked(scene).items() if one.past}
    data |= {"revision": str(scene.act.programme.revision), "versement_annee_1-answer": "done"}
    data |= {"versement_annee_1-on": "", "versement_annee_1-amount": "30 000"}
    wrong = client.post(page_of(scene), data)
    assert "Donnez la date." in wrong.content.decode()
    assert not scene.act.convention.done_before.exists()
    right = client.post(page_of(scene), data | {"versement_annee_1-on": "03/11/2025"})
    assert right.status_code == 302, right.content.decode()
    assert "30000" in client.get(page_of(scene)).content.decode().replace("\u202f", "").replace("\u00a0", "")
    record(scene)
    client.force_login(scene.director)
    html = client.get(page_of(scene)).content.decode()
    for words in ("Ce qui a été enregistré", "Premier versement", "3 novembre 2025", "Oui, je confirme"):
        assert words in html.replace("\u00a0", " "), words


def opened(client: Client, scene: Scene) -> dict[str, str]:
    """Return what the page holds when it is opened, every past deadline answered « sans objet »."""
    form = next(one for one in forms(client.get(page_of(scene)).content.decode()) if "revision" in one.data())
    return form.data() | {f"{key}-answer": "not_owed" for key, one in asked(scene).items() if one.past}


def test_what_two_people_answer_at_once_is_merged_and_what_both_changed_is_asked(client: Client) -> None:
    scene = at_takeover()
    answer_all(scene)
    client.force_login(scene.officer)
    first, second, third = opened(client, scene), opened(client, scene), opened(client, scene)
    done = {"versement_annee_1-answer": "done", "versement_annee_1-on": "03/11/2025", "versement_annee_1-amount": "5"}
    assert client.post(page_of(scene), first | done).status_code == 302
    other = {"justificatifs_annuels-2025-answer": "not_done"}
    assert client.post(page_of(scene), second | other).status_code == 302
    answers = {row.label: row.answer for row in scene.act.convention.done_before.all()}
    assert answers["Premier versement de l’année 2025"] == DoneAnswer.DONE, "what the other person said stays"
    assert DoneAnswer.NOT_DONE in answers.values()
    clash = client.post(page_of(scene), third | done | {"versement_annee_1-amount": "6"})
    assert clash.status_code == 409
    assert scene.act.convention.done_before.get(rule__key="versement_annee_1").amount == 5, "asked, not overwritten"
    revision = scene.act.programme.revision
    assert client.post(page_of(scene), opened(client, scene) | done | other).status_code == 302
    assert scene.act.programme.revision == revision, "saved as it was opened: nothing was written"


def test_a_proof_that_somebody_gave_meanwhile_is_not_replaced_unseen(client: Client) -> None:
    scene = at_takeover()
    client.force_login(scene.officer)
    done = {"versement_annee_1-answer": "done", "versement_annee_1-on": "03/11/2025", "versement_annee_1-amount": "5"}
    first, second = opened(client, scene) | done, opened(client, scene) | done
    row = "versement_annee_1-file"
    assert client.post(page_of(scene), first | {row: SimpleUploadedFile("un.pdf", SCAN)}).status_code == 302
    late = client.post(page_of(scene), second | {row: SimpleUploadedFile("deux.pdf", SCAN + b"%")})
    assert "a déposé «\u00a0un.pdf\u00a0»" in late.content.decode()
    assert scene.act.convention.done_before.get(rule__key="versement_annee_1").file_name == "un.pdf"
    again = opened(client, scene) | done
    assert client.post(page_of(scene), again | {row: SimpleUploadedFile("deux.pdf", SCAN + b"%")}).status_code == 302
    assert scene.act.convention.done_before.get(rule__key="versement_annee_1").file_name == "deux.pdf"


def test_the_page_takes_the_answer_of_the_association(client: Client) -> None:
    scene = recorded()
    client.force_login(scene.director)
    wrong = client.post(page_of(scene), {"answer": "contested", "text": ""})
    assert "Dites quelle est l’erreur." in wrong.content.decode()
    assert client.post(page_of(scene), {"answer": "contested", "text": "Une erreur."}).status_code == 302
    assert "L’association a signalé une erreur" in client.get(page_of(scene)).content.decode()
    client.force_login(scene.officer)
    assert client.post(page_of(scene), {"answer": "confirmed"}).status_code == 409
    talks = client.get(reverse("convention-versions", args=[scene.number])).content.decode()
    assert "Une erreur." in talks


def test_the_proof_opens_for_the_parties_and_no_page_for_a_convention_of_the_application(
    client: Client, at: Callable[[str], None]
) -> None:
    scene = at_takeover()
    answer_all(scene, donnees_essentielles={"upload": Scan()})
    record(scene)
    row = scene.act.convention.done_before.get(file__isnull=False)
    address = reverse("convention-taking-over-file", args=[scene.convention.number, row.pk])
    client.force_login(scene.director)
    assert b"".join(client.get(address).streaming_content) == SCAN  # type: ignore[attr-defined]
    other = active_convention()
    client.force_login(other.officer)
    assert client.get(page_of(other)).status_code == 404
    assert client.get(address).status_code == 404
