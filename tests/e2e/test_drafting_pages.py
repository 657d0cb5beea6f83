"""Pages of a convention being drafted, in Chromium: nothing that axe finds, nothing wider than a phone."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from tests.factories import scenarios
from tests.factories.conventions import make_act, member

SHOTS = os.environ.get("CPO_SHOTS", "")  # a folder: each page is also kept there as an image
WIDTHS = (1280, 390)


def cookie(live_server: Any, user: Any) -> dict[str, str]:
    client = Client()
    client.force_login(user)
    return {
        "name": settings.SESSION_COOKIE_NAME,
        "value": client.cookies[settings.SESSION_COOKIE_NAME].value,
        "url": live_server.url,
    }


@pytest.fixture
def look(new_context: Callable[..., Any], live_server: Any, axe: Callable[..., None]) -> Callable[..., None]:
    """Open pages as a person at both widths; axe finds nothing and the page does not scroll sideways."""

    def check(user: Any, pages: dict[str, str]) -> None:
        for width in WIDTHS:
            context = new_context(viewport={"width": width, "height": 900})
            context.add_cookies([cookie(live_server, user)])
            page = context.new_page()
            for name, address in pages.items():
                answer = page.goto(address)
                assert answer is not None
                assert answer.status == 200, name
                if SHOTS:
                    page.screenshot(path=Path(SHOTS) / f"{name}-{width}.png", full_page=True)
                axe(page)
                wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
                assert wide <= 0, f"{name} scrolls sideways by {wide} pixels at {width}"

    return check


def test_the_pages_of_a_draft_are_accessible_at_both_widths(look: Callable[..., None]) -> None:
    act = make_act(cosigners=1)
    number = act.convention.number
    paper = make_act(origin="paper")

    def at(name: str, *args: str) -> str:
        return reverse(name, args=[number, *args])

    look(
        member(act, "officer"),
        {
            "list": reverse("convention-list"),
            "create": reverse("convention-create"),
            "draft": at("convention-detail"),
            "parties": at("convention-parties"),
            "values": at("convention-values"),
            "contribution": at("convention-contribution"),
            "articles": at("convention-articles"),
            "article-free": at("convention-article", "preambule"),
            "article-optional": at("convention-article", "communication"),
            "documents": at("convention-documents"),
            "attachment": at("attachment-add", "delegation_signature_etat"),
            "journal": at("convention-journal"),
        },
    )
    look(
        member(paper, "officer"),
        {
            "paper-create": reverse("convention-paper-create"),
            "paper-original": reverse("convention-paper-original", args=[paper.convention.number]),
        },
    )


def test_the_association_reads_and_completes_the_same_pages(look: Callable[..., None]) -> None:
    scene = scenarios.in_negotiation()

    def at(name: str, *args: str) -> str:
        return reverse(name, args=[scene.number, *args])

    look(
        scene.director,
        {
            "arml-synthese": at("convention-detail"),
            "arml-values": at("convention-values"),
            "arml-contribution": at("convention-contribution"),
            "arml-article": at("convention-article", "objet"),
            "arml-documents": at("convention-documents"),
        },
    )
