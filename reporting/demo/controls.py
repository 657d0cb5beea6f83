"""Controls and corrections of the demonstration: each state, and each thing that a correction becomes."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from conventions.models import Act, Convention
from cpo.lib import clock
from reporting.enums import ControlState, CorrectionEffect, CorrectionState
from reporting.models import Control, Correction, Ground
from reporting.money.reading import with_money
from reporting.services import controls as services

from .story import Story, at

SCOPE = "Comptes 62 et 64 de l’année 2025, sur un échantillon de vingt pièces."
FINDINGS = "Deux notes d’honoraires ne se rattachent à aucune action de la convention."
CONCLUSIONS = "Une note sur deux reste sans lien avec la convention."
CORRECTED, REDUCED = 2025, 2027


@dataclass(frozen=True)
class Told:
    """How far a control went, then its correction, and what became of it."""

    control: ControlState = ControlState.CLOSED
    correction: CorrectionState | None = None
    effect: CorrectionEffect | None = None
    amount: str = "1200"
    suspected: bool = False


TOLD = {
    "arml-bretagne": Told(correction=CorrectionState.DECIDED, effect=CorrectionEffect.IMPUTATION),
    "arml-occitanie": Told(correction=CorrectionState.DECIDED, effect=CorrectionEffect.RECOVERY),
    "amilaura": Told(ControlState.FOUND),
    "arml-nouvelle-aquitaine": Told(ControlState.ANNOUNCED),
    "arml-centre-val-de-loire": Told(correction=CorrectionState.PROPOSED, suspected=True),
    "arml-ocean-indien": Told(correction=CorrectionState.DONE, effect=CorrectionEffect.DROPPED),
    "arml-grand-est": Told(correction=CorrectionState.DONE, effect=CorrectionEffect.REDUCTION, amount="800"),
    "arml-ile-de-france": Told(correction=CorrectionState.NOTIFIED),
    "arml-hauts-de-france": Told(
        correction=CorrectionState.DONE, effect=CorrectionEffect.NOT_RECOVERED, amount="24.60"
    ),
}
DECISIONS = {
    CorrectionEffect.IMPUTATION: "La note n’est pas justifiée\u00a0; rien n’est répondu.",
    CorrectionEffect.RECOVERY: "La note n’est pas justifiée, et le solde de l’année est versé.",
    CorrectionEffect.REDUCTION: "La contribution suivante est réduite d’autant, en accord avec l’association.",
    CorrectionEffect.DROPPED: "La facture produite justifie la note.",
    CorrectionEffect.NOT_RECOVERED: "La somme est inférieure au seuil de recouvrement.",
}


def tell_controls(story: Story, act: Act) -> None:
    """The control of a story, and its correction, up to the state that its line says."""
    told = TOLD.get(story.arml.key)
    if told is None:
        return
    convention = with_money(Convention.objects.all()).get(pk=act.convention_id)
    control = _control(story, convention, told.control)
    if told.correction is None:
        return
    with clock.set_to(at(dt.date(2026, 8, 20), 11)):
        correction = services.propose(
            convention=convention,
            by=story.user("officer"),
            ground=Ground.objects.get(key="depense_non_justifiee"),
            year=CORRECTED,
            amount=Decimal(told.amount),
            control=control,
            explanation=CONCLUSIONS,
            suspected_fraud=told.suspected,
        )
    if told.correction == CorrectionState.PROPOSED:
        return
    # the association may still answer the letter of a correction that stays notified
    letter = dt.date(2026, 11, 3) if told.correction == CorrectionState.NOTIFIED else dt.date(2026, 8, 27)
    with clock.set_to(at(letter + dt.timedelta(days=1), 10)):
        officer = story.user("officer")
        correction = services.apply_to_correction("notify", correction, by=officer, data={"on": letter})
    if told.effect is not None:
        _decide(story, correction, told.effect)


def _control(story: Story, convention: Convention, until: ControlState) -> Control:
    officer, manager, director = story.user("officer"), story.user("manager"), story.user("director")
    days = {"announced_on": dt.date(2026, 7, 1), "starts_on": dt.date(2026, 7, 16), "ends_on": dt.date(2026, 7, 17)}
    kind = "pieces" if until == ControlState.ANNOUNCED else "place"
    with clock.set_to(at(dt.date(2026, 7, 1), 10)):
        row = services.announce(convention=convention, kind=kind, scope=SCOPE, by=officer, **days)
    if until == ControlState.ANNOUNCED:
        return row
    with clock.set_to(at(dt.date(2026, 7, 24), 10)):
        row = services.apply_to_control("communicate", row, by=officer, data={"findings": FINDINGS})
    if until == ControlState.FOUND:
        return row
    with clock.set_to(at(dt.date(2026, 8, 20), 10)):
        answer = {"observations": "L’une des deux concerne la rencontre des directions de juin."}
        services.apply_to_control("observe", row, by=director, data=answer)
        return services.apply_to_control("close", row, by=manager, data={"conclusions": CONCLUSIONS})


def _decide(story: Story, correction: Correction, effect: CorrectionEffect) -> None:
    manager = story.user("manager")
    with clock.set_to(at(dt.date(2026, 10, 13), 10)):
        decision = {"effect": effect, "decision": DECISIONS[effect]}
        correction = services.apply_to_correction("decide", correction, by=manager, data=decision)
    if effect == CorrectionEffect.REDUCTION:
        with clock.set_to(at(dt.date(2026, 11, 3), 10)):
            services.apply_to_correction("reduce", correction, by=manager, data={"year": REDUCED})
