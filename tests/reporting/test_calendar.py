"""The iCalendar feed: all-day events, escaping, lines of 75 octets, a personal address that its own page revokes."""

import datetime as dt

import pytest
from django.urls import reverse

from arml.models import Dossier
from reporting.deadlines import calendar, ical
from tests.factories.arml import OrganisationFactory, make_user
from tests.factories.deadlines import in_force, make_deadline, person

pytestmark = pytest.mark.django_db


def unfold(text):
    return text.replace("\r\n ", "").split("\r\n")


def feed(client, user):
    client.logout()
    return client.get(reverse("deadline-feed", kwargs={"token": calendar.token(user)}))


@pytest.mark.parametrize("length", [1, 74, 75, 76, 149, 150, 400])
@pytest.mark.parametrize("character", ["a", "é", "€", "😀"])
def test_lines_are_folded_at_75_octets_and_never_inside_a_character(length, character):
    line = "SUMMARY:" + character * length
    text = ical.fold(line)
    assert all(len(part.encode()) <= 75 for part in text.split("\r\n"))
    assert text.replace("\r\n ", "") == line
    assert all(part.startswith(" ") for part in text.split("\r\n")[1:])


def test_text_is_escaped():
    assert ical.escape("a,b;c\\d\ne\r\nf") == "a\\,b\\;c\\\\d\\ne\\nf"


def test_a_deadline_is_an_all_day_event_with_a_uid_that_lasts(client):
    deadline = make_deadline(due="2026-10-31", label="Comité, avec les financeurs ; et d’autres")
    client.force_login(person(deadline.convention, "director"))
    response = client.get(reverse("deadline-calendar"))
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    text = response.content.decode()
    assert text.endswith("END:VCALENDAR\r\n")
    assert "\n" not in text.replace("\r\n", "")
    lines = unfold(text)
    assert lines[:2] == ["BEGIN:VCALENDAR", "VERSION:2.0"]
    assert "DTSTART;VALUE=DATE:20261031" in lines
    assert "DTEND;VALUE=DATE:20261101" in lines
    assert any(line == f"UID:echeance-{deadline.pk}@conventions.example" for line in lines)
    (summary,) = [line for line in lines if line.startswith("SUMMARY:")]
    assert summary.startswith("SUMMARY:Comité\\, avec les financeurs \\; et d’autres")
    (description,) = [line for line in lines if line.startswith("DESCRIPTION:")]
    # 31 October is a Saturday, 1 November a holiday
    assert "Premier jour ouvré : le 2\u00a0novembre 2026." in description
    assert next(line for line in lines if line.startswith("DTSTAMP:")).endswith("Z")


def test_what_is_met_is_not_in_the_calendar(client):
    deadline = make_deadline()
    type(deadline).objects.filter(pk=deadline.pk).update(met_on=dt.date(2026, 6, 1))
    client.force_login(person(deadline.convention, "director"))
    assert "VEVENT" not in client.get(reverse("deadline-calendar")).content.decode()


def test_the_personal_address_gives_the_deadlines_of_that_person_alone(client):
    own, other = make_deadline(in_force()), make_deadline(in_force())
    text = feed(client, person(own.convention, "director")).content.decode()
    assert f"echeance-{own.pk}@" in text
    assert f"echeance-{other.pk}@" not in text


def test_the_address_survives_the_password_and_is_revoked_on_its_own_page(client):
    director = person(make_deadline().convention, "director")
    old = reverse("deadline-feed", kwargs={"token": calendar.token(director)})
    director.set_password("un autre mot de passe assez long")  # as a re-hash at sign-in, it changes what is stored
    director.save()
    assert client.get(old).status_code == 200
    client.force_login(director)
    page = reverse("calendar-address")
    assert old in client.get(page).content.decode()
    assert "Annuler" in client.get(page).content.decode()
    client.post(page)
    assert old not in client.get(page).content.decode()
    client.logout()
    assert client.get(old).status_code == 404
    director.refresh_from_db()
    assert feed(client, director).status_code == 200


@pytest.mark.parametrize("token", ["", "1", "x-y", "1-", "99999999999999999999-a", "²-a", "0-0000"])
def test_an_address_that_is_nobody_s_is_not_found(client, token):
    assert calendar.owner(token) is None
    assert client.get(f"/echeances/calendrier/{token or '-'}.ics").status_code == 404


def test_an_account_that_is_closed_has_no_feed_any_more(client):
    deadline = make_deadline()
    director = person(deadline.convention, "director")
    type(director).objects.filter(pk=director.pk).update(is_active=False)
    assert feed(client, director).status_code == 404


def test_an_observer_has_no_feed(client):
    deadline = make_deadline()
    observer = make_user("reader", OrganisationFactory(national_scope=True))
    assert Dossier.objects.visible_to(observer).filter(pk=deadline.convention.dossier_id).exists()
    assert feed(client, observer).status_code == 404
    client.force_login(observer)
    assert client.get(reverse("deadline-calendar")).status_code == 403
