"""The list of documents of an act: conditions, validity, rights, and refused files."""

import datetime as dt
import io
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from actions.models import Programme
from arml.models import Attachment, AttachmentKind
from conventions.guards.pieces import checklist, condition_holds
from conventions.models import Act
from conventions.services.pieces import add_attachment, may_add, why_not_add
from tests.factories.conventions import PDF, add_sheet, give, give_attachments, make_act, member

FACTS = {"subventions": Decimal(200000), "forme": "reelles", "delegation": True, "autre": False}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("toujours", True),
        ("", True),
        ("delegation", True),
        ("autre", False),
        ("inconnue", False),
        ("inconnue > 3", False),
        ("subventions > 153000", True),
        ("subventions > 200000", False),
        ("subventions >= 200000", True),
        ("forme == 'reelles'", True),
        ("forme == 'forfait'", False),
        ("subventions > 153000 and delegation", True),
        ("subventions > 153000 and autre", False),
    ],
)
def test_conditions_are_read_without_executing_anything(condition, expected):
    assert condition_holds(condition, FACTS) is expected


@pytest.mark.parametrize("condition", ["__import__('os')", "a or b", "x > y", "f(1)"])
def test_a_condition_outside_the_language_is_an_error(condition):
    with pytest.raises(ValueError, match="illisible"):
        condition_holds(condition, FACTS)


def lines(act: Act) -> dict:
    return {line.kind.key: line for line in checklist(Act.objects.get(pk=act.pk))}


@pytest.mark.django_db
def test_every_condition_of_the_reference_data_is_readable():
    conditions = set(AttachmentKind.objects.values_list("condition", flat=True))
    assert len(conditions) > 5
    assert {condition for condition in conditions if condition_holds(condition, {})} == conditions & {"", "toujours"}


@pytest.mark.django_db
def test_what_is_expected_follows_the_act():
    act = make_act(delegated=False)
    assert not lines(act)["delegation_signature_etat"].expected
    assert not lines(act)["rapport_cac_dernier_exercice"].expected
    assert lines(act)["statuts"].missing
    add_sheet(act, state=Decimal(160000))
    assert lines(act)["rapport_cac_dernier_exercice"].expected
    assert lines(make_act())["delegation_signature_etat"].expected


@pytest.mark.django_db
def test_a_document_past_its_validity_no_longer_satisfies(at):
    act = make_act()
    kind = AttachmentKind.objects.get(key="liste_dirigeants")
    give(act, kind)
    current = lines(act)["liste_dirigeants"].current
    assert current
    Attachment.objects.filter(pk=current.pk).update(valid_until=None, dated=dt.date(2026, 1, 15))
    assert lines(act)["liste_dirigeants"].satisfied
    at("2027-01-16")
    line = lines(act)["liste_dirigeants"]
    assert line.expired and line.missing
    Act.objects.filter(pk=act.pk).update(signed_on=dt.date(2026, 11, 2))
    line = lines(act)["liste_dirigeants"]
    assert line.satisfied and line.lapsed, "after the signature, it must only have been valid on that day"


@pytest.mark.django_db
def test_a_new_document_replaces_the_former_which_stays_in_history():
    act = make_act()
    kind = AttachmentKind.objects.get(key="statuts")
    give(act, kind)
    give(act, kind)
    line = lines(act)["statuts"]
    assert len(line.attachments) == 2 and line.current == line.attachments[0]
    assert line.current.replaces == line.attachments[1]


@pytest.mark.django_db
def test_the_checklist_costs_the_same_with_one_document_and_with_all():
    act = make_act()
    give(act, AttachmentKind.objects.get(key="statuts"))

    def count(act: Act) -> int:
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        fresh = Act.objects.select_related("convention__dossier__lead", "programme").get(pk=act.pk)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            for line in checklist(fresh):
                str(line.kind), line.current and line.current.added_by and line.current.file
        return len(queries)

    one = count(act)
    give_attachments(act)
    assert count(act) == one <= 8


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("data", "name", "message"),
    [(b"", "vide.pdf", "vide"), (b"bonjour", "texte.pdf", "format"), (b"%PDF-1.7 coupe", "c.pdf", "incomplet")],
)
def test_a_bad_file_is_refused_with_the_reason(data, name, message):
    act = make_act(state="negotiation", side="state")
    with pytest.raises(ValidationError) as refusal:
        add_attachment(
            act=act,
            kind=AttachmentKind.objects.get(key="statuts"),
            upload=io.BytesIO(data),
            name=name,
            by=member(act, "director"),
        )
    assert message in " ".join(refusal.value.message_dict["upload"])
    assert not Attachment.objects.exists()


@pytest.mark.django_db
def test_a_file_over_the_limit_is_refused(settings):
    settings.UPLOAD_MAX_BYTES = 10
    act = make_act(state="negotiation")
    with pytest.raises(ValidationError) as refusal:
        add_attachment(
            act=act,
            kind=AttachmentKind.objects.get(key="statuts"),
            upload=io.BytesIO(PDF),
            name="a.pdf",
            by=member(act, "director"),
        )
    assert "Mo" in " ".join(refusal.value.message_dict["upload"])


@pytest.mark.django_db
def test_documents_of_annex_four_wait_for_the_turn_of_the_side_that_gives_them():
    act = make_act(state="negotiation", side="state")
    president = member(act, "president")
    add = {"upload": io.BytesIO(PDF), "name": "a.pdf", "by": president}
    kind = AttachmentKind.objects.get(key="attestation_cer")
    with pytest.raises(PermissionDenied, match="annexe IV"):
        add_attachment(act=act, kind=kind, **add)
    add_attachment(act=act, kind=AttachmentKind.objects.get(key="statuts"), **add)
    assert Programme.objects.get(pk=act.programme_id).revision == 0
    Programme.objects.filter(pk=act.programme_id).update(side="beneficiary")
    add_attachment(act=Act.objects.get(pk=act.pk), kind=kind, **add)
    assert Programme.objects.get(pk=act.programme_id).revision == 1


@pytest.mark.django_db
def test_each_side_gives_its_own_documents():
    act = make_act(state="negotiation", side="state")
    kind = AttachmentKind.objects.get(key="statuts")
    assert may_add(member(act, "officer"), act, kind) is None
    assert "directeur" in why_not_add(member(act, "officer"), act, kind)
    assert may_add(member(act, "director"), act, kind)
    assert may_add(member(act, "signatory"), act, kind) is None


@pytest.mark.django_db
def test_not_applicable_needs_a_reason_and_a_type_that_admits_it():
    act = make_act(state="negotiation")
    director = member(act, "director")
    free, other = (AttachmentKind.objects.get(key=key) for key in ("crf_precedent", "statuts"))
    with pytest.raises(ValidationError) as refusal:
        add_attachment(act=act, kind=other, not_applicable_reason="Aucun", by=director)
    assert "not_applicable_reason" in refusal.value.message_dict
    attachment = add_attachment(act=act, kind=free, not_applicable_reason="Première subvention", by=director)
    assert attachment.file is None and lines(act)["crf_precedent"].satisfied


@pytest.mark.django_db
def test_a_delegation_carries_its_end_date():
    act = make_act()
    with pytest.raises(ValidationError) as refusal:
        add_attachment(
            act=act,
            kind=AttachmentKind.objects.get(key="delegation_signature_etat"),
            upload=io.BytesIO(PDF),
            name="a.pdf",
            by=member(act, "officer"),
        )
    assert "valid_until" in refusal.value.message_dict
