"""The checklist of typed documents of an act: expected, given, out of date, missing.

The conditions of the reference data are a small language, evaluated without `eval`: comparisons of a known quantity
with a number or a word, joined by « and ».
"""

import datetime as dt
import re
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from actions.completeness import is_public_grant
from actions.enums import STATE_ACCOUNT, AccountKind
from arml.enums import AttachmentMoment
from arml.models import Attachment, AttachmentKind
from conventions.cache import of_revision
from conventions.enums import PartyRole
from conventions.models import Act
from conventions.reads import reads
from cpo.lib import clock
from cpo.lib.dates import add_months

ANNEX_IV = frozenset(
    {
        "attestation_cer",
        "deliberation_autorisation",
        "delegation_signature_etat",
        "delegations_services_cosignataires",
        "deliberation_region",
    }
)
ALWAYS = "toujours"
# The French words of each condition of the reference data.
CONDITIONS = {
    "": "toujours demandée",
    ALWAYS: "toujours demandée",
    "subventions_publiques_annuelles > 153000": ("si les subventions publiques d’une année dépassent 153 000 €"),
    "budget_annuel > 150000 and subvention_annuelle_par_autorite > 50000": (
        "si le budget d’une année dépasse 150 000 € et une subvention 50 000 €"
    ),
    "signature_par_delegation": "si la signature de l’État est donnée par délégation",
    "services_cosignataires and signature_par_delegation": "si un service cosignataire signe par délégation",
    "region_cosignataire": "si la Région cosigne",
    "charges_indirectes == 'reelles'": "si les charges indirectes sont réelles, selon des clés de répartition",
    "sieg_actif": "si la convention porte un service d’intérêt économique général",
    "exercice_approuve": "si les comptes de l’exercice sont approuvés",
    "signataire_rapport_different_president": "si le compte rendu n’est pas signé par la présidence",
    "coordonnees_bancaires_modifiees": "si les coordonnées bancaires changent",
    "statuts_modifies": "si les statuts changent",
}
_CLAUSE = re.compile(r"^(\w+)(?:\s*(==|!=|>=|<=|>|<)\s*(?:'([^']*)'|([0-9]+(?:\.[0-9]+)?)))?$")


@dataclass
class Line:
    """A type of document. `attachments`: newest first; `current`: the one that counts.

    `expired`: out of date on the day of the signature, or today before the signature; `lapsed`: out of date only since.
    """

    kind: AttachmentKind
    current: Attachment | None
    expected: bool
    expired: bool = False
    lapsed: bool = False
    attachments: list[Attachment] = field(default_factory=list)

    @property
    def satisfied(self) -> bool:
        return self.current is not None and not self.expired

    @property
    def missing(self) -> bool:
        return self.expected and not self.satisfied

    @property
    def not_applicable(self) -> bool:
        return self.current is not None and self.current.file_id is None


def checklist(
    act: Act, moments: tuple[str, ...] = (AttachmentMoment.REQUEST, AttachmentMoment.SIGNATURE)
) -> list[Line]:
    """One line per type of document due at these moments, in a constant number of queries."""
    by_kind: dict[int, list[Attachment]] = defaultdict(list)
    rows = act.dossier.attachments.filter(kind__moment__in=moments).select_related("file", "added_by", "kind")
    for attachment in rows.order_by("-added_at", "-id"):
        by_kind[attachment.kind_id].append(attachment)
    today = clock.today(act.dossier.time_zone)
    kinds = list(AttachmentKind.objects.filter(moment__in=moments))
    amounts = quantities(act) if any(kind.condition not in ("", ALWAYS) for kind in kinds) else {}
    lines = []
    for kind in kinds:
        replaced_ids = {attachment.replaces_id for attachment in by_kind[kind.pk]}
        current = next((a for a in by_kind[kind.pk] if a.pk not in replaced_ids), None)
        expired = _expired(kind, current, act.signed_on or today)
        lapsed = not expired and _expired(kind, current, today)
        expected = not kind.withdrawn and condition_holds(kind.condition, amounts)
        lines.append(Line(kind, current, expected, expired, lapsed, by_kind[kind.pk]))
    return lines


def _expired(kind: AttachmentKind, attachment: Attachment | None, today: dt.date) -> bool:
    """Whether the document is past its own end date, or past the validity of its type from its date."""
    if attachment is None or attachment.file_id is None:
        return False
    end = attachment.valid_until
    if end is None and kind.validity_months and attachment.dated:
        end = add_months(attachment.dated, kind.validity_months)
    return end is not None and end < today


def condition_holds(condition: str, amounts: dict[str, Any]) -> bool:
    """Evaluate a condition of the reference data; False for an unknown quantity. Raises ValueError if malformed."""
    if condition in ("", ALWAYS):
        return True
    return all(_clause_holds(clause.strip(), amounts) for clause in condition.split(" and "))


def _clause_holds(clause: str, amounts: dict[str, Any]) -> bool:
    match = _CLAUSE.match(clause)
    if not match:
        raise ValueError(f"condition de pièce illisible : {clause}")
    name, operator, word, number = match.groups()
    value = amounts.get(name)
    if operator is None:
        return bool(value)
    if value is None:
        return False
    other: Any = word if word is not None else Decimal(number)
    return {
        "==": value == other,
        "!=": value != other,
        ">": word is None and value > other,
        "<": word is None and value < other,
        ">=": word is None and value >= other,
        "<=": word is None and value <= other,
    }[operator]  # type: ignore[no-any-return]


def quantities(act: Act) -> dict[str, Any]:
    """The quantities that conditions may name, in four queries. A yearly amount (euros) is that of the highest year."""
    parties = reads(act).parties
    state = [party for party in parties if party.role in (PartyRole.LEAD, PartyRole.COSIGNER)]
    return of_revision(act, "amounts_of_conditions", lambda: _amounts(act)) | {
        "signature_par_delegation": any(party.by_delegation for party in state),
        "services_cosignataires": any(party.role == PartyRole.COSIGNER and party.by_delegation for party in parties),
        "region_cosignataire": act.options.get("region") == "cosignataire",
        "charges_indirectes": act.options.get("charges_indirectes", ""),
    }


def _amounts(act: Act) -> dict[str, Any]:
    """The quantities that depend on the content alone."""
    grants: dict[int, Decimal] = defaultdict(Decimal)
    budget: dict[int, Decimal] = defaultdict(Decimal)
    funders: dict[tuple[str, str, int], Decimal] = defaultdict(Decimal)
    contribution: dict[int, Decimal] = defaultdict(Decimal)
    for account, kind, funder, year, amount in act.programme.resources.values_list(
        "account__code", "account__kind", "funder", "year", "amount"
    ):
        if kind == AccountKind.IN_KIND:
            continue
        budget[year] += amount
        if is_public_grant(account):
            grants[year] += amount
            funders[account, "" if account == STATE_ACCOUNT else funder, year] += amount
    for year, amount in act.contributions.values_list("year", "amount"):
        contribution[year] += amount
    return {
        "subventions_publiques_annuelles": max([*grants.values(), *contribution.values(), Decimal(0)]),
        "contribution_etat_annuelle": max([*contribution.values(), Decimal(0)]),
        "budget_annuel": max([*budget.values(), Decimal(0)]),
        "subvention_annuelle_par_autorite": max([*funders.values(), *contribution.values(), Decimal(0)]),
        "sieg_actif": act.articles.filter(model_article__key="sieg", included=True).exists(),
    }
