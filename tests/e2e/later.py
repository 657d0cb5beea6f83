"""An act after the first in the journey: proposed, accepted, endorsed, signed by both, notified."""

import re

from playwright.sync_api import Page

from cpo.lib.work import jobs
from tests.e2e.cast import Cast, expect_message, follow, press
from tests.e2e.dialogue import sign_here


def step(page: Page, here: str, name: str, success: str) -> None:
    """Take the next step from the page of the act, confirm it, and expect this success message."""
    page.goto(here)
    follow(page.get_by_role("main"), name)
    press(page.get_by_role("main"), name)
    expect_message(page, success)


def agree(cast: Cast, here: str, proposer: str, other: str) -> None:
    step(getattr(cast, proposer), here, "Proposer la version 1", "La version 1 est proposée")
    step(getattr(cast, other), here, "Accepter la version 1", "La version 1 est acceptée")
    step(cast.officer, here, "Demander le visa", "Le visa est demandé")
    step(cast.manager, here, "Donner le visa", "Le visa est donné")
    step(cast.manager, here, "Ouvrir la signature", "La signature est ouverte")
    assert jobs.take_up(), "the document to sign waits to be produced"


def sign(cast: Cast, here: str) -> None:
    for role in ("president", "signatory"):
        page = getattr(cast, role)
        page.goto(f"{here}signature/")
        sign_here(cast, role, re.compile("^Signer"))


def notify(cast: Cast, here: str) -> None:
    step(cast.officer, here, "Notifier l’acte signé", "notifié")
