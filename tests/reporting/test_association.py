"""The life of an association: dated rows, who reads and writes them, the label that a convention prints."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from arml.enums import OrganisationKind
from arml.models import GeneralMeeting, LabelStep, Member, MemberFee, Organisation, label_of, presidency_warning
from arml.models import label_words as words_of
from cpo.lib.editing.lock import StaleRevision
from cpo.lib.models import JournalEntry
from cpo.lib.workflow import Refused
from reporting.content.association import REGISTERS, fees_by_year, training_of
from reporting.models import Attendance, TrainingSession
from reporting.permissions import registers as may
from reporting.services import association as services
from tests.factories.arml import DossierFactory, OrganisationFactory, TerritoryFactory, make_user

pytestmark = pytest.mark.django_db
SIRET, OTHER = "73282932000074", "55208131766522"
D = dt.date


def add(organisation: Organisation, register: str, by: Any = None, **values: Any) -> Any:
    by = by or make_user("director", organisation)
    return services.add_row(register=REGISTERS[register], organisation=organisation, values=values, by=by)


def member(organisation: Organisation, siret: str = SIRET, **values: Any) -> Any:
    defaults = {"name": "Mission locale Exemple", "siret": siret, "joined_on": D(2024, 1, 1), "left_on": None}
    return add(organisation, may.MEMBERS, **defaults | values)


def faults(call: Any) -> dict[str, str]:
    with pytest.raises(ValidationError) as caught:
        call()
    return {name: messages[0] for name, messages in caught.value.message_dict.items()}


@pytest.fixture
def dossier() -> Any:
    return DossierFactory()


@pytest.fixture
def arml(dossier: Any) -> Organisation:
    return dossier.beneficiary


# -- Members ---------------------------------------------------------------------------------------------


def test_memberships_of_one_siret_meet_on_no_day(arml: Organisation) -> None:
    member(arml, left_on=D(2025, 6, 30))
    late = faults(lambda: member(arml, joined_on=D(2025, 6, 30)))
    assert late == {
        "joined_on": "« Mission locale Exemple » a déjà ce SIRET, du 1er\u00a0janvier 2024 au 30\u00a0juin 2025 : "
        "deux adhésions d’un même SIRET ne se chevauchent pas."
    }
    member(arml, joined_on=D(2025, 7, 1))
    assert arml.members.count() == 2


def test_the_database_refuses_an_overlap_too(arml: Organisation) -> None:
    member(arml)
    row = {"organisation": arml, "name": "X", "siret": SIRET, "joined_on": D(2026, 1, 1)}
    with pytest.raises(IntegrityError, match="memberships_of_a_siret_never_overlap"), transaction.atomic():
        Member.objects.create(**row)
    Member.objects.create(**row | {"siret": OTHER})
    Member.objects.create(**row | {"organisation": DossierFactory().beneficiary})


def test_a_member_counts_on_its_first_and_on_its_last_day(arml: Organisation) -> None:
    member(arml, joined_on=D(2024, 3, 1), left_on=D(2025, 6, 30))
    days = [D(2024, 2, 29), D(2024, 3, 1), D(2025, 6, 30), D(2025, 7, 1)]
    assert [arml.members.on(day).count() for day in days] == [0, 1, 1, 0]


def test_a_member_does_not_leave_before_it_joined(arml: Organisation) -> None:
    assert set(faults(lambda: member(arml, left_on=D(2023, 12, 31)))) == {"left_on"}
    member(arml, left_on=D(2024, 1, 1))


# -- Fees ------------------------------------------------------------------------------------------------


def test_a_fee_is_of_a_year_of_membership(arml: Organisation) -> None:
    one = member(arml, joined_on=D(2024, 12, 31), left_on=D(2026, 1, 1))
    for year in (2024, 2026):
        add(arml, may.FEES, member=one, year=year, asked=Decimal(10), paid=None)
    for year in (2023, 2027):
        assert set(faults(lambda y=year: add(arml, may.FEES, member=one, year=y, asked=Decimal(1), paid=None))) == {
            "year"
        }


def test_blank_is_not_zero_in_the_fees_of_a_year(arml: Organisation) -> None:
    one, other = member(arml), member(arml, OTHER)
    add(arml, may.FEES, member=one, year=2025, asked=Decimal("1200.50"), paid=None)
    add(arml, may.FEES, member=other, year=2025, asked=Decimal("800"), paid=None)
    add(arml, may.FEES, member=one, year=2026, asked=None, paid=Decimal(0))
    assert [(row.year, row.asked, row.paid, row.members) for row in fees_by_year(arml)] == [
        (2026, None, Decimal("0.00"), 1),
        (2025, Decimal("2000.50"), None, 2),
    ]
    assert set(faults(lambda: add(arml, may.FEES, member=other, year=2026, asked=None, paid=None))) == {"asked"}


def test_a_membership_keeps_the_years_of_its_fees(arml: Organisation) -> None:
    one = member(arml)
    add(arml, may.FEES, member=one, year=2025, asked=Decimal(1), paid=None)
    change = {"register": REGISTERS[may.MEMBERS], "organisation": arml, "row": one, "expected_revision": 0}
    values = {"name": one.name, "siret": SIRET, "joined_on": one.joined_on}
    by = make_user("director", arml)
    assert set(faults(lambda: services.change_row(**change, values=values | {"left_on": D(2024, 12, 31)}, by=by))) == {
        "left_on"
    }
    services.change_row(**change, values=values | {"left_on": D(2025, 1, 1)}, by=by)


def test_the_member_of_a_fee_is_not_taken_out(arml: Organisation) -> None:
    one = member(arml)
    fee = add(arml, may.FEES, member=one, year=2025, asked=Decimal(1), paid=None)
    by = make_user("director", arml)
    with pytest.raises(Refused, match="s’appuient sur celle-ci"):
        services.remove_row(register=REGISTERS[may.MEMBERS], organisation=arml, row=one, by=by)
    services.remove_row(register=REGISTERS[may.FEES], organisation=arml, row=fee, by=by)
    services.remove_row(register=REGISTERS[may.MEMBERS], organisation=arml, row=one, by=by)
    verbs = JournalEntry.objects.filter(root=f"organisation:{arml.pk}", verb="register_removed")
    assert sorted(entry.sentence for entry in verbs) == [
        "Retrait (cotisations) : Mission locale Exemple, 2025",
        "Retrait (missions locales adhérentes) : Mission locale Exemple",
    ]


# -- Label -----------------------------------------------------------------------------------------------


def test_a_label_expires_the_day_after_its_last_one(arml: Organisation) -> None:
    add(arml, may.LABEL, step="labelled", day=D(2023, 12, 20), expires_on=D(2026, 12, 19), note="")
    assert [label_of(arml, day)["expired"] for day in (D(2026, 12, 19), D(2026, 12, 20))] == [False, True]
    assert words_of(arml, D(2026, 12, 19)) == (
        "Labellisée depuis le 20\u00a0décembre 2023, jusqu’au 19\u00a0décembre 2026",
        "success",
    )
    assert words_of(arml, D(2026, 12, 20)) == ("Label échu le 19\u00a0décembre 2026", "error")
    assert words_of(arml, D(2023, 12, 19)) == ("", "")


def test_a_new_audit_leaves_the_label_and_a_refusal_ends_it(arml: Organisation) -> None:
    add(arml, may.LABEL, step="reserves", day=D(2024, 1, 1), expires_on=None, note="")
    add(arml, may.LABEL, step="audit", day=D(2026, 2, 1), expires_on=None, note="")
    said = label_of(arml, D(2026, 2, 1))
    assert (said["step"].step, said["label"].step) == ("audit", "reserves")
    add(arml, may.LABEL, step="refused", day=D(2026, 3, 1), expires_on=None, note="")
    assert label_of(Organisation.objects.get(pk=arml.pk), D(2026, 3, 1))["label"] is None


def test_only_a_label_has_an_end(arml: Organisation) -> None:
    row = {"step": "audit", "day": D(2026, 1, 1), "expires_on": D(2027, 1, 1), "note": ""}
    assert set(faults(lambda: add(arml, may.LABEL, **row))) == {"expires_on"}
    assert set(faults(lambda: add(arml, may.LABEL, **row | {"step": "labelled", "expires_on": D(2026, 1, 1)}))) == {
        "expires_on"
    }
    with pytest.raises(IntegrityError), transaction.atomic():
        LabelStep.objects.create(organisation=arml, **row)


def test_the_state_that_conventions_print_follows_the_steps(arml: Organisation) -> None:
    step = add(arml, may.LABEL, step="labelled", day=D(2024, 5, 6), expires_on=None, note="")
    arml.refresh_from_db()
    assert (arml.label_status, arml.label_since) == ("labelled", D(2024, 5, 6))
    services.remove_row(register=REGISTERS[may.LABEL], organisation=arml, row=step, by=make_user("director", arml))
    arml.refresh_from_db()
    assert (arml.label_status, arml.label_since) == ("none", None)


# -- Governance ------------------------------------------------------------------------------------------


def test_who_signs_is_warned_of_an_ended_mandate_of_president(arml: Organisation) -> None:
    assert presidency_warning(arml, D(2026, 1, 1)) == ""  # nothing recorded says nothing
    row = {"function": "president", "holder": "Camille Exemple", "represents": "", "since": D(2023, 6, 1)}
    add(arml, may.MANDATES, **row, until=D(2026, 5, 31))
    assert presidency_warning(arml, D(2026, 5, 31)) == ""
    assert presidency_warning(arml, D(2026, 6, 1)).startswith(
        "Le dernier mandat de présidence enregistré, celui de Camille Exemple, a pris fin le 31\u00a0mai 2026."
    )
    add(arml, may.MANDATES, **row | {"since": D(2026, 6, 1), "holder": "Dominique Exemple"}, until=None)
    assert presidency_warning(Organisation.objects.get(pk=arml.pk), D(2026, 6, 1)) == ""


def test_an_assembly_approves_no_accounts_of_a_year_to_come(arml: Organisation) -> None:
    row = {"kind": "ordinary", "day": D(2026, 6, 1), "budget_year": 2027, "note": "", "minutes": None}
    assert set(faults(lambda: add(arml, may.ASSEMBLIES, **row, accounts_year=2027))) == {"accounts_year"}
    add(arml, may.ASSEMBLIES, **row, accounts_year=2026)
    assert GeneralMeeting.objects.count() == 1


# -- Training --------------------------------------------------------------------------------------------


def test_the_persons_of_a_year_are_added_up(arml: Organisation) -> None:
    one, other = member(arml), member(arml, OTHER)
    common = {"sheet_key": None, "place": "", "trainer": "", "seats": 12}
    days = {"starts_on": D(2026, 3, 1), "ends_on": D(2026, 3, 2)}
    first = add(arml, may.SESSIONS, title="Accueil", hours=Decimal("10.5"), **days, **common)
    add(arml, may.SESSIONS, title="Suite", hours=None, starts_on=D(2026, 12, 31), ends_on=D(2027, 1, 2), **common)
    assert training_of(arml, 2026).persons is None
    add(arml, may.ATTENDANCES, session=first, member=one, persons=4)
    add(arml, may.ATTENDANCES, session=first, member=other, persons=0)
    found = training_of(arml, 2026)
    assert (found.sessions, found.persons, found.hours, found.members) == (2, 4, Decimal("42.0"), 1)
    assert training_of(arml, 2027).sessions == 0


def test_no_more_persons_than_seats(arml: Organisation) -> None:
    one, other = member(arml), member(arml, OTHER)
    row = {"sheet_key": None, "place": "", "trainer": "", "hours": None, "seats": 10}
    session = add(arml, may.SESSIONS, title="A", starts_on=D(2026, 3, 1), ends_on=D(2026, 3, 1), **row)
    add(arml, may.ATTENDANCES, session=session, member=one, persons=6)
    assert faults(lambda: add(arml, may.ATTENDANCES, session=session, member=other, persons=5)) == {
        "persons": "11 personnes pour 10 places : corrigez ce nombre, ou les places."
    }
    add(arml, may.ATTENDANCES, session=session, member=other, persons=4)


def test_what_is_of_another_association_is_refused(arml: Organisation) -> None:
    stranger = member(DossierFactory().beneficiary)
    assert set(faults(lambda: add(arml, may.FEES, member=stranger, year=2025, asked=Decimal(1), paid=None))) == {
        "member"
    }
    session = TrainingSession.objects.create(
        organisation=stranger.organisation, title="A", starts_on=D(2026, 1, 1), ends_on=D(2026, 1, 1)
    )
    assert set(faults(lambda: add(arml, may.ATTENDANCES, session=session, member=stranger, persons=1))) == {
        "session",
        "member",
    }
    assert not Attendance.objects.exists()
    assert not MemberFee.objects.exists()


# -- Who -------------------------------------------------------------------------------------------------


def test_the_direction_writes_the_accountant_the_fees_the_presidency_reads(dossier: Any) -> None:
    arml = dossier.beneficiary
    people = {role: make_user(role, arml) for role in ("director", "accountant", "president")}
    writes = {
        role: {slug for slug in REGISTERS if may.register_writer(user, arml, slug)} for role, user in people.items()
    }
    assert writes == {
        "director": set(REGISTERS) - {may.NOTES},
        "accountant": {may.FEES},
        "president": set(),
    }
    member_of = {"name": "X", "siret": SIRET, "joined_on": D(2024, 1, 1), "left_on": None}
    with pytest.raises(PermissionDenied, match="tenu par la direction"):
        add(arml, may.MEMBERS, people["accountant"], **member_of)


def test_an_officer_notes_and_both_sides_read(dossier: Any) -> None:
    officer, arml = make_user("officer", dossier.lead), dossier.beneficiary
    note = add(arml, may.NOTES, officer, day=D(2026, 1, 1), text="Assemblée suivie.")
    assert (note.author, note.service) == (officer, dossier.lead)
    assert {slug for slug in REGISTERS if may.register_writer(officer, arml, slug)} == {may.NOTES}
    for role in ("director", "president", "accountant"):
        assert may.reads_register(make_user(role, arml), arml, may.NOTES)
    colleague = make_user("officer", dossier.lead)
    with pytest.raises(PermissionDenied, match="par la personne qui l’a écrite"):
        services.remove_row(register=REGISTERS[may.NOTES], organisation=arml, row=note, by=colleague)


def test_observers_read_the_label_and_the_members_alone(dossier: Any) -> None:
    arml, territory = dossier.beneficiary, dossier.territories.get()
    region = OrganisationFactory(kind=OrganisationKind.REGION, territories=[territory])
    union = OrganisationFactory(national_scope=True)
    elsewhere = OrganisationFactory(kind=OrganisationKind.REGION, territories=[TerritoryFactory()])
    read = {
        name: {slug for slug in REGISTERS if may.reads_register(make_user("reader", one), arml, slug)}
        for name, one in {"region": region, "union": union, "elsewhere": elsewhere}.items()
    }
    public = {may.LABEL, may.MEMBERS}
    assert read == {"region": public, "union": public, "elsewhere": set()}
    neighbour = make_user("director", DossierFactory(territories=[territory]).beneficiary)
    assert not any(may.reads_register(neighbour, arml, slug) for slug in REGISTERS)
    page = Client()
    page.force_login(make_user("reader", region))
    assert page.get(reverse("association-register", args=[arml.key, may.FEES])).status_code == 404
    assert page.get(reverse("association-export", args=[arml.key])).status_code == 404
    assert "Cotisations" not in page.get(reverse("association", args=[arml.key])).content.decode().replace(
        "Les cotisations", ""
    )


# -- Pages -----------------------------------------------------------------------------------------------


@pytest.fixture
def director(arml: Organisation) -> Client:
    client = Client()
    client.force_login(make_user("director", arml))
    return client


def url(name: str, arml: Organisation, *args: Any) -> str:
    return reverse(name, args=[arml.key, *args])


def test_a_form_tells_all_its_errors_at_once_and_loses_nothing(director: Client, arml: Organisation) -> None:
    typed = {"name": "", "siret": "123", "joined_on": "31/02/2026", "left_on": "", "revision": "0", "city": "Rennes"}
    page = director.post(url("association-add", arml, may.MEMBERS), typed)
    assert set(page.context["form"].errors) == {"name", "siret", "joined_on"}
    assert "Rennes" in page.content.decode()
    good = typed | {"name": "ML", "siret": "732 829 320 00074", "joined_on": "01/03/2026"}
    assert director.post(url("association-add", arml, may.MEMBERS), good).status_code == 302
    assert arml.members.get().siret == SIRET
    again = director.post(url("association-add", arml, may.MEMBERS), good)
    assert set(again.context["form"].errors) == {"joined_on"}


def test_a_save_without_a_change_changes_nothing(director: Client, arml: Organisation) -> None:
    row = member(arml)
    before = JournalEntry.objects.count()
    page = url("association-edit", arml, may.MEMBERS, row.pk)
    form = director.get(page).context["form"]
    posted = {name: "" if form[name].value() is None else form[name].value() for name in form.fields}
    assert director.post(page, posted | {"joined_on": "01/01/2024"}).status_code == 302
    assert JournalEntry.objects.count() == before
    row.refresh_from_db()
    assert row.revision == 0


def test_a_second_save_over_a_newer_one_is_refused(arml: Organisation) -> None:
    row, by = member(arml), make_user("director", arml)
    values = {"name": "Autre", "siret": SIRET, "joined_on": row.joined_on, "left_on": None}
    change = {"register": REGISTERS[may.MEMBERS], "organisation": arml, "row": row, "by": by, "expected_revision": 0}
    services.change_row(values=values, **change)
    with pytest.raises(StaleRevision):
        services.change_row(values=values | {"name": "Encore"}, **change)


def test_members_of_a_day_are_listed(director: Client, arml: Organisation) -> None:
    member(arml, left_on=D(2025, 6, 30))
    member(arml, OTHER, name="ML Deux", joined_on=D(2026, 1, 1))
    page = director.get(url("association-register", arml, may.MEMBERS), {"au": "30/06/2025"})
    assert [line.title for line in page.context["lines"]] == ["Mission locale Exemple"]
    empty = director.get(url("association-register", arml, may.MEMBERS), {"au": "30/09/2025"})
    assert "Aucune adhérente ce jour-là" in empty.content.decode()


@pytest.mark.parametrize("slug", [may.MEMBERS, may.FEES, may.SESSIONS, may.ATTENDANCES])
def test_a_register_of_three_rows_costs_as_much_as_one(
    slug: str, director: Client, arml: Organisation, django_assert_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def more(n: int) -> None:
        row = Member.objects.create(organisation=arml, name=f"ML {n}", siret=f"{n:014d}", joined_on=D(2024, 1, 1))
        MemberFee.objects.create(member=row, year=2025, asked=Decimal(n))
        session = TrainingSession.objects.create(
            organisation=arml, title=f"S {n}", starts_on=D(2026, 1, n), ends_on=D(2026, 1, n)
        )
        Attendance.objects.create(session=session, member=row, persons=n)

    more(1)
    page = url("association-register", arml, slug)
    director.get(page)
    with CaptureQueriesContext(connection) as one:
        director.get(page)
    more(2)
    more(3)
    with django_assert_num_queries(len(one)):
        assert len(director.get(page).context["lines"]) == 3


@pytest.mark.parametrize("slug", list(REGISTERS))
def test_an_empty_register_says_what_it_is_for(slug: str, director: Client, arml: Organisation) -> None:
    assert REGISTERS[slug].empty in director.get(url("association-register", arml, slug)).content.decode()
