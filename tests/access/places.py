"""The rows of the table: one dossier in each state. Each worker creates it once, when a test first needs it."""

import datetime as dt
import io
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

import time_machine
from django.db import transaction

from arml.models import Attachment, AttachmentKind, User
from conventions.models import Act, OutsideVisa
from conventions.services import threads, wordings
from conventions.services.paper import PaperSignature, record_paper_original
from conventions.services.signing.scan import Original, record_original
from conventions.services.visas import record_outside_visa
from cpo.lib import clock
from cpo.lib.files import stored
from cpo.lib.work.waking import without_waking
from reporting import workflow as report_workflow
from reporting.deadlines.before import questions
from reporting.enums import DoneAnswer
from reporting.models import DoneBefore, Report
from reporting.services import campaigns
from reporting.services.minutes import DecisionInput
from reporting.services.taking_over import Done, record_done
from tests.conftest import START
from tests.factories import endings, meetings
from tests.factories import reporting as reports
from tests.factories.conventions import PDF
from tests.factories.letters import letter_in
from tests.factories.scenarios import (
    Scene,
    accepted_by_both,
    complete_draft,
    cosigning_manager,
    in_signature,
    later,
    proposed,
)

from .people import Strangers

SCAN = PDF + b"% an original signed by hand\n%%EOF"


@dataclass
class Place:
    """A dossier in one state, and the person of each column."""

    name: str
    act: Act
    people: dict[str, User | None]
    report: Report | None = None
    strangers: Any = None
    extras: dict[str, Any] = field(default_factory=dict)

    def once(self, name: str, make: Callable[[], Any]) -> Any:
        """A row that a block needs besides the dossier. The first call creates it, later calls return it."""
        if name not in self.extras:
            self.extras[name] = make()
        return self.extras[name]

    @property
    def number(self) -> str:
        return self.act.reference

    @cached_property
    def sheet(self) -> Any:
        return self.act.programme.sheets.order_by("pk").first()

    @cached_property
    def version(self) -> int:
        """The number of the latest version, or 1 if there is none yet."""
        latest_number = self.act.versions.order_by("-number").values_list("number", flat=True).first()
        return latest_number or 1

    def pk(self, related: str, **lookup: Any) -> int:
        """The key of the first matching row of the act, or 0, which no row has."""
        return getattr(self.act, related).filter(**lookup).order_by("pk").values_list("pk", flat=True).first() or 0

    def attachment(self, **lookup: Any) -> int:
        attachments = self.act.dossier.attachments.filter(**lookup).order_by("pk")
        return attachments.values_list("pk", flat=True).first() or 0

    def confidential(self) -> int:
        """The pay of the heads: a document that only the lead service and the association may read."""

        def create() -> Attachment:
            return Attachment.objects.create(
                dossier=self.act.dossier,
                kind=AttachmentKind.objects.get(confidential=True),
                year=reports.YEAR,
                file=stored.store(SCAN, "application/pdf"),
                name="remunerations.pdf",
                added_by=self.people["pre"],
                added_at=clock.now(),
            )

        return self.once("confidential", create).pk

    def proof(self) -> int:
        """The proof of what was done before the convention was taken over."""

        def create() -> DoneBefore:
            row = self.act.convention.done_before.first() or DoneBefore(
                convention=self.act.convention, label="Un fait", recorded_by=self.people["off"], recorded_at=clock.now()
            )
            row.answer, row.done_on, row.file = (
                DoneAnswer.DONE,
                dt.date(2025, 11, 3),
                stored.store(SCAN, "application/pdf"),
            )
            row.save()
            return row

        return self.once("proof", create).pk

    def outside_visa(self) -> int:
        rows = OutsideVisa.objects.filter(version__act=self.act)
        return rows.values_list("pk", flat=True).first() or 0

    def scan(self) -> int:
        from conventions.models import Signature

        signatures = Signature.objects.filter(document__act=self.act, scan__isnull=False)
        return signatures.values_list("pk", flat=True).first() or 0

    @property
    def lead(self) -> Any:
        return self.act.dossier.lead

    @property
    def beneficiary(self) -> Any:
        return self.act.dossier.beneficiary


def talk(scene: Scene) -> None:
    """Open exchanges: one for both sides, one internal to each side, one on a text with a wording of the State."""
    act = scene.act
    threads.start(act, by=scene.officer, path="general", text="Un mot pour tous.")
    threads.start(act, by=scene.officer, path="general", text="Entre nous, service.", internal=True)
    if act.dossier.shared_on:
        threads.start(act, by=scene.director, path="general", text="Entre nous, association.", internal=True)
    sheet = act.programme.sheets.first()
    if sheet:
        text = threads.start(act, by=scene.officer, path=f"sheet/{sheet.key}/description", text="Plus simple.")
        wordings.propose(text, by=scene.officer, wording="Un texte plus simple.", text="Plus simple.")


def cosigner(scene: Scene) -> User:
    party = scene.act.parties.select_related("organisation").get(role="cosigner")
    return User.objects.get(memberships__role="signatory", memberships__organisation=party.organisation)


def draft(**fields: Any) -> Scene:
    scene = complete_draft(**fields)
    talk(scene)
    return scene


def state_turn(**fields: Any) -> Scene:
    """The association proposed version 1, and the State must answer."""
    scene = proposed(**fields)
    talk(scene)
    return scene


def arml_turn(**fields: Any) -> Scene:
    """The State proposed version 2, then asked for the turn back. The association must answer."""
    scene = state_turn(**fields)
    scene.edit()
    scene.do("propose", scene.officer, "Notre réponse.")
    scene.do("ask_turn", scene.officer, "Un montant à corriger.")
    return scene


def president_asked(**fields: Any) -> Scene:
    """The association must answer version 2. Its director has asked the president for a visa on it."""
    scene = arml_turn(**fields)
    scene.do("ask_president_visa", scene.director, "Avant d’accepter.")
    return scene


def accepted(**fields: Any) -> Scene:
    """Both sides accepted version 1. No visa is given yet."""
    scene = accepted_by_both(**fields)
    talk(scene)
    return scene


def visas(**fields: Any) -> Scene:
    """Both sides accepted, and every visa is given."""
    scene = accepted(**fields)
    scene.do("give_visa", scene.manager)
    for party in scene.act.parties.filter(role="cosigner").select_related("organisation"):
        scene.do("cosigner_visa", cosigning_manager(party.organisation))
    return scene


def outside_visa(scene: Scene) -> None:
    """The lead service records the visa of an authority outside the dossier."""
    record_outside_visa(
        act=scene.act,
        version=scene.version,
        authority="SGAR",
        name="Camille Exemple",
        capacity="adjointe au secrétaire général",
        given_on=clock.today(clock.PARIS),
        upload=io.BytesIO(SCAN),
        upload_name="visa.pdf",
        upload_size=len(SCAN),
        by=scene.officer,
    )


def signature(**fields: Any) -> Scene:
    """The document to sign exists, with an outside visa. Nobody has signed yet."""
    scene = in_signature(**fields)
    talk(scene)
    outside_visa(scene)
    return scene


def signed(**fields: Any) -> Scene:
    """All parties signed, the co-signing service on paper. The convention is not notified yet."""
    scene = signature(**fields)
    scene.sign(scene.president)
    scene.sign(scene.signatory)
    act = scene.act
    party, document = act.parties.get(role="cosigner"), act.documents.get(purpose="a_signer")
    original = Original(
        scan=stored.store(SCAN, "application/pdf"),
        signatory_name=party.signatory_name,
        capacity=party.capacity,
        signed_on=START.date(),
        reference=act.convention.number,
        short_hash=document.version.short_hash,
        pages=document.pages,
    )
    record_original(act, party, original, by=scene.manager, document=document)
    return scene


def active(**fields: Any) -> Scene:
    scene = signed(**fields)
    scene.do("notify", scene.officer)
    return scene


def abandoned(**fields: Any) -> Scene:
    """The negotiation is abandoned after a first version."""
    scene = state_turn(**fields)
    scene.do("abandon", scene.manager, "L’association a renoncé.")
    return scene


def paper(**fields: Any) -> Scene:
    """A paper convention: all its facts are given, and it is not recorded yet."""
    scene = complete_draft(origin="paper", **fields)
    rows = [
        PaperSignature(party, "Alex Exemple", "présidente", dt.date(2025, 9, 1))
        for party in scene.act.parties.filter(signs=True)
    ]
    record_paper_original(act=scene.act, scan=SCAN, notified_on=dt.date(2025, 10, 1), signatures=rows, by=scene.officer)
    past = [Done(question, DoneAnswer.NOT_DONE) for question in questions(scene.act.convention) if question.past]
    record_done(convention=scene.act.convention, answers=past, by=scene.officer)
    return scene


def recorded(**fields: Any) -> Scene:
    """A paper convention that is recorded; the association did not confirm yet."""
    scene = paper(**fields)
    scene.do("record_paper", scene.officer)
    return scene


def paper_act(**fields: Any) -> Scene:
    """An avenant signed on paper since is being recorded: its original is given."""
    scene = later(recorded(**fields), "paper", effective_on=dt.date(2026, 3, 1))
    give_original(scene, dt.date(2026, 2, 1))
    return scene


def give_original(scene: Scene, signed_on: dt.date) -> None:
    rows = [
        PaperSignature(party, "Alex Exemple", "présidente", signed_on) for party in scene.act.parties.filter(signs=True)
    ]
    record_paper_original(act=scene.act, scan=SCAN + b"%A", notified_on=signed_on, signatures=rows, by=scene.officer)


def paper_avenant(**fields: Any) -> Scene:
    """The State requested an avenant to a paper convention, and has the turn."""
    return later(recorded(**fields))


def avenant(**fields: Any) -> Scene:
    """The State requested an avenant and changed it. The State has the turn."""
    scene = later(active(**fields))
    scene.edit()
    return scene


def avenant_sent(**fields: Any) -> Scene:
    """The State proposed version 1 of the avenant, and the association must answer."""
    scene = avenant(**fields)
    scene.do("propose", scene.officer)
    return scene


def avenant_signed(**fields: Any) -> Scene:
    """The avenant is signed and in force."""
    scene = avenant_sent(**fields)
    scene.do("accept", scene.director)
    scene.do("give_visa", scene.manager)
    for party in scene.act.parties.filter(role="cosigner").select_related("organisation"):
        scene.do("cosigner_visa", cosigning_manager(party.organisation))
    scene.do("open_signature", scene.manager)
    scene.store_document()
    for who in (scene.president, scene.signatory, cosigner(scene)):
        scene.sign(who)
    scene.do("notify", scene.officer)
    return scene


def notice(**fields: Any) -> Scene:
    """The association prepares a notice of adaptation."""
    scene = later(active(**fields), "notice")
    scene.adapt(Decimal(1000))
    return scene


def prepared(**fields: Any) -> Scene:
    """The State prepares a formal notice. It is not sent, and only the State sees it."""
    scene = active(**fields)
    endings.prepared(scene)
    return scene


def noticed(**fields: Any) -> Scene:
    """The formal notice was sent today, and the association has answered. Of two letters, one is sent."""
    scene = prepared(**fields)
    for letter_state in ("to_sign", "sent"):
        letter_in(letter_state, scene.act.convention, by=scene.officer)
    endings.send(scene, proof=endings.PROOF)
    endings.observed(scene)
    return scene


def overdue(**fields: Any) -> Scene:
    """The two months of the formal notice are over."""
    with time_machine.travel(START - dt.timedelta(days=100), tick=True):
        return noticed(**fields)


def terminated(**fields: Any) -> Scene:
    scene = overdue(**fields)
    endings.terminate(scene)
    return scene


CONVENTIONS: dict[str, Callable[..., Scene]] = {
    "draft": draft,
    "state-turn": state_turn,
    "arml-turn": arml_turn,
    "president-asked": president_asked,
    "accepted": accepted,
    "visas": visas,
    "signature": signature,
    "signed": signed,
    "active": active,
    "abandoned": abandoned,
    "paper": paper,
    "recorded": recorded,
    "paper-act": paper_act,
    "paper-avenant": paper_avenant,
    "avenant": avenant,
    "avenant-sent": avenant_sent,
    "avenant-signed": avenant_signed,
    "notice": notice,
    "prepared": prepared,
    "noticed": noticed,
    "overdue": overdue,
    "terminated": terminated,
}
STATES = ("draft", "state-turn", "arml-turn", "accepted", "signature", "active", "abandoned")
ENDING = ("prepared", "noticed", "overdue", "terminated")
LATER = ("avenant", "avenant-sent", "avenant-signed", "notice")


# -- Reports ---------------------------------------------------------------------------------------------------------


def open_report(act: Act) -> Report:
    report = campaigns.open_report(act.convention, reports.YEAR)
    assert report is not None
    return report


def in_progress(act: Act) -> Report:
    report = open_report(act)
    reports.fill(report)
    return Report.objects.get(pk=report.pk)


def submitted(act: Act) -> Report:
    return reports.submitted(in_progress(act))


def certified(act: Act) -> Report:
    """The compte rendu financier of the sending is signed: the report may be declared admissible."""
    report = submitted(act)
    reports.sign_financial(report)
    return Report.objects.get(pk=report.pk)


def to_complete(act: Act) -> Report:
    report = reports.sent_back(submitted(act))
    reports.answer(report)
    return Report.objects.get(pk=report.pk)


def admissible(act: Act) -> Report:
    return reports.admissible(submitted(act))


def with_review(act: Act) -> Report:
    """The report is admissible. The dialogue de gestion is written but not recorded yet."""
    report = admissible(act)
    meetings.dialogue(report, decisions=(DecisionInput(None, "Suivre les effectifs", "beneficiary"),))
    return report


def reviewed(act: Act) -> Report:
    report = with_review(act)
    return report_workflow.apply("review", report, by=reports.person(report, "officer"))


def concluded(act: Act) -> Report:
    return meetings.concluded(reviewed(act))


REPORTS: dict[str, Callable[[Act], Report]] = {
    "open": open_report,
    "in_progress": in_progress,
    "submitted": submitted,
    "certified": certified,
    "to_complete": to_complete,
    "admissible": admissible,
    "held": with_review,
    "reviewed": reviewed,
    "concluded": concluded,
}
REPORT_STATES = tuple(state for state in REPORTS if state not in ("held", "certified"))


@dataclass
class World:
    """All places. Each is created when a test first needs it, dated one hour before the tests begin."""

    strangers: Strangers = field(init=False)
    places: dict[str, Place] = field(default_factory=dict)

    def __post_init__(self) -> None:
        with self._before():
            self.strangers = Strangers()

    def _before(self) -> Any:
        return time_machine.travel(START - dt.timedelta(hours=1), tick=True)

    def place(self, name: str) -> Place:
        """`-` stands for a signed convention: it serves the addresses for which no state matters."""
        name = "active" if name == "-" else name
        if name not in self.places:
            with self._before(), without_waking(), transaction.atomic():
                self.places[name] = self._make(name)
        return self.places[name]

    def _make(self, name: str) -> Place:
        around: dict[str, Any] = {"cosigners": 1, "also_covers": [self.strangers.bystander]}
        report = None
        if name in REPORTS:
            act = reports.make_active(**around)
            report = REPORTS[name](act)
        else:
            act = CONVENTIONS[name](**around).act
        act = Act.objects.select_related("convention__dossier", "programme").get(pk=act.pk)
        return Place(name, act, self.strangers.around(act), report, self.strangers)
