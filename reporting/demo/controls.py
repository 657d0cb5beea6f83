"""Controls and corrections of the demonstration: one in each state, by the association of the story."""

import datetime as dt
from decimal import Decimal

from conventions.models import Act, Convention
from cpo.lib import clock
from reporting.models import Ground
from reporting.money.reading import with_money
from reporting.services import controls as services

from .story import Story, at

FOUND, DECIDED = ("amilaura",), ("arml-bretagne",)
TOLD = (*DECIDED, *FOUND, "arml-nouvelle-aquitaine")
SCOPE = "Comptes 62 et 64 de l’année 2025, sur un échantillon de vingt pièces."


def tell_controls(story: Story, act: Act) -> None:
    """Announced everywhere; found, then closed with a correction to impute where the story says."""
    if story.arml.key not in TOLD:
        return
    convention = with_money(Convention.objects.all()).get(pk=act.convention_id)
    officer, manager, director = story.user("officer"), story.user("manager"), story.user("director")
    days = {"announced_on": dt.date(2026, 7, 1), "starts_on": dt.date(2026, 7, 16), "ends_on": dt.date(2026, 7, 17)}
    with clock.set_to(at(dt.date(2026, 7, 1), 10)):
        row = services.announce(convention=convention, kind="place", scope=SCOPE, by=officer, **days)
    if story.arml.key not in (*FOUND, *DECIDED):
        return
    with clock.set_to(at(dt.date(2026, 7, 24), 10)):
        findings = "Deux notes d’honoraires ne se rattachent à aucune action de la convention."
        row = services.apply_to_control("communicate", row, by=officer, data={"findings": findings})
    if story.arml.key in FOUND:
        return
    with clock.set_to(at(dt.date(2026, 8, 20), 10)):
        answer = {"observations": "L’une des deux concerne la rencontre des directions de juin."}
        services.apply_to_control("observe", row, by=director, data=answer)
        conclusions = {"conclusions": "Une note sur deux reste sans lien avec la convention."}
        services.apply_to_control("close", row, by=manager, data=conclusions)
        fields = {"year": 2025, "amount": Decimal(1200), "control": row, "explanation": conclusions["conclusions"]}
        ground = Ground.objects.get(key="depense_non_justifiee")
        correction = services.propose(convention=convention, by=officer, ground=ground, **fields)
    with clock.set_to(at(dt.date(2026, 8, 28), 10)):
        services.apply_to_correction("notify", correction, by=officer, data={"on": dt.date(2026, 8, 27)})
    with clock.set_to(at(dt.date(2026, 10, 13), 10)):
        decision = {"effect": "imputation", "decision": "La note n’est pas justifiée\u00a0; rien n’est répondu."}
        services.apply_to_correction("decide", correction, by=manager, data=decision)
