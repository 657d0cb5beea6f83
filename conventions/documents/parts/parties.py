"""The parties of a version: places to sign, delegations, joined documents."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString

from conventions.enums import PartyRole
from cpo.lib.wording import french
from cpo.lib.wording.typography import long_date, typographic

from .table import Column, Table, make_table, text

Content = Mapping[str, Any]
STATE_ROLES = (PartyRole.LEAD, PartyRole.COSIGNER)


@dataclass(frozen=True)
class SignatureBlock:
    """The place where a party signs. `anchor` names it in the HTML; `field` is its accessible name."""

    anchor: str
    heading: SafeString
    field: str
    lines: Sequence[SafeString]
    delegation: SafeString
    signed: str = ""  # in the signed copy: when, instead of a place to sign


def signature_blocks(content: Content) -> list[SignatureBlock]:
    """One block for each party that signs, the association first, then the State's services, then the others."""
    signing = [party for party in content["parties"] if party.get("signs", True)]
    signing.sort(key=lambda party: signing_rank(party["role"]))
    return [_block(party, rank, content) for rank, party in enumerate(signing, start=1)]


def signing_rank(role: str) -> int:
    order: dict[str, int] = {PartyRole.BENEFICIARY: 0, PartyRole.LEAD: 1, PartyRole.COSIGNER: 2}
    return order.get(role, 3)


def signature_field_name(rank: int) -> str:
    """The name of the place to sign, in the HTML and in the fields of the PDF."""
    return f"signature-{rank}"


def non_signing_parties(content: Content) -> SafeString:
    """The sentence that names the cofunders that are parties but do not sign; "" if there are none."""
    parties = [party for party in content["parties"] if not party.get("signs", True)]
    if not parties:
        return SafeString("")
    label = "Cofinanceur associé sans signature" if len(parties) == 1 else "Cofinanceurs associés sans signature"
    names = " ; ".join(_name_and_representative(party) for party in parties)
    return SafeString(f"<p>{text(f'{label} : {names}.')}</p>")


def party_line(party: Mapping[str, Any]) -> str:
    """The party, where it sits, who represents it."""
    place = " ".join(str(party.get("address") or "").split())
    siret = f"SIRET {party['siret']}" if party.get("siret") else ""
    return ", ".join(part for part in (_name_and_representative(party), place, siret) if part)


def _name_and_representative(party: Mapping[str, Any]) -> str:
    """« la Région Bretagne, que représente Alix Modèle, présidente du conseil régional »."""
    name = party.get("article_name") or party.get("name") or ""
    person = ", ".join(part for part in (party.get("signatory_name"), party.get("capacity")) if part)
    return f"{name}, que représente {person}" if person else name


def _block(party: Mapping[str, Any], rank: int, content: Content) -> SignatureBlock:
    role, by_delegation = party["role"], bool(party.get("by_delegation"))
    name = party.get("article_name") or party.get("name") or ""
    authority = party.get("authority") or (
        content.get("values", {}).get("prefet_qualite") if role == PartyRole.LEAD else ""
    )
    lines = [party.get("signatory_name") or "", party.get("capacity") or ""]
    if role in STATE_ROLES:
        heading = "Pour l'État" if role == PartyRole.LEAD else f"Pour l'État, {name}"
        if by_delegation:
            lines.insert(0, f"pour {authority} et par délégation," if authority else "par délégation,")
        elif authority and authority not in lines[1]:
            lines[1] = str(authority)
    else:
        heading = "Pour l'association" if role == PartyRole.BENEFICIARY else f"Pour {name}"
    return SignatureBlock(
        anchor=signature_field_name(rank),
        heading=text(heading),
        field=_accessible_name(heading, party.get("signatory_name") or ""),
        lines=[text(line) for line in lines if line],
        delegation=text(_delegation(party)) if by_delegation else SafeString(""),
    )


def _accessible_name(heading: str, signatory: str) -> str:
    """The name of the place to sign for a screen reader: « Signature pour l’association, Camille Exemple »."""
    return typographic(f"Signature {heading[:1].lower()}{heading[1:]}{', ' if signatory else ''}{signatory}")


def _delegation(party: Mapping[str, Any]) -> str:
    delegation = party.get("delegation") or {}
    parts = [
        delegation.get("reference") or "",
        f"du {long_date(delegation['dated'])}" if delegation.get("dated") else "",
    ]
    reference = " ".join(part for part in parts if part)
    publication = delegation.get("raa")
    return f"Délégation : {reference}{f', {publication}' if publication else ''}" if reference else ""


def delegation_recital(party: Mapping[str, Any]) -> str:
    """« Vu l’arrêté n° … du … portant délégation de signature à … ; » for a party that signs by delegation, else ""."""
    delegation = party.get("delegation") or {}
    if not (party.get("signs", True) and party.get("by_delegation") and delegation.get("reference")):
        return ""
    dated = f" du {long_date(delegation['dated'])}" if delegation.get("dated") else ""
    person = f" à {party['signatory_name']}" if party.get("signatory_name") else ""
    published = f", {delegation['raa']}" if delegation.get("raa") else ""
    return f"Vu {french.decree(delegation['reference'])}{dated} portant délégation de signature{person}{published} ;"


def annex_iv_tables(content: Content) -> list[Table]:
    """Annexe IV: the delegations of the signatories, and the joined documents with their hash."""
    tables = []
    delegated_parties = [
        party for party in content["parties"] if party.get("by_delegation") and party.get("delegation")
    ]
    if delegated_parties:
        columns = [
            Column("Signataire"),
            Column("Acte de délégation"),
            Column("Publication", width="large"),
            Column("Valable jusqu'au", width="date"),
        ]
        rows = [
            (
                "",
                f"{party.get('signatory_name') or ''}, {party.get('short_name') or party['name']}",
                [
                    f"{party['delegation'].get('reference') or ''} du {long_date(party['delegation'].get('dated'))}",
                    party["delegation"].get("raa"),
                    long_date(party["delegation"].get("valid_until")),
                ],
            )
            for party in delegated_parties
        ]
        tables.append(make_table("Délégations de signature", columns, rows))
    attachments = content.get("attachments") or []
    if attachments:
        columns = [Column("Pièce"), Column("Date", width="large"), Column("Empreinte SHA-256 (début)", width="large")]
        rows = [
            ("", piece["label"], [long_date(piece.get("dated")), (piece.get("sha256") or "")[:16]])
            for piece in attachments
        ]
        tables.append(make_table("Pièces jointes", columns, rows))
    return tables
