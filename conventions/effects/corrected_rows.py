"""Rows that the correction of a paper original adds or removes: contribution, payments, budgets, fiches, parties.

Each says what it does in words, why it cannot be (`faults`, by field), whether an act needs it, and writes itself: the
acts that started from the error are corrected with the original, unless they have a row of their own.
"""

import datetime as dt
import uuid
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol

from django.core.exceptions import ValidationError
from django.db.models import Max, ProtectedError

from actions.enums import AccountSide
from actions.models import Account, Axis, Expense, Resource, Sheet
from actions.services.funders import funder_fault, state_funders
from actions.services.sheets import new_sheet, sheet_faults
from arml.enums import OrganisationKind
from arml.models import Organisation
from conventions.content.freeze import build_content
from conventions.enums import ContributionLine, PartyRole, SignatureMode
from conventions.guards.payments import day_fault
from conventions.models import Act, Contribution, Instalment, Party, Signature
from cpo.lib import clock
from cpo.lib.actor import Actor
from cpo.lib.wording import french

Faults = dict[str, str]


class RowChange(Protocol):
    """`base`: the act that is corrected; `act`: the same, or one that started from its text."""

    @property
    def words(self) -> str: ...

    def faults(self, act: Act) -> Faults: ...

    def needed(self, act: Act, base: Act) -> bool: ...

    def write(self, act: Act, base: Act, actor: Actor) -> None: ...


def _of_year(act: Act, year: int) -> Faults:
    years = act.programme.years_to_fill
    return {} if year in years else {"year": f"L’année {year} est hors de la convention ({years[0]}-{years[-1]})."}


@dataclass(frozen=True)
class NewContribution:
    year: int
    line: str
    service: Organisation
    amount: Decimal

    @property
    def words(self) -> str:
        line = ContributionLine(self.line).label
        return f"Ajouté\u00a0: contribution {self.year}, {line}, {self.service}, {french.euros(self.amount)}"

    def _found(self, act: Act) -> bool:
        return act.contributions.filter(year=self.year, line=self.line, service=self.service).exists()

    def faults(self, act: Act) -> Faults:
        faults = _of_year(act, self.year)
        payers = act.parties.filter(role__in=(PartyRole.LEAD, PartyRole.COSIGNER), organisation=self.service)
        if not payers.exists():
            faults["service"] = f"{self.service} n’est pas partie à la convention\u00a0: ajoutez-le d’abord."
        elif self._found(act):
            faults["line"] = "Cette ligne existe déjà\u00a0: corrigez son montant."
        return faults

    def needed(self, act: Act, base: Act) -> bool:
        return not self._found(act)

    def write(self, act: Act, base: Act, actor: Actor) -> None:
        Contribution.objects.create(
            act=act, year=self.year, line=self.line, service=self.service, amount=self.amount
        )  # fmt: skip


@dataclass(frozen=True)
class NewInstalment:
    year: int
    label: str
    amount: Decimal
    due_on: dt.date | None = None
    condition: str = ""

    @property
    def words(self) -> str:
        day = f", le {french.date(self.due_on)}" if self.due_on else ""
        return f"Ajouté\u00a0: versement {self.year}, {self.label}, {french.euros(self.amount)}{day}"

    def faults(self, act: Act) -> Faults:
        fault = day_fault(act, self.year, self.due_on)
        return _of_year(act, self.year) | ({"due_on": fault[:1].upper() + fault[1:]} if fault else {})

    def needed(self, act: Act, base: Act) -> bool:
        """An act with another plan for the year keeps it."""
        return act.pk == base.pk or _plan(act, self.year) == _plan(base, self.year) - {(self.label, self.amount)}

    def write(self, act: Act, base: Act, actor: Actor) -> None:
        last = act.instalments.filter(year=self.year).aggregate(last=Max("rank"))["last"] or 0
        Instalment.objects.create(
            act=act, year=self.year, rank=last + 1, label=self.label, condition=self.condition,
            due_on=self.due_on, amount=self.amount,
        )  # fmt: skip


def _plan(act: Act, year: int) -> set[tuple[str, Decimal]]:
    return set(act.instalments.filter(year=year).values_list("label", "amount"))


@dataclass(frozen=True)
class NewAmount:
    """A charge, or a produit with its funder; of a fiche by its key, or of the structure."""

    account: Account
    year: int
    amount: Decimal
    key: uuid.UUID | None = None
    funder: str = ""

    @property
    def words(self) -> str:
        what = "produit" if self.account.side == AccountSide.RESOURCE else "charge"
        who = f", {self.funder}" if self.funder else ""
        return f"Ajouté\u00a0: {what} {self.year}, {self.account}{who}, {french.euros(self.amount)}"

    def _sheet(self, act: Act) -> Sheet | None:
        return act.programme.sheets.filter(key=self.key).first() if self.key else None

    def _row(self, act: Act) -> Any:
        facts = {"programme": act.programme, "sheet": self._sheet(act), "account": self.account, "year": self.year}
        if self.account.side == AccountSide.RESOURCE:
            return Resource(**facts, funder=self.funder, amount=self.amount)
        return Expense(**facts, amount=self.amount)

    def _found(self, act: Act, row: Any) -> bool:
        funder = {"funder": self.funder} if isinstance(row, Resource) else {}
        rows = type(row)._default_manager.filter(programme=act.programme, account=self.account, year=self.year)
        return rows.filter(sheet=row.sheet, **funder).exists()

    def faults(self, act: Act) -> Faults:
        sheet, faults = self._sheet(act), _of_year(act, self.year)
        if sheet and not faults and self.year not in sheet.years:
            faults["year"] = f"La fiche {sheet.code} va de {sheet.first_year} à {sheet.last_year}."
        if self._found(act, self._row(act)):
            faults["account"] = "Cette ligne existe déjà\u00a0: corrigez son montant."
        if fault := funder_fault(self.account, self.funder, state_funders(act.programme)):
            faults["funder"] = fault
        return faults

    def needed(self, act: Act, base: Act) -> bool:
        row = self._row(act)
        gone = self.key is not None and row.sheet is None  # the act removed the fiche itself
        return not gone and not self._found(act, row)

    def write(self, act: Act, base: Act, actor: Actor) -> None:
        row = self._row(act)
        if self.key and row.sheet is None:
            raise ValidationError("Cette fiche n’existe plus. Rechargez la page.")
        row.save(force_insert=True)


@dataclass(frozen=True)
class NewSheet:
    axis: Axis
    title: str
    first_year: int
    last_year: int
    code: str = ""
    key: uuid.UUID = field(default_factory=uuid.uuid4)

    @property
    def words(self) -> str:
        return f"Ajouté\u00a0: fiche {self.code} «\u00a0{self.title}\u00a0», {self.first_year} à {self.last_year}"

    def _new(self, act: Act) -> Sheet:
        years = {"first_year": self.first_year, "last_year": self.last_year}
        sheet = new_sheet(act.programme, self.axis, title=self.title, code=self.code, **years)
        sheet.key = self.key
        return sheet

    def faults(self, act: Act) -> Faults:
        taken = act.programme.sheets.filter(code=self.code).exists()
        return {name: str(words[0]) for name, words in sheet_faults(self._new(act), code_taken=taken).items()}

    def needed(self, act: Act, base: Act) -> bool:
        return True

    def write(self, act: Act, base: Act, actor: Actor) -> None:
        sheet = self._new(act)
        if act.programme.sheets.filter(code=sheet.code).exists():
            sheet.code = new_sheet(act.programme, self.axis).code  # an act after the original gave this code itself
        sheet.save(force_insert=True)


@dataclass(frozen=True)
class SheetRemoved:
    """A fiche that the original does not have. An act that changes it keeps it, and prevents that it is removed."""

    sheet: Sheet

    @property
    def words(self) -> str:
        return f"Retiré\u00a0: fiche {self.sheet.code} «\u00a0{self.sheet.title}\u00a0», avec ses cibles et son budget"

    def faults(self, act: Act) -> Faults:
        base = self.sheet.programme.act
        if act.pk == base.pk or not self.needed(act, base):
            return {}
        ours, theirs = (_frozen_sheet(one, self.sheet.key) for one in (act, base))
        if ours == theirs:
            return {}
        return {"__all__": f"{act.subject} modifie cette fiche\u00a0: elle ne se retire plus."}

    def needed(self, act: Act, base: Act) -> bool:
        return act.programme.sheets.filter(key=self.sheet.key).exists()

    def write(self, act: Act, base: Act, actor: Actor) -> None:
        try:
            act.programme.sheets.filter(key=self.sheet.key).delete()
        except ProtectedError as error:
            raise ValidationError("Un compte rendu porte sur cette fiche : elle ne se retire plus.") from error


def _frozen_sheet(act: Act, key: uuid.UUID) -> Any:
    return next((row for row in build_content(act)["sheets"] if row["key"] == str(key)), None)


@dataclass(frozen=True)
class NewParty:
    """A cofunder, or a co-signing service. `signed_on`: None when it did not sign the original."""

    organisation: Organisation
    signatory_name: str = ""
    capacity: str = ""
    signed_on: dt.date | None = None

    @property
    def role(self) -> str:
        service = self.organisation.kind == OrganisationKind.STATE_SERVICE
        return PartyRole.COSIGNER if service else PartyRole.COFUNDER

    @property
    def words(self) -> str:
        signed = f", signé le {french.date(self.signed_on)} par {self.signatory_name}" if self.signed_on else ""
        return f"Ajouté\u00a0: partie {self.organisation}{signed}"

    def faults(self, act: Act) -> Faults:
        kinds = (OrganisationKind.STATE_SERVICE, OrganisationKind.REGION, OrganisationKind.OTHER)
        faults = {}
        if self.organisation.kind not in kinds:
            faults["organisation"] = "Choisissez un service de l’État, une Région ou un autre organisme."
        elif not self.needed(act, act):
            faults["organisation"] = f"{self.organisation} est déjà partie à la convention."
        if self.signed_on is None and self.role == PartyRole.COSIGNER:
            faults["signed_on"] = "Un service cosignataire a signé l’original\u00a0: donnez la date."
        elif self.signed_on and self.signed_on > clock.today(act.dossier.time_zone):
            faults["signed_on"] = "Cette date est dans le futur."
        if self.signed_on and not self.signatory_name:
            faults["signatory_name"] = "Donnez le nom du signataire."
        if self.signed_on and not self.capacity:
            faults["capacity"] = "Donnez la qualité du signataire."
        return faults

    def needed(self, act: Act, base: Act) -> bool:
        return not act.parties.filter(organisation=self.organisation).exists()

    def write(self, act: Act, base: Act, actor: Actor) -> None:
        """Who signed an act after this one is corrected in that act; who signs one that is open is decided there."""
        if self.role == PartyRole.COSIGNER:
            act.dossier.services.add(self.organisation)
        signs = self.signed_on is not None and (act.pk == base.pk or not act.is_active)
        party = Party.objects.create(
            act=act, organisation=self.organisation, role=self.role, signs=signs,
            signatory_name=self.signatory_name, capacity=self.capacity, rank=50 + act.parties.count(),
        )  # fmt: skip
        document = act.documents.to_sign().first() if signs and act.pk == base.pk else None
        if document and self.signed_on and actor.user:
            Signature.objects.create(
                document=document, party=party, mode=SignatureMode.PAPER, signatory_name=party.signatory_name,
                capacity=party.capacity, signed_on=self.signed_on, recorded_at=clock.now(), recorded_by=actor.user,
                file_sha256=document.file.sha256, scan=document.file,
            )  # fmt: skip


@dataclass(frozen=True)
class PartyRemoved:
    """A party that the original does not name. What it was said to have signed stays, voided."""

    organisation: Organisation

    @property
    def words(self) -> str:
        return f"Retiré\u00a0: partie {self.organisation}"

    def faults(self, act: Act) -> Faults:
        fixed = act.parties.filter(organisation=self.organisation, role__in=(PartyRole.LEAD, PartyRole.BENEFICIARY))
        if fixed.exists():
            return {"__all__": "Le service chef de file et l’association ne se retirent pas."}
        if act.contributions.filter(service=self.organisation).exists():
            where = f" dans {act.name_in_sentence}" if act.number else ""
            return {"__all__": f"{self.organisation} contribue{where}\u00a0: corrigez d’abord ses montants à 0."}
        return {}

    def needed(self, act: Act, base: Act) -> bool:
        return act.parties.filter(organisation=self.organisation).exists()

    def write(self, act: Act, base: Act, actor: Actor) -> None:
        now, party = clock.now(), act.parties.get(organisation=self.organisation)
        Signature.objects.filter(party=party, voided_at=None).update(voided_at=now)
        Party.objects.filter(pk=party.pk).update(removed_at=now)
        if party.role == PartyRole.COSIGNER:
            act.dossier.services.remove(self.organisation)
