"""Play a story from the draft to the signature: each event at its date, by the services and the workflow."""

import datetime as dt
import io
from collections.abc import Mapping
from functools import cache

from arml.models import Attachment, User
from conventions import workflow
from conventions.documents import production
from conventions.enums import SignatureMode
from conventions.guards.pieces import checklist
from conventions.guards.signing import signing_document, unsigned_parties
from conventions.models import Act, Convention, Signature
from conventions.permissions import signing_role
from conventions.services import threads, wordings
from conventions.services.drafting import create_convention
from conventions.services.paper import PaperSignature, record_paper_original
from conventions.services.pieces import add_attachment, may_add
from conventions.services.texts import editable_variables, set_values
from conventions.services.visas import record_outside_visa
from cpo.lib import clock
from cpo.lib.enums import JobState
from cpo.lib.models import Job
from cpo.lib.printing import pdf
from cpo.lib.work import jobs
from reporting.deadlines.before import questions
from reporting.enums import DoneAnswer
from reporting.services.taking_over import Done, record_done

from . import certificates
from .programmes import write_contribution, write_programme
from .story import Story, at

DRAFTED = dt.date(2025, 7, 21)
LATE_DRAFTED = dt.date(2026, 9, 7)


@cache
def sample_file(label: str) -> bytes:
    """A one-page fictitious document, accessible as the real ones."""
    return pdf.html_to_pdf(
        f"<html lang='fr'><head><title>{label}</title></head><body><h1>{label}</h1>"
        "<p>Document fictif de démonstration.</p></body></html>",
        title=label,
        author="Démonstration",
        identifier=label.encode(),
        dated=at(DRAFTED),
    )


def tell(story: Story) -> Act:
    """Play a convention up to its step; return its act."""
    start = DRAFTED if story.signed_on else LATE_DRAFTED
    officer, manager = story.user("officer"), story.user("manager")
    with clock.set_to(at(start)):
        convention = create_convention(
            beneficiary=story.arml,
            lead=story.lead,
            cycle=story.cycle,
            territories=list(story.arml.territories.all()),
            cosigners=story.cosigners,
            officer=officer,
            origin="paper" if story.paper else "app",
            by=officer,
        )
        act = convention.act
        _draft(story, act, officer, start)
        if story.step == "draft":
            return act
        if story.paper:
            return _paper(story, act, officer)
        workflow.apply("share", act, by=officer, comment="Voici le projet, établi d’après le modèle national.")
    if story.step == "abandoned":
        with clock.set_to(at(start + dt.timedelta(days=40))):
            return workflow.apply(
                "abandon",
                fresh(act),
                by=manager,
                comment="L’association est en cours de fusion ; un autre dossier suivra.",
            )
    return _negotiate(story, fresh(act), start)


def fresh(act: Act) -> Act:
    return Act.objects.select_related("programme", "convention__dossier__lead", "convention__dossier__beneficiary").get(
        pk=act.pk
    )


def _draft(story: Story, act: Act, officer: User, start: dt.date) -> None:
    write_contribution(story, act, by=officer)
    values = {
        "lieu_signature": story.lead.city or "Villemodèle",
        "date_signature": "",
        "nombre_exemplaires": "deux",
        "methode_evaluation": "revue annuelle des fiches, entretiens avec les missions locales, données agrégées",
        "liste_comite_pilotage": [
            str(story.lead),
            str(story.arml),
            "la Région",
            "un représentant des missions locales",
        ],
        "sommes_deja_versees": "0",
        "contact_donnees_etat": "donnees-personnelles@service.example",
        "domaine_fonctionnel": "0102-99-99",
        "centre_financier": "0102-DR99-DR99",
        "centre_couts": "DRT9999999",
        "tribunal_administratif": story.lead.served_territories.order_by("code")[0].court,
        "ordonnateur": story.lead.served_territories.order_by("code")[0].prefect_title,
        "bloc_marque": "du préfet de région",
    }
    _values(act, values, officer)


def _values(act: Act, values: Mapping[str, object], by: User) -> None:
    """Write the values of the variables that the model has; ignore the other names."""
    side = act.programme.side
    names = {variable.name for variable in editable_variables(act, side)}
    editable_values = {name: value for name, value in values.items() if name in names and value}
    set_values(act=act, values=editable_values, by=by, expected_revision=None)


def _negotiate(story: Story, act: Act, start: dt.date) -> Act:
    director, officer = story.user("director"), story.user("officer")
    with clock.set_to(at(start + dt.timedelta(days=8), 10)):
        write_programme(story, act, by=director)
        _association_texts(story, act, director, start)
        _attachments(story, act, start)
    if not story.reaches("proposed"):
        return act
    with clock.set_to(at(start + dt.timedelta(days=12), 14)):
        act = workflow.apply("propose", fresh(act), by=director, comment="Première proposition du programme.")
    if not story.reaches("countered"):
        return act
    with clock.set_to(at(start + dt.timedelta(days=19), 11)):
        _state_attachments(story, act)
        _values(act, {"diagnostic_regional": story.texts["diagnostic"] + " Ce constat est partagé."}, officer)
        comment = "Diagnostic complété ; le programme nous convient."
        act = workflow.apply("propose", fresh(act), by=officer, comment=comment)
    if not story.reaches("accepted"):
        _talk(story, fresh(act), start)
        return act
    with clock.set_to(at(start + dt.timedelta(days=24), 15)):
        act = workflow.apply("accept", fresh(act), by=director)
        act = workflow.apply("ask_visa", fresh(act), by=officer)
    if not story.reaches("visa"):
        return act
    return sign(story, act, story.signed_on or start + dt.timedelta(days=43))


def _talk(story: Story, act: Act, start: dt.date) -> None:
    """Threads without answer: a general question, an internal note, a wording to accept."""
    director, officer, manager = story.user("director"), story.user("officer"), story.user("manager")
    sheet = act.programme.sheets.order_by("rank")[0]
    with clock.set_to(at(start + dt.timedelta(days=20), 9)):
        question = threads.start(
            act, by=officer, path="general", text="La Région cofinance-t-elle aussi la dernière année ?"
        )
        threads.start(
            act,
            by=officer,
            path="general",
            internal=True,
            mention=[manager],
            text="Le taux de l’État vous convient-il ?",
        )
        wording = threads.start(
            act, by=officer, path=f"sheet/{sheet.key}/description", text="Le rythme des synthèses peut être précisé."
        )
        wordings.propose(
            wording,
            by=officer,
            text="Je propose de dire quand la synthèse est attendue.",
            wording=f"{sheet.description.strip()} La synthèse est remise dans le mois qui suit chaque trimestre.",
        )
    with clock.set_to(at(start + dt.timedelta(days=21), 15)):
        threads.reply(question, by=director, text="Oui, son accord est attendu en décembre.")
        message = "La contribution de l’État est celle que nous avions demandée."
        workflow.apply("ask_president_visa", fresh(act), by=director, comment=message)


def _association_texts(story: Story, act: Act, director: User, start: dt.date) -> None:
    _values(
        act,
        {
            "organe_deliberant": "son conseil d’administration",
            "date_deliberation": (start - dt.timedelta(days=4)).isoformat(),
            "diagnostic_regional": story.texts["diagnostic"],
            "arml_projet_synthese": story.texts["projet"],
            "situation_labellisation": story.data["arml"]["labellisation"],
            "cles_repartition": "au prorata des équivalents temps plein affectés à chaque action",
            "contact_donnees_arml": "dpo@arml.example",
            "motif_axe_absent": "sans objet",
            "accords_reversement": "sans objet",
            "date_cloture_exercice": "31 décembre",
        },
        director,
    )


def _attachments(story: Story, act: Act, start: dt.date) -> None:
    """The president adds every document that the checklist expects of the association."""
    president = story.user("president")
    for line in checklist(act):
        if line.missing and may_add(president, act, line.kind):
            days = 10 if line.kind.key == "demande_subvention" else 4
            _add(act, line.kind, president, start - dt.timedelta(days=days))


def _state_attachments(story: Story, act: Act) -> None:
    officer = story.user("officer")
    for line in checklist(act):
        if line.missing and may_add(officer, act, line.kind):
            _add(act, line.kind, officer, dt.date(2025, 1, 6))


def _add(act: Act, kind: object, by: User, dated: dt.date) -> Attachment:
    label = str(kind)
    data = sample_file(label)
    return add_attachment(
        act=act,
        kind=kind,  # type: ignore[arg-type]
        by=by,
        upload=io.BytesIO(data),
        name=f"{label[:60]}.pdf",
        size=len(data),
        dated=dated,
        valid_until=dt.date(2027, 12, 31) if kind.needs_end_date else None,  # type: ignore[attr-defined]
    )


def sign(story: Story, act: Act, last: dt.date) -> Act:
    """Play from the visa to the notification, or to the end of the story; the last party signs on the day `last`."""
    manager, officer = story.user("manager"), story.user("officer")
    day = last - dt.timedelta(days=12)
    with clock.set_to(at(day, 10)):
        act = workflow.apply("give_visa", fresh(act), by=manager, comment="Conforme au modèle national.")
        for service in story.cosigners:
            act = workflow.apply("cosigner_visa", fresh(act), by=story.user("manager", service))
    if not story.reaches("signature"):
        return act
    with clock.set_to(at(day + dt.timedelta(days=1), 9)):
        act = workflow.apply("open_signature", fresh(act), by=manager)
        _drop_old_drafts(act)
        for job in Job.objects.filter(kind=production.KIND, key__endswith=":a_signer", state=JobState.WAITING):
            jobs.run(job.pk)
        if story.outside_visa and not act.number:
            _outside_visa(act, officer)
    parties = unsigned_parties(act)
    if story.step == "signature":
        certificates.hand_in(story, fresh(act))  # today: the time of such a signature is that of the machine that signs
        return fresh(act)
    for rank, party in enumerate(parties):
        with clock.set_to(at(last - dt.timedelta(days=len(parties) - 1 - rank), 16)):
            _signature(story, fresh(act), party.pk)
    if not story.reaches("active"):
        return fresh(act)
    with clock.set_to(at(last + dt.timedelta(days=6), 9)):
        return workflow.apply("notify", fresh(act), by=officer)


def _outside_visa(act: Act, officer: User) -> None:
    scan = sample_file("Visa du contrôle budgétaire régional")
    record_outside_visa(
        act=act,
        version=act.versions.latest("number"),
        authority="Contrôle budgétaire régional",
        name="Dominique Fictif",
        capacity="contrôleur budgétaire en région",
        given_on=clock.today(act.dossier.time_zone),
        comment="Avis favorable, sans observation.",
        upload=io.BytesIO(scan),
        upload_name="visa.pdf",
        upload_size=len(scan),
        by=officer,
    )


def _drop_old_drafts(act: Act) -> None:
    """Delete the printing of the former drafts: nobody reads them, and it would keep the worker busy."""
    keys = [f"version:{version.pk}:projet" for version in act.versions.all()]
    Job.objects.filter(kind=production.KIND, key__in=keys, state=JobState.WAITING).delete()


def _signature(story: Story, act: Act, party_id: int) -> None:
    party = act.parties.select_related("organisation", "signatory").get(pk=party_id)
    role = signing_role(party.role)
    user = party.signatory or story.user(role, party.organisation)
    document = signing_document(act)
    signature = Signature(
        document=document,
        party=party,
        mode=SignatureMode.BROWSER,
        signatory_name=str(user),
        capacity=party.capacity,
        signed_on=clock.today(act.dossier.time_zone),
        recorded_at=clock.now(),
        recorded_by=user,
        file_sha256=document.file.sha256,
        proof={"demonstration": True},
    )
    workflow.apply("sign", act, by=user, data={"signature": signature})


def _paper(story: Story, act: Act, officer: User) -> Act:
    """Signed on paper in 2025, recorded in the application in 2026."""
    assert story.signed_on is not None  # noqa: S101  a paper story has its date
    with clock.set_to(at(dt.date(2026, 3, 10), 10)):
        write_programme(story, act, by=officer)
        record_paper_original(
            act=act,
            scan=sample_file("Convention signée sur papier, numérisée"),
            notified_on=story.signed_on + dt.timedelta(days=8),
            signatures=[
                PaperSignature(
                    party,
                    party.signatory_name or "Dominique Fictif",
                    party.capacity or "préfet de région",
                    story.signed_on,
                )
                for party in act.parties.filter(signs=True)
            ],
            by=officer,
        )
        _done_before(fresh(act), officer)
        return workflow.apply("record_paper", fresh(act), by=officer)


def _done_before(act: Act, officer: User) -> None:
    """Nothing is told of before: the demonstration then plays the year as for the other conventions."""
    answers = [Done(one, DoneAnswer.NOT_DONE) for one in questions(act.convention) if one.past]
    record_done(convention=act.convention, answers=answers, by=officer)


def convention_of(act: Act) -> Convention:
    return Convention.objects.select_related("cycle", "dossier__lead", "dossier__beneficiary").get(pk=act.convention_id)
