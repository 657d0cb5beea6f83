"""« À faire »: the tasks of each role, in order of urgency, with a constant number of queries."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from actions.models import Cycle, CycleText
from arml.models import Dossier, Membership, Territory
from conventions.models import Act, Convention, Visa
from cpo.lib import clock
from cpo.lib.models import OutboxMessage
from cpo.lib.wording import french
from reporting.models import Meeting, Report, SheetReport
from reporting.services.campaigns import open_campaign, open_report
from reporting.todo.home import agenda, is_late
from reporting.todo.lines import line
from tests.dom.tree import packed
from tests.factories import scenarios
from tests.factories.actions import ProgrammeFactory, SheetFactory
from tests.factories.arml import MembershipFactory, OrganisationFactory, make_user
from tests.factories.deadlines import alone, in_force, make_deadline, person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _only_ours(db):
    alone()


def page(client, user):
    client.force_login(user)
    response = client.get(reverse("home"))
    assert response.status_code == 200
    return packed(response.content.decode())


def titles(user):
    user.__dict__.pop("roles", None)
    return [task.title for task in agenda(user).mine]


def a_report(state, **fields):
    """A report whose state is set by hand, of a convention in force."""
    convention = in_force()
    report = open_report(convention, 2025)
    if state not in ("open", "in_progress"):
        fields |= {"submitted_at": clock.now(), "submitted_by": person(convention, "president"), "round": 1}
    Report.objects.filter(pk=report.pk).update(state=state, **fields)
    return convention


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("open", {"director": "Commencer le compte rendu 2025"}),
        ("in_progress", {"director": "Compléter le compte rendu 2025"}),
        ("to_complete", {"director": "Compléter le compte rendu 2025"}),
        (
            "submitted",
            {
                "officer": "Examiner le compte rendu 2025",
                "manager": "Décider de la recevabilité du compte rendu 2025",
            },
        ),
        (
            "admissible",
            {
                "officer": "Tenir le dialogue de gestion sur 2025",
                "manager": "Tenir le dialogue de gestion sur 2025",
            },
        ),
        ("reviewed", {"manager": "Conclure l’année 2025"}),
        ("concluded", {}),
    ],
)
def test_the_state_of_a_report_gives_each_role_what_it_has_to_do(state, expected):
    convention = a_report(state)
    lines_by_role = {}
    for role in ("officer", "manager", "signatory", "director", "president"):
        if lines := titles(person(convention, role)):
            (lines_by_role[role],) = lines
    assert lines_by_role == expected


def test_the_accountant_fills_in_the_finances_and_the_president_sends():
    convention = a_report("in_progress")
    accountant = make_user("accountant", convention.dossier.beneficiary)
    (task,) = agenda(accountant).mine
    assert task.url.endswith("/finances/")
    assert titles(person(convention, "president")) == []
    sheet = SheetFactory(programme=ProgrammeFactory(dossier=convention.dossier))
    part = SheetReport.objects.create(report=convention.reports.get(), sheet=sheet)
    assert titles(person(convention, "president")) == []
    SheetReport.objects.filter(pk=part.pk).update(progress="realisee")
    assert titles(person(convention, "president")) == ["Envoyer le compte rendu 2025"]


def test_a_review_that_was_held_is_to_be_recorded():
    convention = a_report("admissible")
    year = convention.reports.get().year
    today = {"day": clock.today(clock.PARIS), "state_since": clock.now()}
    Meeting.objects.create(convention=convention, kind="dialogue", year=year, side="state", **today)
    assert titles(person(convention, "officer")) == ["Enregistrer le dialogue de gestion sur 2025"]


def test_late_comes_first_then_the_nearest_date():
    convention = in_force()
    make_deadline(convention, due="2026-11-10", label="Plus tard")
    make_deadline(convention, due="2026-10-12", label="En retard")
    make_deadline(convention, due="2026-10-20", label="Bientôt")
    director = person(convention, "director")
    assert titles(director) == ["En retard", "Bientôt", "Plus tard"]
    assert [is_late(task) for task in agenda(director).mine] == [True, False, False]


def test_a_far_deadline_is_announced_and_not_asked():
    convention = in_force()
    far = make_deadline(convention, due="2027-06-30")
    tasks = agenda(person(convention, "director"))
    assert (tasks.mine, tasks.following) == ([], [far])


def test_an_escalated_delay_reaches_the_roles_that_the_rule_adds():
    convention = in_force()
    make_deadline(convention, due="2026-10-01", escalation=[[7, ["president"]], [15, ["manager"]]])
    assert len(titles(person(convention, "president"))) == 1
    assert titles(person(convention, "manager")) == []


def test_the_day_is_the_local_one_of_the_service(at):
    convention = in_force(zone="America/Guadeloupe")
    make_deadline(convention, due="2026-06-30")
    director = person(convention, "director")
    at("2026-07-01 02:00+00:00")  # 22 h on 30 June in Guadeloupe
    assert agenda(director).late == 0
    at("2026-07-01 05:00+00:00")
    assert agenda(director).late == 1


def test_the_page_says_how_many_and_how_late(client, at):
    convention = in_force()
    director = person(convention, "director")
    assert "Rien ne vous attend." in page(client, director)
    make_deadline(convention, due="2026-10-12", label="Obligation passée")
    assert "Une action vous attend, <strong>en retard</strong>." in page(client, director)
    make_deadline(convention, due="2026-10-27", label="Obligation proche")
    text = page(client, director)
    assert "Deux actions vous attendent, <strong>dont une en retard</strong>" in text
    assert "3\u00a0jours (12\u00a0octobre)" in text
    assert "J-12" in text
    assert "<title>À faire (2)" in text
    at("2026-11-02")
    assert "Deux actions vous attendent, <strong>toutes en retard</strong>." in page(client, director)


def test_what_is_met_leaves_the_list(client):
    deadline = make_deadline(due="2026-10-20")
    director = person(deadline.convention, "director")
    assert titles(director)
    type(deadline).objects.filter(pk=deadline.pk).update(met_on=clock.today(clock.PARIS))
    assert titles(director) == []


def test_a_role_that_ends_within_30_days_is_told_to_who_may_invite():
    convention = in_force()
    membership = Membership.objects.get(user=person(convention, "president"))
    Membership.objects.filter(pk=membership.pk).update(valid_until=dt.date(2026, 11, 5))
    (task,) = agenda(person(convention, "director")).mine
    assert str(membership.user) in task.title
    assert task.due == dt.date(2026, 11, 5)
    assert titles(person(convention, "officer")) == []


def test_the_national_administration_sees_what_is_late_and_campaigns_to_open():
    convention = in_force()
    admin = make_user("national_admin")
    CycleText.objects.filter(value="").update(value="02.99")
    assert titles(admin) == []
    make_deadline(convention, due="2026-10-01")
    assert titles(admin) == ["1\u00a0échéance en retard"]
    convention.cycle.deadline_rules.filter(key="ouverture_campagne").update(active=True)
    assert titles(admin)[0] == "Ouvrir la campagne des comptes rendus 2025"
    open_campaign(convention.cycle, 2025)
    assert titles(admin) == ["1\u00a0échéance en retard"]
    assert titles(make_user("national_reader")) == ["1\u00a0échéance en retard"]


def test_the_national_administration_reads_the_reason_of_a_visa_by_the_proposer():
    scene = scenarios.accepted_by_both()
    Visa.objects.create(
        version=scene.version,
        organisation=scene.act.dossier.lead,
        decision="given",
        by=scene.manager,
        role="manager",
        at=clock.now(),
        override_reason="Urgence",
    )
    CycleText.objects.filter(value="").update(value="02.99")
    (title,) = titles(make_user("national_admin"))
    assert title.startswith("Visa donné par la personne qui avait proposé")


def test_an_observer_reads_what_is_published_and_has_nothing_to_do(client):
    convention = in_force()
    hidden = in_force()
    Dossier.objects.filter(pk=hidden.dossier_id).update(published_on=None)
    observer = make_user("reader", OrganisationFactory(national_scope=True))
    text = page(client, observer)
    assert "Tout est à jour" in text
    assert convention.number in text
    assert hidden.number not in text
    assert reverse("deadline-list") not in text


def test_somebody_without_any_role_is_told_so(client):
    user = make_user("director")
    user.memberships.update(valid_until=dt.date(2026, 1, 1))
    user.__dict__.pop("roles", None)
    assert "Aucun rôle en cours" in page(client, user)


@pytest.mark.parametrize(
    ("role", "is_offered"), [("officer", True), ("manager", True), ("signatory", False), ("director", False)]
)
def test_who_may_create_a_convention_is_offered_it_while_there_is_none(client, role, is_offered):
    assert ("Créer une convention" in page(client, make_user(role))) is is_offered


def test_an_association_sees_no_convention_that_is_not_shared(client):
    scene = scenarios.complete_draft()
    text = page(client, scene.director)
    assert scene.number not in text
    assert "Aucune convention" in text


def test_more_than_twenty_actions_are_folded(client):
    convention = in_force()
    for _ in range(23):
        make_deadline(convention, due="2026-10-20")
    director = person(convention, "director")
    assert "Voir les 3 autres actions" in page(client, director)
    text = client.get(reverse("home"), {"tout": "1"}).content.decode()
    assert "autres actions" not in text


@pytest.mark.parametrize("role", ["officer", "manager", "director", "national_admin"])
def test_the_number_of_queries_is_the_same_for_one_convention_and_for_three(client, role):
    user = make_user(role)

    def one_more():
        convention = a_report("submitted" if role != "director" else "in_progress")
        if role != "national_admin":
            side = convention.dossier.beneficiary if role == "director" else convention.dossier.lead
            MembershipFactory(user=user, organisation=side, role=role)
        Dossier.objects.filter(pk=convention.dossier_id).update(officer=user if role == "officer" else None)
        make_deadline(convention, due="2026-10-10", responsible=role)
        make_deadline(convention, due="2026-12-10", responsible=role)
        act = scenarios.make_act(state="negotiation", side="state" if role != "director" else "beneficiary")
        if role != "national_admin":
            side = act.dossier.beneficiary if role == "director" else act.dossier.lead
            MembershipFactory(user=user, organisation=side, role=role)
            Dossier.objects.filter(pk=act.dossier.pk).update(officer=None)

    def count():
        with CaptureQueriesContext(connection) as queries:
            page(client, user)
        return len(queries)

    one_more()
    page(client, user)
    first = count()
    # Of the 34 queries, three read the meetings, the minutes to sign and the decisions, two the controls and the
    # corrections, one the evaluations, one the letters, one the formal notices, one the form drafts of the person, two
    # the contributions of the texts in force, one the conventions where money is committed, one the people whose
    # address fails. The administrator has two more, about what is empty. force_login adds 4: it writes the session.
    assert first <= 34 + 2 * (role == "national_admin") + 4
    one_more()
    one_more()
    assert count() == first


@pytest.mark.parametrize(
    ("zone", "moment", "day"),
    [
        ("Europe/Paris", "2026-12-31 23:01+00:00", "Vendredi 1<sup>er</sup> janvier 2027"),
        ("America/Cayenne", "2027-01-01 02:59+00:00", "Jeudi 31 décembre 2026"),
        ("Indian/Mayotte", "2026-12-31 21:01+00:00", "Vendredi 1<sup>er</sup> janvier 2027"),
        ("America/Miquelon", "2027-01-01 02:59+00:00", "Jeudi 31 décembre 2026"),
    ],
)
def test_today_is_the_day_of_who_reads(client, at, zone, moment, day):
    director = person(in_force(zone=zone), "director")
    at(moment)
    assert day in page(client, director).replace("\u00a0", " ")


def test_since_when_a_task_waits_is_counted_where_its_dossier_is(client, at):
    """Read from Paris on the 2nd: it came on the evening of the 31st in Cayenne, where today is the 1st."""
    scene = scenarios.proposed()
    Territory.objects.filter(service=scene.act.dossier.lead).update(time_zone="America/Cayenne")
    received = dt.datetime(2027, 1, 1, 2, 30, tzinfo=dt.UTC)
    Act.objects.filter(pk=scene.act.pk).update(turn_since=received)
    at("2027-01-02 02:00+00:00")
    (task,) = [task for task in agenda(scene.officer).mine if task.since]
    assert (task.since.date(), task.day) == (dt.date(2026, 12, 31), dt.date(2027, 1, 1))
    assert line(task)["distance"] == "depuis hier"


def test_a_service_without_convention_is_invited_to_create_one():
    territory = Territory.objects.get(code3="BRE")
    service = territory.service
    manager, signatory = make_user("manager", service), make_user("signatory", service)
    title = f"Créer la convention {french.of(service.in_sentence)}"
    assert titles(manager) == [title]
    assert titles(signatory) == []  # may not create
    act = scenarios.complete_draft().act
    own_lead = act.dossier.lead_id
    Dossier.objects.filter(pk=act.dossier.pk).update(lead=service)
    assert title not in titles(manager)
    rows = Convention.objects.filter(pk=act.convention_id)
    rows.update(state="abandoned")
    assert title in titles(manager)
    rows.update(state="draft")
    Dossier.objects.filter(pk=act.dossier.pk).update(lead=own_lead)
    assert title in titles(manager)
    act.dossier.services.add(service)
    assert title not in titles(manager)


def test_nobody_is_invited_to_create_a_convention_of_a_cycle_that_is_over_or_has_no_model(at):
    manager = make_user("manager", Territory.objects.get(code3="BRE").service)
    cycle = Cycle.objects.first()
    at(f"{cycle.last_year}-12-31 22:59+00:00")
    assert len(titles(manager)) == 1
    at(f"{cycle.last_year}-12-31 23:01+00:00")  # midnight in Paris
    assert titles(manager) == []
    at("2026-10-15")
    cycle.model_versions.update(published_on=None)
    assert titles(manager) == []


def test_the_manager_and_the_officer_are_told_to_notify_once_all_have_signed():
    scene = scenarios.in_signature()
    scene.sign(scene.president)
    assert not OutboxMessage.objects.filter(template="a_notifier").exists()
    scene.sign(scene.signatory)
    told = {message.recipient for message in OutboxMessage.objects.filter(template="a_notifier")}
    assert told == {scene.officer, scene.manager}
    assert "Notifier la convention signée" in titles(scene.manager)
    assert "Notifier la convention signée" in titles(scene.officer)


def test_a_cosigning_service_is_told_at_each_step():
    scene = scenarios.complete_draft(cosigners=1)
    signatory = scene.party("cosigner").signatory

    def told():
        messages = OutboxMessage.objects.filter(recipient=signatory).order_by("pk")
        found = [(message.template, message.subject) for message in messages]
        messages.delete()
        return [
            template if template != "etape_cosignataire" else subject.split(" : ")[-1] for template, subject in found
        ]

    assert told() == []
    scene.do("share", scene.officer)
    scene.do("propose", scene.director)
    opened, proposed = told()
    assert opened.startswith("la négociation est ouverte avec")
    assert proposed.startswith("la version 1 est proposée par")
    scene.do("accept", scene.officer)
    scene.do("give_visa", scene.manager)
    scene.do("cosigner_visa", scenarios.cosigning_manager(signatory.roles[0].organisation))
    assert told() == ["visa_cosignataire_attendu"]
    scene.do("open_signature", scene.manager)
    scene.store_document()
    assert told() == ["document_a_signer", "la signature de la version 1 est ouverte"]
    scene.do("reopen", scene.manager, "À revoir.")
    assert told() == ["retour_negociation"]
    scenarios.to_signature(scene)
    told()
    for user in (scene.president, scene.signatory, signatory):
        scene.sign(user)
    scene.do("notify", scene.officer)
    assert told()[-1] == "convention_en_vigueur"
