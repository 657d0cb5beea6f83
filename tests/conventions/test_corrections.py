"""What was typed of a paper original is corrected in one place, with a reason; nothing of what was is lost."""

import datetime as dt
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from actions.models import Programme
from actions.services import update_sheet
from conventions.guards.signing import signing_document
from conventions.later import typed
from conventions.later.in_force import text_in_force
from conventions.models import Act, Signature, SignedTotal
from conventions.services.corrections import correct_record
from cpo.lib.correction import correcting
from cpo.lib.editing.lock import StaleRevision
from cpo.lib.models import JournalEntry, OutboxMessage
from cpo.lib.workflow import Refused
from reporting.models import RecordCheck
from reporting.services.taking_over import answer_record
from tests.access import places
from tests.access.html import form_data
from tests.factories.scenarios import Scene, active_convention, in_force, later, to_signature

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).parents[2]


def correct(scene: Scene, values: dict[str, Any], *, by: Any = None, reason: str = "Mal recopié.") -> Act:
    who = by or scene.officer
    return correct_record(act=scene.act, values=values, reason=reason, by=who, expected_revision=None)


def amount_of(scene: Scene, year: int = 2026) -> str:
    """Return the name of the contribution of a year."""
    return next(name for name in typed.lines(scene.act) if name.startswith(f"contribution-{year}-"))


def title_of(scene: Scene) -> str:
    return next(name for name in typed.lines(scene.act) if name.startswith("title-"))


def contribution(scene: Scene, year: int = 2026) -> Decimal:
    content = scene.version.content
    return sum((Decimal(row["amount"]) for row in content["contributions"] if row["year"] == year), Decimal(0))


def test_a_correction_is_the_next_version_and_the_former_one_stays() -> None:
    scene = places.recorded()
    first = scene.version
    total = SignedTotal.objects.get(convention=scene.convention, year=2026, axis=None)
    correct(scene, {amount_of(scene): Decimal("40000.01"), title_of(scene): "Un autre titre"})
    assert (scene.version.number, contribution(scene)) == (first.number + 1, Decimal("40000.01"))
    assert scene.version.content["sheets"][0]["title"] == "Un autre titre"
    first.refresh_from_db()
    assert first.content["contributions"] != scene.version.content["contributions"]
    assert text_in_force(scene.convention, dt.date(2026, 1, 1)) == scene.version
    total.refresh_from_db()
    assert total.amount == Decimal("40000.01")
    assert scene.act.programme.frozen and scene.act.programme.side == ""


def test_the_journal_keeps_the_reason_and_the_former_value_and_the_association_confirms_again() -> None:
    scene = places.recorded()
    answer_record(convention=scene.convention, answer="confirmed", by=scene.director)
    before = OutboxMessage.objects.latest("pk").pk
    correct(scene, {amount_of(scene): Decimal(41000)}, reason="Ligne sautée.")
    entry = JournalEntry.objects.filter(verb="correct_record").get()
    assert "Ligne sautée." in entry.comment
    assert "40\u00a0000\u00a0€ → 41\u00a0000\u00a0€" in entry.comment
    assert RecordCheck.objects.get(convention=scene.convention).answer == ""
    sent = OutboxMessage.objects.filter(pk__gt=before, template="reprise_a_confirmer")
    assert {one.to for one in sent} == {scene.director.email, scene.president.email}
    assert "Motif de la correction\u00a0: Ligne sautée." in sent[0].body


def test_dates_and_signatories_are_corrected_and_the_recorded_signature_is_voided_not_changed() -> None:
    scene = places.recorded()
    organisation = scene.act.dossier.beneficiary_id
    names = (f"signed-{organisation}", f"signatory_name-{organisation}", "notified_on")
    correct(scene, dict(zip(names, (dt.date(2025, 9, 20), "Dominique Exemple", dt.date(2025, 9, 20)), strict=True)))
    assert (scene.act.signed_on, scene.act.notified_on) == (dt.date(2025, 9, 20), dt.date(2025, 9, 20))
    document = signing_document(scene.act)
    assert document is not None
    (now,) = document.signatures.filter(voided_at=None, party__organisation=organisation)
    assert (now.signatory_name, now.signed_on, now.scan_id) == (
        "Dominique Exemple",
        dt.date(2025, 9, 20),
        document.file_id,
    )
    former = Signature.objects.filter(document=document, party__organisation=organisation).exclude(voided_at=None)
    assert (former.earliest("pk").signatory_name, former.earliest("pk").signed_on) == (
        "Alex Exemple",
        dt.date(2025, 9, 1),
    )


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("notified_on", dt.date(2025, 8, 31)),
        ("notified_on", dt.date(2026, 10, 16)),
        ("ends_on", dt.date(2024, 12, 31)),
        ("ends_on", dt.date(2026, 12, 31)),
        ("ends_on", dt.date(2029, 1, 1)),
    ],
)
def test_a_date_that_cannot_be_is_refused_beside_its_field(name: str, day: dt.date) -> None:
    scene = places.recorded()
    with pytest.raises(ValidationError) as error:
        correct(scene, {name: day})
    assert set(error.value.message_dict) == {name}
    assert scene.act.programme.frozen and scene.act.versions.count() == 1


def test_the_last_days_that_can_be_are_taken() -> None:
    scene = places.recorded()
    correct(scene, {"notified_on": dt.date(2025, 9, 1), "ends_on": dt.date(2028, 12, 31)})
    assert (scene.act.ends_on, scene.act.programme.term_year) == (dt.date(2028, 12, 31), 2028)


def test_nothing_is_written_without_a_reason_or_a_change() -> None:
    scene = places.recorded()
    name = amount_of(scene)
    with pytest.raises(Refused, match="motif"):
        correct(scene, {name: Decimal(1)}, reason="  ")
    with pytest.raises(ValidationError, match="Aucune valeur"):
        correct(scene, {name: typed.lines(scene.act)[name].value})
    with pytest.raises(ValidationError, match="n’existent plus"):
        correct(scene, {"inconnu": 1})
    with pytest.raises(StaleRevision):
        correct_record(
            act=scene.act, values={name: Decimal(1)}, reason="Oui.", by=scene.officer,
            expected_revision=scene.act.programme.revision + 1,
        )  # fmt: skip
    assert scene.act.versions.count() == 1


def test_an_amount_that_the_original_does_not_have_is_removed() -> None:
    scene = places.recorded()
    name = amount_of(scene, 2027)
    correct(scene, {name: Decimal(0)})
    assert contribution(scene, 2027) == 0
    assert name not in typed.lines(scene.act)


def test_only_the_lead_service_corrects_and_only_a_paper_original() -> None:
    scene = places.recorded()
    for person in (scene.director, scene.president, scene.signatory):
        with pytest.raises(PermissionDenied):
            correct(scene, {amount_of(scene): Decimal(1)}, by=person)
    other = active_convention()
    with pytest.raises(Refused, match="que par un avenant"):
        correct(other, {amount_of(other): Decimal(1)})


def test_the_acts_on_paper_and_the_open_act_that_took_the_error_over_are_corrected_with_it() -> None:
    first = places.recorded()
    paper = later(first, "paper", effective_on=dt.date(2026, 3, 1))
    places.give_original(paper, dt.date(2026, 2, 1))
    paper.do("record_paper", paper.officer)
    ours = later(Scene(first.convention))
    sheet = ours.act.programme.sheets.first()
    update_sheet(sheet=sheet, by=ours.officer, expected_revision=None, title="Le titre de l’avenant")
    name = amount_of(first)
    correct(
        first, {name: Decimal(41000), title_of(first): "Le titre de l’original", "notified_on": dt.date(2025, 9, 30)}
    )
    assert [contribution(one) for one in (first, paper)] == [41000, 41000]
    assert typed.lines(ours.act)[name].value == 41000
    assert ours.act.programme.sheets.first().title == "Le titre de l’avenant", "what the act changes itself stays"
    assert paper.act.programme.sheets.first().title == "Le titre de l’original"
    assert paper.act.notified_on == dt.date(2026, 2, 1), "its own day"
    with pytest.raises(ValidationError) as error:
        correct(first, {"effective_on": dt.date(2026, 3, 2)})
    assert set(error.value.message_dict) == {"effective_on"}
    correct(first, {"effective_on": dt.date(2026, 3, 1), "ends_on": dt.date(2028, 6, 30)})
    assert {one.act.ends_on for one in (first, paper, ours)} == {dt.date(2028, 6, 30)}


def test_it_is_refused_while_an_act_is_at_the_signature_and_once_one_of_the_application_is_signed() -> None:
    scene = later(places.recorded())
    first = Scene(scene.convention)
    scene.edit()
    to_signature(scene)
    with pytest.raises(Refused, match="est à la signature"):
        correct(first, {amount_of(first): Decimal(41000)})
    scene.do("reopen", scene.manager, "Une correction.")
    correct(first, {title_of(first): "Le titre de l’original"})
    assert scene.act.programme.sheets.get().title == "Le titre de l’original"
    in_force(scene)
    with pytest.raises(Refused, match="est signé sur ce texte"):
        correct(first, {amount_of(first): Decimal(42000)})


def test_the_page_shows_one_place_and_tells_what_is_wrong_beside_its_field(client: Client) -> None:
    scene = places.recorded()
    client.force_login(scene.officer)
    page = reverse("record-correct", args=[scene.number])
    html = client.get(page).content.decode()
    assert "Parties et dates" in html and "id_notified_on" in html
    wrong = client.post(page, form_data(html, "notified_on", notified_on="31/08/2025", reason="Mal lu."))
    assert "suit la dernière signature" in wrong.content.decode()
    empty = client.post(page, form_data(client.get(page).content.decode(), "notified_on", reason=""))
    assert "Dites pourquoi" in empty.content.decode()
    amounts = f"{page}?endroit=montants"
    html = client.get(amounts).content.decode()
    done = client.post(amounts, form_data(html, "reason", reason="Mal lu.", **{amount_of(scene): "41 000"}))
    assert done.status_code == 302, done.content.decode()
    assert contribution(scene) == 41000
    assert client.get(f"{page}?endroit=²").status_code == 200


# -- The database -----------------------------------------------------------------------------------------------------


def test_the_database_lets_what_is_signed_be_written_inside_the_block_alone() -> None:
    scene = active_convention()
    programmes = Programme.objects.filter(pk=scene.act.programme_id)
    acts = Act.objects.filter(pk=scene.act.pk)
    for rows, values in ((programmes, {"frozen": False}), (acts, {"effective_on": dt.date(2025, 2, 1)})):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(**values)
    with correcting():
        programmes.update(frozen=False)
        programmes.update(frozen=True)
    with pytest.raises(DatabaseError), transaction.atomic():
        programmes.update(frozen=False)


def test_one_module_alone_writes_what_is_signed() -> None:
    apps = ("actions", "arml", "conventions", "cpo", "reporting")
    paths = [path for app in apps for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts]
    users = {
        str(path.relative_to(ROOT)) for path in paths if re.search(r"correcting\(|cpo\.correction", path.read_text())
    }
    assert users == {"cpo/lib/correction.py", "conventions/effects/corrections.py"}
