"""What the steps of a control and of a correction write, and the messages that tell them."""

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError

from cpo.lib import clock
from cpo.lib.actor import Actor
from cpo.lib.dates import add_months
from cpo.lib.wording import french
from reporting import notifications
from reporting.enums import CorrectionEffect, CorrectionState
from reporting.models import Control, Correction
from reporting.money.threshold import not_recovered_below

Data = dict[str, Any]
FOR_OBSERVATIONS = 1  # month (article 8.4)
CLOSING = (CorrectionEffect.DROPPED, CorrectionEffect.NOT_RECOVERED)  # nothing is left to do


def communicate(control: Control, actor: Actor, data: Data) -> None:
    """`data`: `findings`, and the stored `file` with its `file_name`, if any."""
    control.findings = data["findings"].strip()
    control.findings_on = clock.today(control.convention.dossier.time_zone)
    if data.get("file"):
        control.file, control.file_name = data["file"], data["file_name"]
    notifications.control_step(control, "les constats vous sont communiqués", control.findings)


def observe_control(control: Control, actor: Actor, data: Data) -> None:
    control.observations, control.observed_at = data["observations"].strip(), clock.now()


def close(control: Control, actor: Actor, data: Data) -> None:
    control.conclusions = data["conclusions"].strip()
    control.closed_on = clock.today(control.convention.dossier.time_zone)
    notifications.control_step(control, "le contrôle est clos", control.conclusions)


def notify(correction: Correction, actor: Actor, data: Data) -> None:
    """`data`: the day `on` when the association received the letter. Raises ValidationError."""
    _check_day(correction, data["on"])
    correction.notified_on = data["on"]
    correction.due_on = add_months(data["on"], FOR_OBSERVATIONS)
    due = french.date(correction.due_on)
    notifications.correction_step(correction, f"vos observations sont attendues avant le {due}", correction.explanation)


def observe_correction(correction: Correction, actor: Actor, data: Data) -> None:
    correction.observations, correction.observed_at = data["observations"].strip(), clock.now()


def lift(correction: Correction, actor: Actor, data: Data) -> None:
    correction.suspected_fraud = False


def decide(correction: Correction, actor: Actor, data: Data) -> None:
    """`data`: `effect`, `decision`. What is dropped or not recovered is done at once. Raises ValidationError."""
    effect = CorrectionEffect(data["effect"])
    if fault := effect_fault(correction, effect):
        raise ValidationError({"effect": fault})
    correction.effect, correction.decision = effect, data["decision"].strip()
    correction.decided_on, correction.decided_by = clock.today(correction.convention.dossier.time_zone), actor.user
    if effect in CLOSING:
        correction.state = CorrectionState.DONE
    words = f"la suite donnée est «\u00a0{french.lower_first(effect.label)}\u00a0»"
    notifications.correction_step(correction, words, correction.decision)


def effect_fault(correction: Correction, effect: CorrectionEffect) -> str:
    """Why this effect does not fit the correction, in French; "" if it does."""
    if correction.amount < 0 and effect in (
        CorrectionEffect.RECOVERY,
        CorrectionEffect.IMPUTATION,
        CorrectionEffect.NOT_RECOVERED,
    ):
        return "Cette correction rend une somme à l’association\u00a0: elle ne se recouvre pas."
    today = clock.today(correction.convention.dossier.time_zone)
    below = not_recovered_below(correction.convention.cycle, today)
    if effect == CorrectionEffect.NOT_RECOVERED and correction.amount >= below:
        return f"Seule une somme inférieure à {french.euros(below)} n’est pas recouvrée."
    return ""


def recover(correction: Correction, actor: Actor, data: Data) -> None:
    """`data`: `title_number`, and the day `on` when the sum was recovered. Raises ValidationError."""
    _check_day(correction, data["on"], correction.decided_on)
    correction.title_number, correction.recovered_on = " ".join(data["title_number"].split()), data["on"]


def reduce(correction: Correction, actor: Actor, data: Data) -> None:
    """`data`: the annual `act` that lowers the contribution."""
    correction.act = data["act"]


def settle(correction: Correction, actor: Actor, data: Data) -> None:
    """The payment that bears the correction is paid: nothing changes but the state."""


def _check_day(correction: Correction, day: dt.date, after: dt.date | None = None) -> None:
    if day > clock.today(correction.convention.dossier.time_zone):
        raise ValidationError({"on": "Cette date est dans le futur."})
    if after and day < after:
        raise ValidationError({"on": f"Cette date précède la décision, le {french.date(after)}."})
