"""The list of conventions and the frame of their pages: filters, order, exports, number of queries."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from arml.models import Dossier, Organisation
from conventions.models import Act, Convention
from conventions.pages import listing
from tests.dom.tree import packed
from tests.factories.arml import OrganisationFactory, make_user
from tests.factories.conventions import add_sheet, complete_act, make_act, make_convention, member
from tests.factories.deadlines import make_deadline

pytestmark = pytest.mark.django_db
LIST = "convention-list"


def text(response) -> str:
    return packed(response.content.decode()).replace("\u00a0", " ")


def queries(client, url: str) -> int:
    client.get(url)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


def rename(convention: Convention, name: str) -> None:
    Organisation.objects.filter(pk=convention.dossier.beneficiary_id).update(
        name=name, short_name=name, sort_name=name.lower().replace("î", "i")
    )


def test_the_list_costs_the_same_with_one_and_with_three_conventions(client):
    make_act(state="negotiation")
    client.force_login(make_user("national_reader"))
    one = queries(client, reverse(LIST))
    for number in range(2):
        complete_act(cosigners=number)
    assert queries(client, reverse(LIST)) == one
    assert one <= 10


def test_everyone_finds_only_what_they_may_see(client):
    first, second = make_act(state="negotiation"), make_act()
    for person, acts in (
        (member(first, "officer"), [first]),
        (member(first, "director"), [first]),
        (member(second, "director"), []),
        (make_user("national_admin"), [first, second]),
        (make_user("reader"), []),
    ):
        client.force_login(person)
        pks = [line["act"].pk for line in client.get(reverse(LIST)).context["lines"]]
        assert sorted(pks) == [act.pk for act in acts]


def test_filters_add_up_and_an_accent_never_hides_anything(client):
    first, second = make_convention(), make_convention()
    rename(first, "ARML Île-Exemple")
    Convention.objects.filter(pk=second.pk).update(state="active")
    client.force_login(make_user("national_admin"))

    def search(query: str) -> list[int]:
        return [line["act"].convention_id for line in client.get(f"{reverse(LIST)}?{query}").context["lines"]]

    assert search("q=ile-ex") == search("q=ÎLE") == [first.pk]
    assert search(f"q={second.number.lower()}") == [second.pk]
    assert search("etat=active") == [second.pk]
    assert search(f"region={second.dossier.territories.get().code}") == [second.pk]
    assert search(f"service={first.dossier.lead.key}") == [first.pk]
    assert search("q=ile&etat=active") == []
    assert search("etat=nimporte") == [first.pk, second.pk]
    assert search("tri=-numero") == [second.pk, first.pk]
    assert search("tri=nimporte&page=99") == [first.pk, second.pk]


def test_conventions_with_a_late_deadline_are_found_by_those_who_follow_deadlines(client):
    late, due, met = (make_convention() for _ in range(3))
    make_deadline(late, due="2026-10-14")
    make_deadline(late, due="2026-10-13")
    make_deadline(due, due="2026-10-15")
    deadline = make_deadline(met, due="2026-10-14")
    type(deadline).objects.filter(pk=deadline.pk).update(met_on=dt.date(2026, 10, 14))
    Dossier.objects.update(published_on=dt.date(2026, 1, 1))
    address = f"{reverse(LIST)}?echeances=retard"
    client.force_login(make_user("national_admin"))
    assert [line["act"].convention_id for line in client.get(address).context["lines"]] == [late.pk]
    observer = make_user("reader", OrganisationFactory(kind="other", national_scope=True))
    client.force_login(observer)
    page = client.get(address)
    assert len(page.context["lines"]) == 3 and "En retard" not in page.content.decode()


def test_a_cosigning_service_finds_what_it_cosigns(client):
    act = make_act(cosigners=2)
    service = act.parties.filter(role="cosigner").last().organisation
    client.force_login(make_user("national_admin"))
    lines = client.get(f"{reverse(LIST)}?service={service.key}").context["lines"]
    assert [line["act"].pk for line in lines] == [act.pk]


def test_an_empty_search_offers_to_remove_the_filter(client):
    make_act()
    client.force_login(make_user("national_admin"))
    page = text(client.get(f"{reverse(LIST)}?q=introuvable"))
    assert "Aucune convention ne correspond" in page
    assert "Retirer le filtre" in page


def test_pages_follow_the_order_and_the_export_follows_the_filters(client, monkeypatch):
    monkeypatch.setattr("conventions.views.listing.PAGE", 2)
    acts = [make_act() for _ in range(3)]
    client.force_login(make_user("national_admin"))
    pks = [line["act"].pk for page in (1, 2) for line in client.get(f"{reverse(LIST)}?page={page}").context["lines"]]
    assert pks == [act.pk for act in sorted(acts, key=lambda act: act.convention.number)]
    response = client.get(f"{reverse('convention-list-csv')}?q={acts[1].convention.number}")
    rows = b"".join(response.streaming_content).decode().splitlines()
    assert len(rows) == 2
    assert acts[1].convention.number in rows[1]
    assert "attachment" in response["Content-Disposition"]


def test_amounts_are_added_up_for_the_rows_shown_only():
    acts = [complete_act() for _ in range(3)]
    reader = make_user("national_reader")
    assert reader.roles
    for some in (acts[:1], acts):
        with CaptureQueriesContext(connection) as captured:
            rows = listing.rows(reader, [act.convention_id for act in some])
        assert len(captured) == 3, "the texts to come, the contributions, the rows"
        assert [row.contribution for row in rows] == [120000] * len(some)


FRAME = ["convention-detail", "convention-articles", "convention-journal", "convention-contribution"]


# A draft is not shared with the association.
@pytest.mark.parametrize(
    ("role", "state"),
    [
        *(("officer", state) for state in ("draft", "negotiation", "active")),
        ("director", "negotiation"),
        ("director", "active"),
    ],
)
def test_a_page_costs_the_same_with_one_and_with_three_fiches(client, role, state):
    act = complete_act()
    side = {"draft": "state", "negotiation": "beneficiary" if role == "director" else "state"}.get(state, "")
    type(act.programme).objects.filter(pk=act.programme_id).update(side=side)
    for code in ("2-A", "3-A"):
        if state == "active":
            add_sheet(act, code=code)
    dates = {"signed_on": dt.date(2025, 10, 1), "notified_on": dt.date(2025, 10, 1)}
    type(act).objects.filter(pk=act.pk).update(state=state, **(dates if state == "active" else {}))
    Convention.objects.filter(pk=act.convention_id).update(state=state)
    Dossier.objects.filter(pk=act.dossier.pk).update(shared_on=dt.date(2025, 1, 1))
    client.force_login(member(act, role))
    costs = [queries(client, reverse(name, args=[act.convention.number])) for name in FRAME]
    assert max(costs) <= 17  # Synthèse: one reads the steps of the label, one the kinds of events of the journal
    assert max(costs[1:3]) <= 15, "only a page with forms reads the drafts of the person"
    if state != "active":
        for code in ("2-A", "3-A"):
            add_sheet(act, code=code)
    assert [queries(client, reverse(name, args=[act.convention.number])) for name in FRAME] == costs


def test_the_filters_offer_what_is_seen_and_late_deadlines_are_those_of_ones_own_dossiers(client):
    seen, other = make_act(state="negotiation"), make_act()
    Dossier.objects.filter(pk=seen.dossier.pk).update(published_on=dt.date(2025, 10, 8))
    make_deadline(seen.convention, due="2025-11-01")
    union = make_user("reader", OrganisationFactory(national_scope=True))
    person = make_user("officer", user=union)  # who follows deadlines, elsewhere
    client.force_login(person)
    page = client.get(reverse(LIST), {"echeances": "retard"})
    assert page.context["page_obj"].paginator.count == 0
    fields = client.get(reverse(LIST)).context["form"].fields
    offered = {str(label) for name in ("region", "service") for _, label in fields[name].choices}
    assert str(seen.dossier.lead) in offered and str(other.dossier.lead) not in offered
    client.force_login(make_user("national_reader"))
    assert client.get(reverse(LIST), {"echeances": "retard"}).context["page_obj"].paginator.count == 1


@pytest.mark.parametrize("typed", ["brehat", "ÎLE DE BRÉHAT", "l’île‑de‑Bréhat", "Brehta", "bréhat 2025"])
def test_the_list_forgives_accents_hyphens_and_a_letter_or_two(client, typed):
    act = make_act(state="negotiation")
    Organisation.objects.filter(pk=act.dossier.beneficiary_id).update(short_name="ARML de l'Île-de-Bréhat")
    other = make_act(state="negotiation")
    client.force_login(make_user("national_reader"))
    page = client.get(reverse("convention-list"), {"q": typed})
    assert (
        [line["act"].number for line in page.context["lines"]] == [act.convention.number] != [other.convention.number]
    )


@pytest.mark.parametrize(("ended", "amount"), [("2026-12-31", "80000"), ("2027-01-01", "120000")])
def test_a_terminated_convention_keeps_what_was_due_until_the_year_of_its_end(client, ended, amount):
    act = complete_act()
    day = dt.date(2025, 3, 1)
    Act.objects.filter(pk=act.pk).update(state="active", latest=True, signed_on=day, notified_on=day)
    rows = Convention.objects.filter(pk=act.convention_id)
    rows.update(state="active")
    reader = make_user("national_reader")
    assert listing.rows(reader, [act.convention_id])[0].contribution == Decimal(120000)
    rows.update(state="terminated", ended_on=dt.date.fromisoformat(ended))
    assert listing.rows(reader, [act.convention_id])[0].contribution == Decimal(amount)
    client.force_login(reader)
    assert f"résiliée, sans les années après {ended[:4]}" in text(client.get(reverse(LIST)))
    lines = b"".join(client.get(reverse("convention-list-csv")).streaming_content).decode().splitlines()
    assert "Résiliée ou clôturée le" in lines[0] and ended in lines[1] and amount in lines[1]
