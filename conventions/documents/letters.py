"""A letter of the service: the values of its variables, its content, frozen when it is produced, and its printing."""

import datetime as dt
from collections import defaultdict
from decimal import Decimal
from typing import Any

from arml.models import Organisation, User
from conventions.content.freeze import build_content
from conventions.enums import LetterKind, PartyRole
from conventions.later.in_force import latest_act
from conventions.models import Act, Convention, LetterTemplate
from conventions.text import letters as texts
from conventions.text.wording import Value
from cpo.lib import clock
from cpo.lib.dates import next_working_day
from cpo.lib.hooks import Hook
from cpo.lib.money import total
from cpo.lib.wording import french
from cpo.lib.wording.spelling import euros_in_words
from cpo.lib.wording.typography import long_date

from .parts.parties import signature_blocks

Content = dict[str, Any]
Values = dict[str, Value]
CSS = "conventions/pdf/letter.css"
DAYS_TO_ANSWER = 15
# `reporting/hooks.py` answers with what it knows of the year: what is late, what lacks, the meeting to come, the
# conclusion. Names: those of `conventions.text.letters`.
letter_facts: Hook[[Convention], Values] = Hook(lambda convention: {})


def signed_content(text: Act) -> Content:
    """The signed content of an act. Before the signature: that of the last version, or the live content."""
    version = text.versions.order_by("-number").first()
    return version.content if version else build_content(text)


def text_of(convention: Convention) -> Content:
    """The content that the letters of a convention quote: that of the last signed act."""
    return signed_content(latest_act(convention) or convention.act)


def values_of(convention: Convention, content: Content, *, dated_on: dt.date) -> Values:
    """Each variable that has a value, as the letter prints it. `content`: `text_of` the convention."""
    values = {**_parties(convention, content), **_days(convention, content, dated_on), **_money(content, dated_on)}
    return {name: value for name, value in {**values, **letter_facts(convention)}.items() if value}


def _parties(convention: Convention, content: Content) -> Values:
    dossier = convention.dossier
    lead, beneficiary, officer = dossier.lead, dossier.beneficiary, dossier.officer
    typed = content["values"]
    return {
        "numero_convention": convention.number,
        "annees_convention": typed.get("annees_convention") or convention.cycle.years_label,
        "association_nom": beneficiary.article_name,
        "association_nom_court": beneficiary.in_sentence,
        "representant_nom": typed.get("arml_representant_nom", ""),
        "representant_qualite": typed.get("arml_representant_qualite", ""),
        "service_nom": lead.article_name,
        "service_nom_court": lead.in_sentence,
        "service_courriel": lead.email,
        "prefet_qualite": typed.get("prefet_qualite", ""),
        "agent_nom": str(officer) if officer else lead.in_sentence,
        "agent_courriel": officer.email if officer else lead.email,
    }


def _days(convention: Convention, content: Content, dated_on: dt.date) -> Values:
    """The day for an answer is one on which the service works, its own public holidays included."""
    dossier, act = convention.dossier, convention.act
    codes = sorted(one.code for one in dossier.territories.all() if one.service_id == dossier.lead_id)
    answer = next_working_day(dated_on + dt.timedelta(days=DAYS_TO_ANSWER), next(iter(codes), ""))
    return {
        "date_lettre": french.date(dated_on),
        "date_reponse": french.date(answer),
        "date_signature": long_date(act.signed_on),
        "date_notification": long_date(act.notified_on),
        "date_effet": long_date(content["convention"].get("effective_on")),
        "date_fin": long_date(content["convention"].get("ends_on")),
        "annee": str(dated_on.year),
    }


def _money(content: Content, dated_on: dt.date) -> Values:
    by_year: dict[int, Decimal] = defaultdict(Decimal)
    for row in content["contributions"]:
        by_year[row["year"]] += Decimal(row["amount"])
    whole, own = total(by_year.values()), by_year.get(dated_on.year)
    return {
        **amount("contribution_totale", whole or None),
        **amount("contribution_annee", own),
        "liste_contributions_annees": [f"{year}\u00a0: {french.euros(by_year[year])}" for year in sorted(by_year)],
    }


def amount(name: str, value: Decimal | None) -> Values:
    """An amount in figures and in words, under `name` and « name_lettres »; nothing when it is not known."""
    if value is None:
        return {}
    return {name: french.euros(value), f"{name}_lettres": euros_in_words(value)}


def template_text(service: Organisation, kind: str) -> texts.LetterText:
    """The text that a service uses for a kind of letter: its own, else the national one."""
    row = LetterTemplate.objects.in_use(service, kind)
    return texts.LetterText(row.subject, row.body) if row else texts.shipped_letters()[kind]


def letter_content(
    convention: Convention,
    kind: str,
    text: texts.LetterText,
    *,
    dated_on: dt.date,
    by: User | None,
    more: Values | None = None,
) -> Content:
    """All that the paper says but its number. `more`: values that only the caller has. `missing`: labels that lack.

    Only the values that the text names are kept: what else is known of the convention is not of the letter.
    """
    content = text_of(convention)
    values = {**values_of(convention, content, dated_on=dated_on), **(more or {})}
    named = {one.name for one in texts.used(text.subject, text.body)}
    lead, beneficiary = (_party(content, role) for role in (PartyRole.LEAD, PartyRole.BENEFICIARY))
    followed = convention.dossier.officer or by
    return {
        "kind": kind,
        "kind_label": LetterKind(kind).label,
        "number": convention.number,
        "header": content.get("header", {}),
        "values": {"prefet_qualite": content["values"].get("prefet_qualite", "")},
        "parties": [lead],
        "service": {
            "name": lead.get("legal_name") or lead.get("name") or "",
            "address": _envelope(lead.get("address", "")),
            "email": convention.dossier.lead.email,
        },
        "addressee": _addressee(beneficiary),
        "followed_by": {"name": str(followed), "email": followed.email} if followed else None,
        "place": content["values"].get("lieu_signature") or convention.dossier.lead.city,
        "dated_on": dated_on.isoformat(),
        "subject": texts.plain(text.subject, values),
        "body": text.body,
        "of_body": {name: value for name, value in values.items() if name in named},
        "missing": [one.label for one in texts.missing(values, text.subject, text.body)],
        "at": clock.now().isoformat(),
    }


def _party(content: Content, role: str) -> Content:
    return next((party for party in content["parties"] if party["role"] == role), {"role": role})


def _addressee(party: Content) -> list[str]:
    """The lines of the envelope: the person, the association, its address."""
    person = ", ".join(part for part in (party.get("signatory_name"), party.get("capacity")) if part)
    return [line for line in (person, party.get("name"), _envelope(party.get("address", ""))) if line]


def _envelope(address: str) -> str:
    """« 1 rue… », for « situé au 1 rue… »."""
    return address.removeprefix("au ")


def body_html(content: Content, *, proof: bool = False) -> str:
    """The body of the letter, its values in their places."""
    return texts.wording(content["of_body"], proof=proof).html(content["body"])


def letter_context(content: Content) -> dict[str, Any]:
    """What `conventions/pdf/letter.html` prints of a content, beside its reference."""
    from .render import authority_lines

    return {
        "letter": content,
        "authority": authority_lines(content),
        "service_detail": "",
        "dated_on": dt.date.fromisoformat(content["dated_on"]),
        "body": body_html(content),
        "signing": signature_blocks(content)[0],
    }


def render_letter(content: Content) -> bytes:
    """Bytes of the letter: the same content gives the same bytes."""
    from cpo.lib.printing import marks  # heavy: only the process that prints loads it

    return marks.print_content(
        "conventions/pdf/letter.html",
        content,
        title=f"{content['kind_label']} – {content['reference']}",
        number=content["number"],
        part=f"lettre {content['reference']}",
        service=content["service"]["name"],
        dated=dt.datetime.fromisoformat(content["at"]),
        stylesheets=(CSS,),
        context=letter_context(content),
    )
