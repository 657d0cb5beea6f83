"""Conventions brought to a state through the services and the workflow only, as people would do.

scene = complete_draft()        # complete; the State has the turn
scene = in_negotiation()        # shared; the association has the turn
scene = proposed()              # version 1 by the association; the State has the turn
scene = three_versions()        # two more versions, each side changing articles, fiches, targets, amounts
scene = accepted_by_both()      # both accepted version 1; no visa yet
scene = in_signature()          # visa given, signature open, document to sign stored (a stand-in for the PDF)
scene = active_convention()     # both signed in the browser; notified
scene = with_later_act()        # an avenant opened on such a convention; kind="annual", year=2026 for another act
scene.officer, manager, signatory, director, president: people; scene.act: the act, read anew; scene.do("propose", …)
"""

import datetime as dt
import re
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from actions.models import Account, Programme
from actions.services import create_sheet, delete_sheet, set_indicators, set_sheet_budget, update_sheet
from actions.services.budgets import AmountLine, stored_lines
from actions.services.indicators import TargetData, stored_indicator
from conventions import workflow
from conventions.content.freeze import build_content
from conventions.documents import production
from conventions.enums import DocumentPurpose
from conventions.guards.signing import party_to_sign, signing_document
from conventions.later.opening import Terms
from conventions.models import Act, Convention, Document, Party, Version
from conventions.services.articles import set_article
from conventions.services.money import ContributionRow, InstalmentRow, set_contributions, set_instalments
from conventions.services.parties import set_party
from conventions.services.signing import browser
from conventions.services.texts import set_values
from conventions.text.wording import missing_variables
from cpo.lib import clock
from cpo.lib.files import stored as stored_files
from cpo.lib.models import OutboxMessage
from tests.factories.arml import PASSWORD, make_user
from tests.factories.conventions import PDF, add_sheet, complete, fund, make_act, member
from tests.factories.kept import kept


@dataclass
class Scene:
    convention: Convention
    rank: int = 0

    @property
    def act(self) -> Act:
        """The act, read again with its programme and its dossier."""
        return Act.objects.select_related(
            "programme__cycle", "convention__cycle", "convention__dossier__lead", "convention__dossier__beneficiary"
        ).get(convention=self.convention, number=self.rank)

    def __getattr__(self, role: str) -> Any:
        if role in ("officer", "manager", "signatory", "director", "president"):
            return member(self.act, role)
        raise AttributeError(role)

    @property
    def number(self) -> str:
        """The number in the addresses of the act."""
        return self.act.reference if self.rank else self.convention.number

    @property
    def version(self) -> Version:
        return self.act.versions.order_by("-number").first()

    def admit(self, **modes: bool | str) -> None:
        """Make the text of the act retain these ways to sign, and this order, by the names of the fields of a cycle."""
        programme = self.act.programme
        programme.retained.setdefault("cycle", {}).setdefault(str(programme.cycle_id), {}).update(modes)
        type(programme).objects.filter(pk=programme.pk).update(retained=programme.retained)

    def party(self, role: str) -> Party:
        return self.act.parties.get(role=role)

    def do(self, name: str, by: Any, comment: str = "", **data: Any) -> Act:
        return workflow.apply(name, self.act, by=by, comment=comment, data=data)

    def edit(self, by: Any = None) -> None:
        """Change the description of the first fiche, as a person who has the turn."""
        sheet = self.act.programme.sheets.first()
        side = self.act.programme.side
        who = by or (self.officer if side == "state" else self.director)
        update_sheet(sheet=sheet, by=who, expected_revision=None, description=f"{sheet.description} Et davantage.")

    def adapt(self, amount: Decimal, year: int = 2026) -> None:
        """Move charges of the first fiche in one year from account 64 to account 60, as the association."""
        sheet = self.act.programme.sheets.first()
        expenses, resources = stored_lines(sheet.expenses.all()), stored_lines(sheet.resources.all())
        next(line for line in expenses if line.account.code == "64").amounts[year] -= amount
        there = next((line for line in expenses if line.account.code == "60"), None)
        if there is None:
            expenses.append(there := AmountLine(Account.objects.get(code="60"), {}))
        there.amounts[year] = (there.amounts.get(year) or Decimal(0)) + amount
        set_sheet_budget(sheet=sheet, by=self.director, expected_revision=None, expenses=expenses, resources=resources)

    def store_document(self) -> Document:
        """Store the document to sign as the worker does, with stand-in bytes because rendering takes seconds."""
        version = self.version
        stored_file = stored_files.store(PDF + f"% {version.content_sha256}\n%%EOF".encode(), "application/pdf")
        return Document.objects.create(
            act=self.act,
            version=version,
            purpose=DocumentPurpose.TO_SIGN,
            content_sha256=version.content_sha256,
            file=stored_file,
            renderer="stand-in",
            pages=1,
            created_at=clock.now(),
        )

    def sign(self, user: Any) -> Act:
        """Take the three steps of the signature in the browser, with the code of the e-mail."""
        act = self.act
        party = next(
            signing_party for actor in workflow.capacities(user, act) if (signing_party := party_to_sign(act, actor))
        )
        user.set_password(PASSWORD)
        user.save()
        attempt = browser.begin(act, party, by=user, password=PASSWORD)
        browser.open_document(attempt)
        attempt.refresh_from_db()
        browser.send_code(attempt)
        return browser.confirm(attempt, last_code(user), shown_sha256=signing_document(act).file.sha256)


def last_code(user: Any) -> str:
    """The code in the last e-mail to the person."""
    body = OutboxMessage.objects.filter(recipient=user, template="code_signature").latest("id").body
    return re.search(r"\b\d{6}\b", body)[0]


@kept
def complete_draft(*, sheets: int = 1, **fields: Any) -> Scene:
    act = make_act(**fields)
    for party in act.parties.filter(role="cosigner").select_related("organisation"):
        signatory = make_user("signatory", party.organisation)
        set_party(
            party=party,
            signatory=signatory,
            signatory_name=str(signatory),
            capacity="préfète de région",
            by=member(act, "officer"),
            expected_revision=None,
        )
    complete(act)
    fill_blanks(act)
    for rank in range(1, sheets):
        add_sheet(act, code=f"{rank % 3 + 1}-{chr(65 + rank)}", state=Decimal(1000), other=Decimal(500))
    if sheets > 1:
        fund(Act.objects.get(pk=act.pk), Decimal(40000 + 1000 * (sheets - 1)))
    return Scene(act.convention)


EXAMPLES = {"date": "2025-06-02", "amount": "1000", "percent": "10", "list": ["Une personne", "Une autre"]}


def fill_blanks(act: Act) -> None:
    """Enter every value of the articles that is still missing."""
    act = Act.objects.get(pk=act.pk)
    values = {row.name: EXAMPLES.get(row.kind.value, "à l’exemple") for row in missing_variables(build_content(act))}
    if "nombre_missions_locales" in values:
        values["nombre_missions_locales"] = "17"
    set_values(act=act, values=values, by=member(act, "officer"), expected_revision=None)


@kept
def in_negotiation(**fields: Any) -> Scene:
    scene = complete_draft(**fields)
    scene.do("share", scene.officer)
    return scene


@kept
def proposed(**fields: Any) -> Scene:
    """The association proposed version 1. The State has the turn."""
    scene = in_negotiation(**fields)
    scene.do("propose", scene.director, "Voici notre projet.")
    return scene


@kept
def three_versions(**fields: Any) -> Scene:
    """Version 2, by the State: a new wording, one more fiche, new amounts, a covering note. Version 3, by the
    association: a moved paragraph, without that fiche, a new target, a new title."""
    scene = proposed(**fields)
    act, officer, director = scene.act, scene.officer, scene.director
    rewrite(scene, officer, lambda paragraphs: [*paragraphs, PARAGRAPH])
    create_sheet(programme=act.programme, by=officer, axis=act.programme.cycle.axes.get(number=2), title="Observatoire")
    rows = [ContributionRow(act.programme.cycle.years[0], Decimal(45000), act.dossier.lead)]
    rows += [ContributionRow(y, Decimal(40000), act.dossier.lead) for y in act.programme.cycle.years[1:]]
    set_contributions(act=scene.act, rows=rows, by=officer, expected_revision=None)
    scene.do("propose", officer, "Cinq mille euros de plus la première année.")

    rewrite(scene, director, lambda paragraphs: [paragraphs[-1], *paragraphs[:-1]])
    programme = scene.act.programme
    delete_sheet(sheet=programme.sheets.get(title="Observatoire"), by=director, expected_revision=None)
    sheet = programme.sheets.first()
    update_sheet(sheet=sheet, by=director, expected_revision=None, title="Professionnaliser les équipes")
    indicators = [stored_indicator(row) for row in sheet.indicators.all()]
    year = programme.cycle.years[0]
    targets = {**indicators[0].targets, year: TargetData(number=Decimal(310))}
    indicators[0] = replace(indicators[0], targets=targets)
    set_indicators(sheet=sheet, by=director, expected_revision=None, indicators=indicators)
    scene.do("propose", director, "L’observatoire se fera avec la Région.")
    return scene


PARAGRAPH = "Les parties se réunissent chaque trimestre pour examiner l’avancement des actions et leurs résultats."


def rewrite(scene: Scene, by: Any, change: Any) -> None:
    """Change the paragraphs of the preamble."""
    text = scene.act.articles.get(model_article__key="preambule")
    paragraphs = [part for part in text.body.split("\n\n") if part.strip()]
    set_article(
        act=scene.act,
        key="preambule",
        body="\n\n".join(change(paragraphs)),
        by=by,
        expected_revision=None,
        reason="Rencontres régulières",
    )


@kept
def accepted_by_both(**fields: Any) -> Scene:
    scene = proposed(**fields)
    scene.do("accept", scene.officer)
    return scene


@kept
def in_signature(*, document: bool = True, **fields: Any) -> Scene:
    scene = accepted_by_both(**fields)
    scene.do("give_visa", scene.manager)
    for party in scene.act.parties.filter(role="cosigner"):
        scene.do("cosigner_visa", cosigning_manager(party.organisation))
    scene.do("open_signature", scene.manager)
    if document:
        scene.store_document()
    return scene


def cosigning_manager(organisation: Any) -> Any:
    membership = organisation.memberships.filter(role="manager").first()
    return membership.user if membership else make_user("manager", organisation)


@kept
def signed_by_all(**fields: Any) -> Scene:
    scene = in_signature(**fields)
    scene.sign(scene.president)
    scene.sign(scene.signatory)
    return scene


@kept
def active_convention(**fields: Any) -> Scene:
    scene = signed_by_all(**fields)
    scene.do("notify", scene.officer)
    return scene


TERMS = Terms("Changer une action.", "Un partenaire se retire.", "Le budget de l’action est revu.", "programme")


def later(scene: Scene, kind: str = "avenant", by: Any = None, **terms: Any) -> Scene:
    """Open an act after the first on a signed convention: "avenant", "annual", "notice"; "paper", an avenant signed on
    paper (or another act, by `paper_kind`)."""
    if kind == "paper":
        return _take_over_act(scene, **terms)
    names = {"avenant": "open_amendment", "annual": "open_annual", "notice": "open_adaptation"}
    who = by or (scene.director if kind == "notice" else scene.officer)
    if kind != "avenant":
        terms = {"topic": "", "year": 2026} | terms
    first = Scene(scene.convention)
    first.do(names[kind], who, terms=replace(TERMS, **terms))
    return Scene(scene.convention, scene.convention.acts.latest("number").number)


def _take_over_act(scene: Scene, paper_kind: str = "avenant", **fields: Any) -> Scene:
    year = 2026 if paper_kind == "annual" else None
    terms = {"cause": "", "consequences": "", "topic": "", "year": year, "origin": "paper"} | fields
    Scene(scene.convention).do("open_paper_act", scene.officer, kind=paper_kind, terms=replace(TERMS, **terms))
    return Scene(scene.convention, scene.convention.acts.latest("number").number)


@kept
def with_later_act(*, kind: str = "avenant", **terms: Any) -> Scene:
    """As `later`, on a new convention."""
    return later(active_convention(), kind, **terms)


def to_signature(scene: Scene) -> Scene:
    """Go from the turn of either side to the document to sign."""
    spokes = {"state": scene.officer, "beneficiary": scene.director}
    scene.do("propose", spokes[scene.act.turn])
    scene.do("accept", spokes[scene.act.turn])
    scene.do("give_visa", scene.manager, "Personne d’autre n’est disponible.")
    for party in scene.act.parties.filter(role="cosigner"):
        scene.do("cosigner_visa", cosigning_manager(party.organisation))
    scene.do("open_signature", scene.manager)
    scene.store_document()
    return scene


def in_force(scene: Scene) -> Scene:
    """Let both sides sign, then notify."""
    to_signature(scene)
    scene.sign(scene.president)
    scene.sign(scene.signatory)
    scene.do("notify", scene.officer)
    return scene


@kept
def avenant_in_force() -> Scene:
    """An avenant that changes the description of a fiche, signed by both sides and notified."""
    scene = with_later_act()
    scene.edit()
    return in_force(scene)


def set_contribution(scene: Scene, year: int, amount: Decimal) -> None:
    """Set the contribution of the State for a year, and what depends on it: instalments, the State line and the charges
    of the first fiche. The side that has the turn does not matter. An avenant that raises it has its deliberation."""
    turn = scene.act.programme.side
    Programme.objects.filter(pk=scene.act.programme_id).update(side="state")
    act = scene.act
    lead, first = act.dossier.lead, act.programme.sheets.first()
    former = sum(row.amount for row in act.contributions.filter(year=year))
    rows = [ContributionRow(row.year, row.amount, row.service, row.line, row.note)
            for row in act.contributions.exclude(year=year)]  # fmt: skip
    rows.append(ContributionRow(year, amount, lead))
    set_contributions(act=scene.act, rows=rows, by=scene.officer, expected_revision=None)
    parts = [InstalmentRow(row.year, row.amount, row.label, row.condition, row.due_on)
             for row in act.instalments.exclude(year=year)]  # fmt: skip
    parts.append(InstalmentRow(year, amount, "Versement unique"))
    set_instalments(act=scene.act, rows=parts, by=scene.officer, expected_revision=None)
    expenses, resources = stored_lines(first.expenses.all()), stored_lines(first.resources.all())
    gap = amount - former
    if gap > 0 and act.is_amendment:
        decided_on = clock.today(act.dossier.time_zone) + dt.timedelta(days=1)
        act.dossier.attachments.filter(kind__key="deliberation_autorisation").update(dated=decided_on)
    for line in [expenses[0], next(line for line in resources if line.account.code == "74-ETAT")]:
        line.amounts[year] = (line.amounts.get(year) or Decimal(0)) + gap
    set_sheet_budget(sheet=first, by=scene.officer, expected_revision=None, expenses=expenses, resources=resources)
    Programme.objects.filter(pk=act.programme_id).update(side=turn)


def real_document(scene: Scene, purpose: str = DocumentPurpose.TO_SIGN) -> Document:
    """Render the real document, which takes about two seconds."""
    document = production.produce(scene.version.pk, purpose)
    assert document is not None
    return document
