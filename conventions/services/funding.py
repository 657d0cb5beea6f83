"""Record what other funders than the State granted and paid. A fact never changes: a wrong one is voided.

These facts are not content of the act: they need no turn, cancel no acceptance, and may be added to a signed act.
"""

import datetime as dt
from decimal import Decimal
from typing import Any, BinaryIO

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from actions.enums import STATE_ACCOUNT, AccountKind, AccountSide
from actions.models import Account, Sheet
from arml.models import User
from arml.permissions import capacities
from conventions import permissions as may
from conventions.enums import ConventionState, FundingKind
from conventions.models import Act, Convention, FundingFact
from cpo.lib import clock, journal
from cpo.lib.actor import Actor
from cpo.lib.files import stored as stored_files
from cpo.lib.forms.fields import MONEY_MAX
from cpo.lib.models import StoredFile
from cpo.lib.money import to_cents, total
from cpo.lib.wording import french
from cpo.lib.workflow import Refused

from .base import person

RECORDED_IN = (
    *(ConventionState.NEGOTIATION, ConventionState.SIGNATURE, ConventionState.ACTIVE),
    ConventionState.TERMINATED,  # what was granted before is still paid, or paid back
)
NOT_YOURS = (
    "Les financements accordés et versés sont enregistrés par la direction ou le comptable de l’association, "
    "et par le service chef de file. "
    "Votre rôle permet de les lire."
)


def funding_recorder(user: User, act: Act) -> Actor | None:
    """Return the capacity in which the person records and voids facts. `closed_to_facts` checks the state."""
    return next((actor for actor in capacities(user, act.dossier) if may.funding_recorder(actor)), None)


def closed_to_facts(state: str) -> str:
    """Return in French why a convention takes no fact in this state, or "" when it does."""
    if state in RECORDED_IN:
        return ""
    if state == ConventionState.DRAFT:
        return "Les financements s’enregistrent une fois la négociation ouverte."
    if state == ConventionState.CLOSED:
        return "La convention est clôturée : elle ne reçoit plus de financement."
    return "Le dossier est abandonné : il ne reçoit plus de financement."


@transaction.atomic
def record_funding(
    *,
    act: Act,
    by: User | Actor,
    kind: str,
    account: Account,
    funder: str,
    year: int,
    amount: Decimal,
    dated_on: dt.date,
    sheet: Sheet | None = None,
    reference: str = "",
    excess_reason: str = "",
    upload: BinaryIO | None = None,
    name: str = "",
    size: int | None = None,
) -> FundingFact:
    """Record a grant or a payment. Raises PermissionDenied, Refused, ValidationError keyed by field."""
    actor = _recorder(by, act)
    convention = _lock_convention(act)
    stored = _check_and_store(act, kind, account, funder, sheet, year, amount, dated_on, upload, name, size)
    fact = FundingFact(
        convention=convention,
        kind=kind,
        account=account,
        funder=funder.strip(),
        sheet_key=sheet.key if sheet else None,
        sheet_label=str(sheet) if sheet else "",
        year=year,
        amount=amount,
        dated_on=dated_on,
        reference=reference.strip(),
        file=stored,
        file_name=name[:200] if stored else "",
        recorded_by=person(actor, act.dossier),
        recorded_at=clock.now(),
    )
    _refuse_twin(fact)
    _explain(fact, " ".join(excess_reason.split()))
    fact.save()
    sentence = f"{actor.name} enregistre un financement {_words(fact)}."
    journal.record(
        fact, root=act.dossier, by=actor, verb="funding_recorded", sentence=sentence, comment=fact.excess_reason
    )
    return fact


@transaction.atomic
def void_funding(*, fact: FundingFact, by: User | Actor, reason: str) -> FundingFact:
    """Void a wrong fact; it stays readable, with the reason. Raises PermissionDenied, Refused, ValidationError."""
    act = fact.convention.act
    actor = _recorder(by, act)
    _lock_convention(act)
    fact = FundingFact.objects.select_related("convention").get(pk=fact.pk)
    if fact.voided:
        raise Refused("Ce financement est déjà annulé.")
    reason = " ".join(reason.split())
    if not reason:
        raise ValidationError({"reason": "Dites pourquoi ce financement est annulé."})
    fact.voided_by, fact.voided_at, fact.void_reason = person(actor, act.dossier), clock.now(), reason[:250]
    fact.save(update_fields=["voided_by", "voided_at", "void_reason"])
    sentence = f"{actor.name} annule le financement {_words(fact)}."
    journal.record(fact, root=act.dossier, by=actor, verb="funding_voided", sentence=sentence, comment=reason)
    return fact


def _recorder(by: User | Actor, act: Act) -> Actor:
    actor = by if isinstance(by, Actor) else funding_recorder(by, act)
    if actor is None:
        raise PermissionDenied(NOT_YOURS)
    return actor


def _lock_convention(act: Act) -> Convention:
    """Lock the convention, so that nobody abandons it or records the same fact meanwhile. Raises Refused."""
    convention = Convention.objects.select_for_update().get(pk=act.convention_id)
    if reason := closed_to_facts(convention.state):
        raise Refused(reason)
    return convention


def _check_and_store(
    act: Act,
    kind: str,
    account: Account,
    funder: str,
    sheet: Sheet | None,
    year: int,
    amount: Decimal,
    dated_on: dt.date,
    upload: BinaryIO | None,
    name: str,
    size: int | None,
) -> StoredFile | None:
    """Check all the values and store the file, if there is one. Raises ValidationError with every error."""
    errors: dict[str, Any] = dict(funding_faults(act, kind, sheet, year, amount, dated_on))
    if fault := _funder_fault(account, funder):
        errors["line"] = fault
    data = media_type = None
    if upload is not None:
        try:
            data, media_type = stored_files.check_upload(
                upload, name=name, size=stored_files.measure(upload) if size is None else size
            )
        except ValidationError as error:
            errors["upload"] = error
    if errors:
        raise ValidationError(errors)
    return stored_files.store_upload(data, media_type, field="upload") if data and media_type else None


def funding_faults(
    act: Act, kind: str, sheet: Sheet | None, year: int | None, amount: Decimal | None, dated_on: dt.date | None
) -> dict[str, str]:
    """Return, by field, what is wrong of a grant or of a payment. What is not valid is None."""
    faults = {}
    if kind and kind not in FundingKind.values:
        faults["kind"] = "Dites si ce montant est accordé ou versé."
    if sheet and sheet.programme_id != act.programme_id:
        faults["sheet"] = "Cette fiche n’est pas au programme de la convention."
    elif year is not None and year not in act.programme.years:
        faults["year"] = f"L’année {year} est hors de la convention."
    elif year is not None and sheet and year not in sheet.years:
        faults["year"] = f"La fiche {sheet.code} ne couvre pas {year}."
    if amount is not None and (fault := _amount_fault(kind, amount)):
        faults["amount"] = fault
    if dated_on is not None and (fault := _day_fault(act, dated_on)):
        faults["dated_on"] = fault
    return faults


def _amount_fault(kind: str, amount: Decimal) -> str:
    if amount < 0:
        return "Un montant ne peut pas être négatif. Pour corriger un financement, annulez-le."
    if amount != to_cents(amount):
        return "Un montant a au plus deux chiffres après la virgule."
    if amount > MONEY_MAX:
        return "Ce montant est trop grand."
    if kind == FundingKind.PAID and not amount:
        return "Un versement n’est pas de 0 €. Un refus s’enregistre comme accord de 0 €."
    return ""


def _funder_fault(account: Account, funder: str) -> str:
    if account.side != AccountSide.RESOURCE or account.kind != AccountKind.CASH or not funder.strip():
        return "Choisissez un financeur. Les contributions en nature ne se versent pas."
    if account.code == STATE_ACCOUNT:
        return "Ce que l’État engage et verse s’enregistre dans l’onglet Versements."
    return ""


def _day_fault(act: Act, day: dt.date) -> str:
    first = act.programme.cycle.first_year - 1
    if day > clock.today(act.dossier.time_zone):
        return "Cette date est dans le futur. Un financement s’enregistre une fois accordé ou versé."
    return f"Cette date est trop ancienne pour la convention : pas avant {first}." if day.year < first else ""


def _refuse_twin(fact: FundingFact) -> None:
    """Refuse a fact that is already recorded: it is a double click, or the other side recorded it first."""
    same = ("kind", "account_id", "funder", "sheet_key", "year", "amount", "dated_on", "reference")
    twins = fact.convention.funding_facts.valid().filter(**{name: getattr(fact, name) for name in same})
    twin = twins.select_related("recorded_by").first()
    if twin:
        raise ValidationError(
            f"{twin.recorded_by} a déjà enregistré ce financement, à l’identique. "
            "Si c’en est un autre, donnez sa référence."
        )


def _explain(fact: FundingFact, reason: str) -> None:
    """Write the reason of a payment above the grant; without excess, none is kept. Raises ValidationError."""
    excess = _excess(fact)
    if excess and not reason:
        raise ValidationError({"excess_reason": excess})
    fact.excess_reason = reason[:250] if excess else ""


def _excess(fact: FundingFact) -> str:
    """Say that with this fact more is paid than granted for the year; "" if not, or if no grant is known.

    A grant that arrives after the payment, for less than what was paid, makes the same excess.
    """
    same = {name: getattr(fact, name) for name in ("account_id", "funder", "year")}
    amounts = {kind: [fact.amount] if fact.kind == kind else [] for kind in FundingKind}
    for row in fact.convention.funding_facts.valid().filter(**same):
        amounts[FundingKind(row.kind)].append(row.amount)
    paid, granted = total(amounts[FundingKind.PAID]), total(amounts[FundingKind.GRANTED])
    if not amounts[FundingKind.GRANTED] or paid <= granted:
        return ""
    return (
        f"{fact.funder} aurait versé {french.euros(paid)} pour {fact.year}, et accordé {french.euros(granted)}\u00a0: "
        "corrigez le montant, ou dites pourquoi le versement dépasse l’accord."
    )


def _words(fact: FundingFact) -> str:
    """Describe a fact: « accordé, Région, 2025, fiche 1-A … : 20 000 €, le 3 mars 2025 »."""
    sheet = f", fiche {fact.sheet_label}" if fact.sheet_label else ""
    amount, day = french.euros(fact.amount), french.date(fact.dated_on)
    return f"{FundingKind(fact.kind).label}, {fact.funder}, {fact.year}{sheet} : {amount}, le {day}"
