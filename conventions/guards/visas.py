"""The visas on the latest version: the missing ones, which block, and what is only a warning."""

from collections.abc import Iterator
from textwrap import shorten
from typing import Any

from django.urls import reverse

from arml.enums import Role
from conventions.agreement import latest_version
from conventions.enums import PartyRole, VisaDecision
from conventions.models import Act, Visa
from conventions.reads import reads
from cpo.lib import clock
from cpo.lib.enums import Side
from cpo.lib.wording import french
from cpo.lib.workflow import Missing

from .addresses import url
from .versions import version_is_live


def visa_given(act: Act) -> bool:
    return visa_of_given(act, act.dossier.lead)


def visa_of_given(act: Act, organisation: Any) -> bool:
    last = last_visa(act, organisation)
    return last is not None and last.decision == VisaDecision.GIVEN


def visa_of_refused(act: Act, organisation: Any) -> bool:
    last = last_visa(act, organisation)
    return last is not None and last.decision == VisaDecision.REFUSED


def last_visa(act: Act, organisation: Any) -> Visa | None:
    """The last visa of an organisation on the latest version."""
    return next((visa for visa in reads(act).visas if visa.organisation_id == organisation.pk), None)


def visas_given(act: Act) -> Iterator[Missing]:
    page = url(act, "convention-versions", "visas")
    if not visa_given(act):
        refusal = _refusal(act, act.dossier.lead)
        yield Missing(f"Visa du service chef de file sur la version acceptée{refusal}", page)
    for party in reads(act).parties:
        if party.role == PartyRole.COSIGNER and party.signs and not visa_of_given(act, party.organisation):
            name, refusal = french.of(party.organisation.in_sentence), _refusal(act, party.organisation)
            yield Missing(f"Visa {name} sur la version acceptée{refusal}", page)


def _refusal(act: Act, organisation: Any) -> str:
    """« , refusé le 3 mars : « motif » »; "" if the last visa of the organisation is no refusal."""
    visa = last_visa(act, organisation)
    if visa is None or visa.decision != VisaDecision.REFUSED:
        return ""
    day = french.date(clock.local_day(visa.at, act.dossier.time_zone), "jour")
    reason = shorten(visa.comment, 200, placeholder="…")
    return f", refusé le {day}\u00a0: «\u00a0{reason}\u00a0»"


def president_known(act: Act) -> Iterator[Missing]:
    if not act.dossier.beneficiary.memberships.in_force().filter(role=Role.PRESIDENT, user__is_active=True).exists():
        text = "Personne n’a le rôle de président·e dans l’association : invitez cette personne."
        yield Missing(text, reverse("organisation-detail", args=[act.dossier.beneficiary.key]))


def president_visa(act: Act) -> Iterator[Missing]:
    """Warn the association alone, before it accepts, that its president has not answered or has refused."""
    if act.programme.side != Side.BENEFICIARY:
        return
    page = url(act, "convention-versions", "visas")
    if act.president_visa_asked_at:
        day = french.date(clock.local_day(act.president_visa_asked_at, act.dossier.time_zone), "jour")
        yield Missing(f"Visa de la présidence, demandé le {day}, pas encore donné", page, "warning")
    elif refusal := _refusal(act, act.dossier.beneficiary):
        yield Missing(f"Visa de la présidence{refusal}", page, "warning")


def internal_threads(act: Act) -> Iterator[Missing]:
    """Warn the side that accepts about its internal exchanges, which it alone reads, that are still open."""
    count = reads(act).open_threads(act.programme.side)
    if count:
        text = "Un échange interne reste ouvert" if count == 1 else f"{count} échanges internes restent ouverts"
        yield Missing(text, url(act, "convention-versions", "echanges"), "warning")


def nothing_new(act: Act) -> Iterator[Missing]:
    """Warn before the same content is proposed again."""
    version = latest_version(act)
    if version and not list(version_is_live(act)):
        text = f"Rien n’a changé depuis la version {version.number} : vous pouvez l’accepter telle quelle"
        yield Missing(text, url(act, "convention-transition", name="accept"), "warning")
