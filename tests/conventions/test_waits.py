"""Waiting has a clock: since when, until when, who is waited for, and « relancer » once a day."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from arml.models import Territory
from conventions.models import Nudge
from conventions.pages.todo import Hats
from conventions.pages.todo_acts import act_todo
from conventions.services import threads, wordings
from conventions.services.nudges import nudge
from conventions.waits import waits_of
from cpo.lib import clock
from cpo.lib.models import JournalEntry, OutboxMessage
from cpo.lib.workflow import Refused
from reporting.models import DeadlineRule
from tests.factories import scenarios

pytestmark = pytest.mark.django_db
ZONES = ("Europe/Paris", "America/Cayenne", "Indian/Mayotte", "America/Miquelon")


def keys(scene):
    return [wait.key for wait in waits_of(scene.act)]


def wait(scene, kind):
    return next(one for one in waits_of(scene.act) if one.kind == kind)


def put_in(scene, zone):
    Territory.objects.filter(service=scene.act.dossier.lead).update(time_zone=zone)


def first(scene, kind="signature", role="beneficiary"):
    return f"{kind}:{scene.party(role).pk}"


# -- What is waited for ------------------------------------------------------------------------------------------------


def test_the_turn_is_waited_for_from_the_hand_over_to_the_opening_of_the_signature():
    scene = scenarios.in_negotiation()
    assert keys(scene) == ["main:beneficiary"]
    assert wait(scene, "main").what == "la première proposition"
    scene.do("propose", scene.director)
    assert keys(scene) == ["main:state"]
    assert wait(scene, "main").what == "la réponse à la version 1"
    scene.do("accept", scene.officer)
    assert keys(scene) == ["main:state"]
    assert wait(scene, "main").what == "l’ouverture de la signature"


def test_nothing_is_waited_for_in_a_draft_nor_once_in_force():
    assert keys(scenarios.complete_draft()) == []
    assert keys(scenarios.active_convention()) == []
    assert keys(scenarios.signed_by_all()) == []


def test_an_adaptation_is_declared_by_the_association_alone_and_makes_nobody_wait():
    assert keys(scenarios.with_later_act(kind="notice")) == []


def test_a_visa_is_waited_for_from_its_request_to_its_answer():
    scene = scenarios.accepted_by_both(cosigners=1)
    cosigner = scene.party("cosigner").organisation
    assert keys(scene) == ["main:state", f"visa:{cosigner.pk}"]
    scene.do("ask_visa", scene.officer)
    lead = scene.act.dossier.lead
    assert keys(scene) == ["main:state", f"visa:{lead.pk}", f"visa:{cosigner.pk}"]
    scene.do("give_visa", scene.manager)
    scene.do("cosigner_visa", scenarios.cosigning_manager(cosigner))
    assert keys(scene) == ["main:state"]
    assert wait(scene, "main").people == [scene.manager]


def test_the_manager_opens_the_signature_and_the_officer_follows_before():
    scene = scenarios.accepted_by_both()
    assert wait(scene, "main").people == [scene.officer]
    scene.do("ask_visa", scene.officer)
    assert wait(scene, "visa").people == [scene.manager]


def test_each_signature_is_waited_for_in_the_order_of_the_act():
    scene = scenarios.in_signature()
    assert sorted(keys(scene)) == sorted([first(scene), first(scene, role="lead")])
    scene.admit(signing_order="beneficiary")
    assert keys(scene) == [first(scene)]


def test_a_party_that_signs_second_is_waited_for_since_the_first_signed(at):
    at("2026-10-01")
    scene = scenarios.in_signature()
    scene.admit(signing_order="beneficiary")
    at("2026-10-09")
    scene.sign(scene.president)
    at("2026-10-12")
    assert wait(scene, "signature").party == scene.party("lead")
    assert wait(scene, "signature").days == 3


def test_an_open_exchange_waits_for_the_other_side_than_the_last_word():
    scene = scenarios.proposed()
    thread = threads.start(scene.act, by=scene.director, path="general", text="Une question.")
    answer = wait(scene, "reponse")
    assert (answer.key, answer.people) == (f"reponse:{thread.pk}", [scene.officer])
    threads.reply(thread, by=scene.officer, text="Une réponse.")
    assert wait(scene, "reponse").people == [scene.director]
    threads.resolve(thread, by=scene.officer)
    assert keys(scene) == ["main:state"]


def test_a_proposed_wording_waits_for_an_answer_and_an_internal_exchange_for_nobody():
    scene = scenarios.proposed()
    threads.start(scene.act, by=scene.officer, path="general", text="Entre nous.", internal=True)
    assert keys(scene) == ["main:state"]
    sheet = scene.act.programme.sheets.first()
    wordings.start(scene.act, by=scene.officer, path=f"sheet/{sheet.key}/description", wording="Autre.", text="Mieux.")
    assert wait(scene, "reponse").people == [scene.director]


# -- Since when, until when --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("zone", ZONES)
def test_days_are_counted_in_the_zone_of_the_dossier(zone, at):
    local = clock.ZoneInfo(zone)
    at("2026-03-02 12:00")
    scene = scenarios.in_negotiation()
    put_in(scene, zone)
    began = clock.local_day(scene.act.turn_since, zone)
    last_minute = dt.datetime.combine(began + dt.timedelta(days=9), dt.time(23, 59), local)
    for moment, days in ((last_minute, 9), (last_minute + dt.timedelta(minutes=1), 10)):
        with clock.set_to(moment):
            assert wait(scene, "main").days == days


@pytest.mark.parametrize("zone", ["America/Cayenne", "Indian/Mayotte"])
def test_it_is_late_from_the_day_after_its_due_date_where_the_dossier_is(zone, at):
    at("2026-03-02 12:00")
    scene = scenarios.in_negotiation()
    put_in(scene, zone)
    due = wait(scene, "main").due_on
    assert due == dt.date(2026, 3, 23)  # 21 days
    midnight = dt.datetime(2026, 3, 24, tzinfo=clock.ZoneInfo(zone))
    with clock.set_to(midnight - dt.timedelta(minutes=1)):
        assert wait(scene, "main").words == "depuis 21\u00a0jours, attendu pour le 23\u00a0mars 2026"
    with clock.set_to(midnight):
        assert wait(scene, "main").words == "depuis 22\u00a0jours, était attendu pour le 23\u00a0mars 2026"


def test_the_delay_is_a_rule_and_an_inactive_rule_gives_none(at):
    at("2026-03-02 12:00")
    scene = scenarios.in_negotiation()
    rule = DeadlineRule.objects.filter(key="attente_main", cycle=scene.convention.cycle)
    rule.update(shift_days=1, shift_months=1)
    assert wait(scene, "main").due_on == dt.date(2026, 4, 3)
    rule.update(active=False)
    assert wait(scene, "main").due_on is None
    assert wait(scene, "main").words == "depuis aujourd’hui"


def test_what_to_do_and_who_is_waited_for_carry_the_same_date(at):
    at("2026-03-02 12:00")
    scene = scenarios.in_signature()
    due = dt.date(2026, 3, 17)  # 15 days
    at("2026-03-09 12:00")
    todo = act_todo(Hats.of(scene.president))
    assert [(task.verb, task.due, task.duration) for task in todo.mine] == [("Signer", due, "depuis 7\u00a0jours")]
    assert [(line.due, line.length) for line in todo.others] == [(due, "7\u00a0jours")]
    assert {one.due_on for one in waits_of(scene.act)} == {due}


@pytest.mark.parametrize(
    ("make", "role"),
    [(scenarios.in_negotiation, "director"), (scenarios.proposed, "officer"), (scenarios.accepted_by_both, "officer")],
)
def test_each_task_of_a_turn_has_the_date_of_the_wait(make, role):
    scene = make()
    (task,) = act_todo(Hats.of(getattr(scene, role))).mine
    assert task.due == wait(scene, "main").due_on


# -- « Relancer » ------------------------------------------------------------------------------------------------------


def test_who_waits_writes_once_a_day_to_who_is_waited_for(at):
    at("2026-03-02 12:00")
    scene = scenarios.proposed()
    at("2026-03-14 12:00")
    nudge(act=scene.act, about="main:state", by=scene.director)
    message = OutboxMessage.objects.get(template="relance")
    assert message.recipient == scene.officer
    assert "depuis 12\u00a0jours" in message.body
    assert "23\u00a0mars 2026" in message.body
    entry = JournalEntry.objects.get(verb="nudged")
    assert entry.sentence.endswith("depuis 12\u00a0jours\u00a0: la réponse à la version 1.")
    with pytest.raises(Refused, match="déjà partie aujourd’hui"):
        nudge(act=scene.act, about="main:state", by=scene.president)
    at("2026-03-15 12:00")
    nudge(act=scene.act, about="main:state", by=scene.president)
    assert OutboxMessage.objects.filter(template="relance").count() == 2


@pytest.mark.parametrize("zone", ["America/Cayenne", "Indian/Mayotte"])
def test_the_day_of_a_nudge_ends_at_midnight_where_the_dossier_is(zone, at):
    at("2026-03-02 12:00")
    scene = scenarios.proposed()
    put_in(scene, zone)
    midnight = dt.datetime(2026, 3, 14, tzinfo=clock.ZoneInfo(zone))
    with clock.set_to(midnight - dt.timedelta(minutes=2)):
        nudge(act=scene.act, about="main:state", by=scene.director)
    with clock.set_to(midnight - dt.timedelta(minutes=1)), pytest.raises(Refused):
        nudge(act=scene.act, about="main:state", by=scene.director)
    with clock.set_to(midnight):
        nudge(act=scene.act, about="main:state", by=scene.director)
    assert list(Nudge.objects.values_list("day", flat=True)) == [dt.date(2026, 3, 13), dt.date(2026, 3, 14)]


def test_the_database_refuses_a_second_nudge_of_the_day():
    scene = scenarios.proposed()
    nudge(act=scene.act, about="main:state", by=scene.director)
    row = Nudge.objects.get()
    row.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


def test_who_is_waited_for_nudges_nobody():
    scene = scenarios.in_signature()
    with pytest.raises(PermissionDenied):
        nudge(act=scene.act, about=first(scene), by=scene.president)
    with pytest.raises(PermissionDenied):
        nudge(act=scene.act, about=first(scene), by=scene.signatory)  # waits too, but speaks for nobody
    nudge(act=scene.act, about=first(scene), by=scene.officer)
    nudge(act=scene.act, about=first(scene, role="lead"), by=scene.president)
    turn = scenarios.proposed()
    with pytest.raises(PermissionDenied):
        nudge(act=turn.act, about="main:state", by=turn.manager)


def test_what_is_answered_is_nudged_no_more():
    scene = scenarios.in_signature()
    scene.sign(scene.president)
    with pytest.raises(Refused, match="Plus personne"):
        nudge(act=scene.act, about=first(scene), by=scene.officer)


def test_the_other_side_neither_nudges_nor_reads_about_a_visa_of_the_state():
    scene = scenarios.accepted_by_both()
    scene.do("ask_visa", scene.officer)
    about = f"visa:{scene.act.dossier.lead_id}"
    with pytest.raises(Refused, match="Plus personne"):
        nudge(act=scene.act, about=about, by=scene.director)
    with pytest.raises(PermissionDenied):
        nudge(act=scene.act, about=about, by=scene.manager)
    nudge(act=scene.act, about=about, by=scene.officer)
    assert JournalEntry.objects.get(verb="nudged").audience == "national"


def test_the_visa_of_the_president_stays_in_the_association():
    scene = scenarios.in_negotiation()
    scene.do("propose", scene.director)
    scene.do("propose", scene.officer)
    scene.do("ask_president_visa", scene.director)
    with pytest.raises(Refused, match="Plus personne"):
        nudge(act=scene.act, about="visa-presidence", by=scene.officer)
    with pytest.raises(PermissionDenied):
        nudge(act=scene.act, about="visa-presidence", by=scene.president)
    nudge(act=scene.act, about="visa-presidence", by=scene.director)
    assert JournalEntry.objects.get(verb="nudged").audience == "beneficiary"
    assert OutboxMessage.objects.get(template="relance").recipient == scene.president


# -- The pages ---------------------------------------------------------------------------------------------------------


def page(user, name, scene):
    client = Client()
    client.force_login(user)
    return client.get(reverse(name, args=[scene.number])).content.decode()


def test_the_pages_say_since_when_and_offer_the_button_to_who_waits(at):
    at("2026-03-02 12:00")
    scene = scenarios.proposed()
    at("2026-03-05 12:00")
    html = page(scene.director, "convention-detail", scene)
    assert "depuis 3\u00a0jours, attendu pour le 23\u00a0mars 2026" in html
    assert 'value="main:state"' in html
    client = Client()
    client.force_login(scene.director)
    response = client.post(reverse("convention-nudge", args=[scene.number]), {"attente": "main:state"}, follow=True)
    assert "La relance est envoyée" in response.content.decode()
    html = page(scene.president, "convention-detail", scene)
    assert 'value="main:state"' not in html
    assert "Relancé aujourd’hui." in html
    assert 'value="main:state"' not in page(scene.officer, "convention-detail", scene)


@pytest.mark.parametrize(
    ("referer", "inside"),
    [
        ("http://testserver{}?version=1", True),
        ("", False),
        ("https://autre.example{}", False),
        ("http://testserver//autre.example{}", False),
        ("http://[", False),
    ],
)
def test_who_nudges_from_a_tab_stays_on_it(referer, inside):
    scene = scenarios.proposed()
    client, tab = Client(), reverse("convention-articles", args=[scene.number])
    client.force_login(scene.director)
    address = reverse("convention-nudge", args=[scene.number])
    answer = client.post(address, {"attente": "main:state"}, headers={"referer": referer.format(tab)})
    assert answer.status_code == 302
    assert (answer["Location"] == f"{tab}?version=1") == inside and answer["Location"].startswith("/conventions/")


def test_the_page_of_signatures_offers_it_beside_each_party():
    scene = scenarios.in_signature()
    html = page(scene.officer, "convention-documents", scene)
    assert f'value="{first(scene)}"' in html
    assert f'value="{first(scene, role="lead")}"' in html
    html = page(scene.president, "convention-documents", scene)
    assert f'value="{first(scene)}"' not in html
    assert "Relancer" not in page(scene.signatory, "convention-documents", scene)


def test_the_page_of_exchanges_offers_it_under_the_exchange():
    scene = scenarios.proposed()
    thread = threads.start(scene.act, by=scene.director, path="general", text="Une question.")
    assert f'value="reponse:{thread.pk}"' in page(scene.director, "convention-versions", scene)
    assert f'value="reponse:{thread.pk}"' not in page(scene.officer, "convention-versions", scene)


def test_the_compact_head_offers_the_button_under_the_rule_of_the_synthesis(at):
    at("2026-03-02 12:00")
    scene = scenarios.proposed()
    html = page(scene.director, "convention-articles", scene)
    assert 'value="main:state"' in html and "attendu pour" not in html, "not late: the badge says since when"
    assert 'value="main:state"' not in page(scene.officer, "convention-articles", scene), "who is waited for"
    at("2026-03-24 12:00")
    assert "était attendu pour le 23\u00a0mars 2026" in page(scene.director, "convention-articles", scene)
    nudge(act=scene.act, about="main:state", by=scene.director)
    html = page(scene.director, "convention-articles", scene)
    assert "Relancé aujourd’hui." in html and 'value="main:state"' not in html


def test_the_head_offers_it_during_the_signature_and_leaves_it_to_the_page_of_signatures():
    scene = scenarios.in_signature()
    about = f'value="{first(scene)}"'
    assert about in page(scene.officer, "convention-detail", scene)
    assert about in page(scene.officer, "convention-articles", scene)
    assert page(scene.officer, "convention-documents", scene).count(about) == 1
    assert about not in page(scene.president, "convention-articles", scene)


# -- An exchange that needs no answer ---------------------------------------------------------------------------------


def test_the_reader_of_a_last_word_says_that_it_needs_no_answer_until_the_next_word():
    scene = scenarios.proposed()
    thread = threads.start(scene.act, by=scene.director, path="general", text="Merci.")
    about = f"reponse:{thread.pk}"
    assert about in keys(scene)
    assert "Ne demande pas de réponse" not in page(scene.director, "convention-versions", scene)
    assert "Ne demande pas de réponse" in page(scene.officer, "convention-versions", scene)
    client = Client()
    client.force_login(scene.officer)
    client.post(reverse("thread-resolve", args=[scene.number, thread.pk]), {"sans_reponse": "1"})
    assert about not in keys(scene)
    thread.refresh_from_db()
    assert thread.resolved_at is None, "the exchange stays open"
    assert JournalEntry.objects.get(verb="thread_settled").audience == "both"
    threads.reply(thread, by=scene.director, text="Et pour 2027 ?")
    assert about in keys(scene)


def test_who_waits_for_an_answer_does_not_say_that_none_is_needed():
    scene = scenarios.proposed()
    thread = threads.start(scene.act, by=scene.director, path="general", text="Une question.")
    with pytest.raises(Refused, match="Aucune réponse n’est attendue de vous"):
        threads.settle(thread, by=scene.director)
    threads.settle(thread, by=scene.officer)
    with pytest.raises(Refused):
        threads.settle(thread, by=scene.officer)
