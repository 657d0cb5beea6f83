"""The steps of the end of a convention, on the scenes of tests.factories.scenarios.

sent(scene)             # the manager of the State sent a formal notice, by a letter of today
observed(scene)         # the association answered with a file
terminated(scene, at)   # the convention is terminated the day after the delay
ready_to_close(scene)   # every year is concluded and the joint evaluation is concluded
"""

import datetime as dt
import io
from collections.abc import Callable
from typing import Any

from conventions.models import Convention, FormalNotice
from conventions.services import ending
from cpo.lib import clock
from reporting.models import Evaluation
from tests.factories.conventions import PDF
from tests.factories.scenarios import Scene

FILE = PDF + b"% a letter signed by hand\n%%EOF"
DECISION = PDF + b"% a decision signed by hand\n%%EOF"
PROOF = PDF + b"% a proof of posting\n%%EOF"
BREACHES = "Article 6 : les documents de 2025 ne sont pas remis.\n\nArticle 9.1 : aucun comité ne s’est réuni."


def pdf(name: str = "lettre.pdf", data: bytes = FILE) -> ending.Upload:
    return io.BytesIO(data), name, len(data)


def prepared(scene: Scene, by: Any = None, breaches: str = BREACHES) -> None:
    ending.prepare_notice(act=scene.act, breaches=breaches, by=by or scene.manager)


def send(
    scene: Scene, by: Any = None, sent_on: dt.date | None = None, letter: bytes = FILE, proof: bytes = b""
) -> None:
    ending.send_notice(
        act=scene.act,
        sent_on=sent_on or clock.today(clock.PARIS),
        letter_number="1A 234 567 8901 2",
        letter=pdf(data=letter),
        proof=pdf("preuve.pdf", proof) if proof else None,
        by=by or scene.manager,
    )


def sent(scene: Scene, by: Any = None, sent_on: dt.date | None = None) -> FormalNotice:
    prepared(scene, by)
    send(scene, by, sent_on)
    return scene.convention.notices.open().latest("id")


def observed(scene: Scene, by: Any = None) -> None:
    ending.give_observations(
        act=scene.act, text="Les documents partent demain.", by=by or scene.director, file=pdf("preuve.pdf")
    )


def terminate(scene: Scene, by: Any = None, **values: Any) -> None:
    today = clock.today(clock.PARIS)
    facts = {"decision": "Rien n’est venu.", "decided_on": today, "notified_on": today, "decision_number": "1A 1"}
    facts["file"] = pdf("decision.pdf", DECISION)
    ending.terminate(act=scene.act, by=by or scene.manager, **facts | values)


def terminated(scene: Scene, at: Callable[[str], Any]) -> None:
    notice = sent(scene)
    observed(scene)
    at(f"{notice.due_on + dt.timedelta(days=1)}")
    terminate(scene)


def ready_to_close(scene: Scene) -> None:
    Convention.objects.filter(pk=scene.convention.pk).update(years_concluded=scene.convention.cycle.years)
    Evaluation.objects.create(
        convention=scene.convention,
        state="concluded",
        state_since=clock.now(),
        opened_by=scene.officer,
        opened_on=clock.today(clock.PARIS),
        answer_by=clock.today(clock.PARIS),
        recommendation="reconduire",
        reasons="Les résultats sont là.",
        concluded_on=clock.today(clock.PARIS),
        content={},
        content_sha256="0" * 64,
    )
