"""Upload a PDF signed with a certificate: a bad one is refused with the findings, a good one is stored; axe on both."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse
from playwright.sync_api import Page, expect

from conventions.guards.signing import signing_document
from conventions.models import SignedDeposit
from cpo.lib.files import stored
from cpo.lib.work import jobs
from cpo.lib.work.waking import without_waking
from tests.e2e.test_signing import enter
from tests.factories.signed_files import checked, signed_by, to_sign_with_certificates, trusted

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _no_worker(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each job waits for the test to run it, also in the thread of the server."""
    monkeypatch.setattr(jobs, "wake", lambda *args: lambda: None)
    with without_waking():
        yield


def test_a_signed_file_is_refused_then_handed_in(
    page: Page, live_server: Any, axe: Callable[..., None], settings: Any, tmp_path: Path
) -> None:
    trusted(settings, tmp_path)
    scene = to_sign_with_certificates()
    enter(page.context, scene.president, live_server.url)
    page.goto(live_server.url + reverse("convention-deposit-signature", kwargs={"number": scene.number}))
    axe(page)

    def check() -> None:
        checked(SignedDeposit.objects.latest("pk"))
        connection.close()

    def hand_in(data: bytes) -> None:
        upload = {"name": "signe.pdf", "mimeType": "application/pdf", "buffer": data}
        page.get_by_label("PDF signé").set_input_files(upload)
        page.get_by_role("button", name="Déposer et vérifier").click()
        expect(page.get_by_text("Le fichier est en cours de vérification")).to_be_visible()
        with ThreadPoolExecutor() as pool:
            pool.submit(check).result()

    def signed(name: str) -> bytes:
        # In another thread, because pyHanko starts an event loop and Playwright has one in this thread.
        with ThreadPoolExecutor() as pool:
            return pool.submit(signed_by, scene, name, data=base).result()

    base = stored.read(signing_document(scene.act).file)
    good = signed(scene.party("beneficiary").signatory_name)
    hand_in(good[:200] + b"!" + good[201:])
    expect(page.get_by_text("Ce fichier a été modifié").first).to_be_visible()
    page.get_by_role("button", name="Ce qui a été constaté dans le fichier").click()
    expect(page.get_by_text("RÉSULTAT")).to_be_visible()
    axe(page)

    page.get_by_role("link", name="Déposer un autre fichier").click()
    hand_in(signed("Quelqu’un D’autre"))
    page.get_by_role("link", name="Dire pourquoi").click()
    expect(page.get_by_label("Pourquoi ce certificat")).to_be_visible()
    axe(page)
    hand_in(good)
    expect(page.get_by_text("Le PDF signé est vérifié et enregistré")).to_be_visible()
    axe(page)
