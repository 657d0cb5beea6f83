"""The document of each kind of end. Its content is built in the transaction of the event; a worker prints it."""

import datetime as dt
from typing import Any

from arml.enums import Role
from arml.models import Organisation
from conventions.documents.letters import (
    CSS as LETTER_CSS,
)
from conventions.documents.letters import (
    Values,
    letter_content,
    letter_context,
    signed_content,
    template_text,
)
from conventions.documents.parts.parties import signature_blocks
from conventions.enums import ConventionState, DocumentPurpose, EndGround, LetterKind, PartyRole
from conventions.later.in_force import latest_act
from conventions.models import Act, Convention, FormalNotice
from conventions.notifications.ending import DOCUMENTS_MONTHS
from cpo.lib import clock
from cpo.lib.actor import Actor
from cpo.lib.dates import add_months
from cpo.lib.enums import Audience, Side
from cpo.lib.files.hashing import content_hash
from cpo.lib.models import Job
from cpo.lib.wording import french
from cpo.lib.work import jobs

Content = dict[str, Any]
KIND = "print_ending"
CSS = "conventions/pdf/ending.css"
TITLES = {
    DocumentPurpose.NOTICE_LETTER: "Mise en demeure",
    DocumentPurpose.TERMINATION: "Constat de la résiliation",
    DocumentPurpose.CLOSING: "Constat de clôture",
    DocumentPurpose.ABANDONMENT: "Constat d’abandon",
}
DISSOLVED = "Constat de fin de la convention"
PARTIES = (PartyRole.LEAD, PartyRole.BENEFICIARY)
VALUES = ("prefet_qualite", "tribunal_administratif")


def title(purpose: str, ground: str = EndGround.BREACH) -> str:
    dissolved = purpose == DocumentPurpose.TERMINATION and ground == EndGround.DISSOLUTION
    return DISSOLVED if dissolved else TITLES[DocumentPurpose(purpose)]


def ask_document(
    act: Act, purpose: str, actor: Actor, *, notice: FormalNotice | None = None, comment: str = ""
) -> None:
    """Ask a worker to print a document. Call it in the transaction of the event, after all other writes."""
    printed_content = content(act, purpose, actor, notice=notice, comment=comment)
    if purpose == DocumentPurpose.NOTICE_LETTER and notice and notice.side == Side.STATE:
        printed_content["letter"] = _letter(act, actor, notice)
    jobs.enqueue(
        KIND,
        f"{key(act)}{purpose}:{content_hash(printed_content)[:32]}",
        act=act.pk,
        notice=notice.pk if notice else None,
        purpose=purpose,
        label=label(act, purpose, notice),
        audience=audience(purpose, actor.side),
        content=printed_content,
    )


def _letter(act: Act, actor: Actor, notice: FormalNotice) -> Content:
    """The formal notice of a service is one of its letters, from its own text; that of the association is not."""
    text = template_text(act.dossier.lead, LetterKind.NOTICE)
    more: Values = {"manquements": notice.breaches}
    dated_on = clock.today(act.dossier.time_zone)
    letter = letter_content(act.convention, LetterKind.NOTICE, text, dated_on=dated_on, by=actor.user, more=more)
    return letter | {"reference": act.convention.number}


def key(act: Act) -> str:
    """The prefix of the keys of the jobs of a convention."""
    return f"ending:{act.convention_id}:"


def is_outdated(job: Job) -> bool:
    """Whether a later job prints the same document for the same side, or its notice was withdrawn."""
    arguments = job.arguments
    if arguments["notice"] and FormalNotice.objects.filter(pk=arguments["notice"], withdrawn_on__isnull=False).exists():
        return True
    later = Job.objects.filter(kind=KIND, pk__gt=job.pk, arguments__act=arguments["act"])
    return later.filter(arguments__purpose=arguments["purpose"], arguments__label=arguments["label"]).exists()


def label(act: Act, purpose: str, notice: FormalNotice | None) -> str:
    """The name of the document in the register."""
    if purpose == DocumentPurpose.NOTICE_LETTER and notice:
        return f"{title(purpose)} {french.of(_organisation(act, notice.side).in_sentence)}, lettre à signer"
    return title(purpose, notice.ground if notice else EndGround.BREACH)


def audience(purpose: str, side: str) -> str:
    """Who may read the document: only its own side for a letter that it has to sign and send, else both sides."""
    if purpose != DocumentPurpose.NOTICE_LETTER:
        return Audience.BOTH
    return Audience.STATE if side == Side.STATE else Audience.BENEFICIARY


def documents_due(convention: Convention) -> dt.date | None:
    """The last day for the association to hand over its documents after a termination (article 14.2); else None."""
    if convention.state != ConventionState.TERMINATED or convention.ended_on is None:
        return None
    return add_months(convention.ended_on, DOCUMENTS_MONTHS)


def void_document(act: Act, purpose: str, notice: FormalNotice) -> None:
    """Void the document of a notice that was withdrawn."""
    documents = act.documents.filter(purpose=purpose, label=label(act, purpose, notice), voided_at=None)
    documents.update(voided_at=clock.now())


def _organisation(act: Act, side: str) -> Organisation:
    return act.dossier.lead if side == Side.STATE else act.dossier.beneficiary


def content(act: Act, purpose: str, actor: Actor, *, notice: FormalNotice | None = None, comment: str = "") -> Content:
    """The content of the document. The parties and the préfet have the same names as in the text."""
    convention = act.convention
    text = latest_act(convention) or act
    signed = signed_content(text)
    return {
        "purpose": purpose,
        "title": title(purpose, notice.ground if notice else EndGround.BREACH),
        "number": convention.number,
        "cycle": signed["values"].get("annees_convention") or convention.cycle.years_label,
        "parties": [party for party in signed["parties"] if party["role"] in PARTIES],
        "values": {name: signed["values"].get(name, "") for name in VALUES},
        "signed_on": _iso(act.signed_on),
        "notified_on": _iso(act.notified_on),
        "effective_on": _iso(act.effective_on),
        "ends_on": _iso(text.ends_on),
        "versions": act.versions.proposed().count(),
        "acts": [_act_line(later_act) for later_act in convention.acts.exclude(number=0).order_by("number")],
        "years": sorted(convention.years_concluded),
        "state": convention.state,
        "ended_on": _iso(convention.ended_on),
        "author": actor.name,
        "role": Role(actor.role).label if actor.role in Role.values else "",
        "organisation": str(actor.organisation or ""),
        "comment": comment.strip(),
        "at": clock.now().isoformat(),
        "recorded_on": clock.today(act.dossier.time_zone).isoformat(),
        "notice": _notice(act, notice) if notice else None,
    }


def _iso(day: dt.date | None) -> str:
    return day.isoformat() if day else ""


def _act_line(act: Act) -> Content:
    signed = act.state == ConventionState.ACTIVE
    return {
        "name": act.name,
        "signed": signed,
        "day": _iso(act.signed_on or act.notified_on) if signed else "",
        "effective_on": _iso(act.effective_on) if signed else "",
    }


def _notice(act: Act, notice: FormalNotice) -> Content:
    return {
        "ground": notice.ground,
        "association": notice.side == Side.BENEFICIARY,
        "breaches": notice.breaches,
        "sent_on": _iso(notice.sent_on),
        "letter_number": notice.letter_number,
        "due_on": _iso(notice.due_on),
        "observations": [
            {
                "by": str(row.author),
                "at": clock.local_day(row.given_at, act.dossier.time_zone).isoformat(),
                "text": row.text,
            }
            for row in (notice.observations.select_related("author") if notice.pk else ())
        ],
        "decision": notice.decision,
        "decided_on": _iso(notice.decided_on),
        "notified_on": _iso(notice.notified_on),
        "decision_number": notice.decision_number,
        "decision_sha256": notice.decision_file.sha256 if notice.decision_file else "",
        "documents_by": _iso(add_months(notice.notified_on, DOCUMENTS_MONTHS)) if notice.notified_on else "",
    }


def render_ending(printed_content: Content) -> bytes:
    """Render the PDF of the document. The same content gives the same bytes."""
    from cpo.lib.printing import marks  # heavy: only the process that prints loads it

    from .render import authority_lines, service_name

    if letter := printed_content.get("letter"):
        return _render_letter(printed_content, letter)
    notice = printed_content["notice"]
    by_association = bool(notice and notice["association"])
    prefect = printed_content["values"]["prefet_qualite"]
    lead, beneficiary = (_party(printed_content, role) for role in PARTIES)
    blocks = signature_blocks(printed_content | {"parties": [beneficiary if by_association else lead]})
    # A document of the association does not bear the mark of the State.
    author_header = {"authority": [beneficiary["name"]], "service": "", "state": False} if by_association else {}
    return marks.print_content(
        "conventions/pdf/ending.html",
        printed_content,
        title=printed_content["title"],
        number=printed_content["number"],
        part=printed_content["title"].lower(),
        service=beneficiary["name"] if by_association else service_name(printed_content),
        dated=dt.datetime.fromisoformat(printed_content["at"]),
        stylesheets=(CSS,),
        context={
            "is_letter": printed_content["purpose"] == DocumentPurpose.NOTICE_LETTER,
            "is_termination": printed_content["purpose"] == DocumentPurpose.TERMINATION,
            "is_closing": printed_content["purpose"] == DocumentPurpose.CLOSING,
            "is_closed": printed_content["state"] == ConventionState.CLOSED,
            "for_breach": bool(notice and notice["ground"] == EndGround.BREACH),
            "authority": authority_lines(printed_content),
            "notice": notice,
            "lead": lead,
            "association": beneficiary,
            "prefect": prefect,
            "addressee": prefect.partition(",")[0],  # « le préfet de la région Bretagne »
            "court": printed_content["values"]["tribunal_administratif"] or "tribunal administratif compétent",
            "signing": blocks[0],
            **author_header,
        },
    )


def _render_letter(printed_content: Content, letter: Content) -> bytes:
    from cpo.lib.printing import marks

    return marks.print_content(
        "conventions/pdf/letter.html",
        printed_content,
        title=printed_content["title"],
        number=printed_content["number"],
        part=printed_content["title"].lower(),
        service=letter["service"]["name"],
        dated=dt.datetime.fromisoformat(printed_content["at"]),
        stylesheets=(LETTER_CSS,),
        context=letter_context(letter) | {"registered": True},
    )


def _party(printed_content: Content, role: str) -> Content:
    """A party, with its name in a sentence and its address on an envelope, for the letters."""
    party = next(party for party in printed_content["parties"] if party["role"] == role)
    return party | {
        "in_sentence": party["article_name"] or party["name"],
        "envelope": party["address"].removeprefix("au "),  # as in « situé au 1 rue… »
    }
