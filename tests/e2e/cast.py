"""The people of the journey, each with their own browser, and their common actions: sign in, fill in, read e-mails."""

import re
import subprocess
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.test import Client
from playwright.sync_api import BrowserContext, Locator, Page, expect

from arml.models import Organisation, Territory, User
from cpo.lib.models import OutboxMessage
from tests.factories.arml import make_user

PHRASE = "une phrase assez longue pour entrer"
STATE = {"officer": "Nolwenn", "manager": "Loïc", "signatory": "Maïwenn"}
ASSOCIATION = {"director": "Gwenaëlle", "president": "Yann", "accountant": "Erwan"}
NATIONAL = {"national_admin": "Agathe", "national_reader": "Inès"}
OBSERVERS = {"reader": "Soazig"}


class Cast:
    """`cast.director` is a page where the director is signed in. The first access signs her in."""

    def __init__(self, new_context: Callable[..., BrowserContext], region: str) -> None:
        self.new_context = new_context
        territory = Territory.objects.get(name=region)
        self.service: Organisation = territory.service
        self.association = Organisation.objects.get(kind="arml", territories=territory)
        national = Organisation.objects.get(key="dgefp")
        observer = Organisation.objects.get(kind="region", territories=territory)
        self.people: dict[str, User] = {}
        self.browsers: dict[str, BrowserContext] = {}
        self.pages: dict[str, Page] = {}
        self.errors: list[str] = []
        sides = ((STATE, self.service), (ASSOCIATION, self.association), (NATIONAL, national), (OBSERVERS, observer))
        for names, organisation in sides:
            for role, first_name in names.items():
                self.people[role] = _person(role, first_name, organisation)

    def __getattr__(self, role: str) -> Page:
        if role.startswith("_") or role not in self.people:
            raise AttributeError(role)
        if role not in self.pages:
            if role not in self.browsers:
                self.browsers[role] = self.new_context()
            self.pages[role] = self.browsers[role].new_page()
            self.pages[role].on("pageerror", lambda error: self.errors.append(f"{role}: {error}"))
            self.sign_in(role)
        return self.pages[role]

    def sign_in(self, role: str) -> None:
        """With the form, the first time that this person comes in the story; then with a session made for them."""
        page, person = self.pages[role], User.objects.get(pk=self.people[role].pk)
        if person.last_login is None:
            page.goto("/connexion/")
            page.get_by_label("Adresse électronique professionnelle").fill(person.email)
            page.get_by_label("Mot de passe", exact=True).fill(PHRASE)
            page.get_by_role("button", name="Se connecter", exact=True).click()
        else:
            client = Client()
            client.force_login(person, backend="arml.auth.EmailBackend")
            session = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": settings.SITE_URL}
            page.context.add_cookies([session])
            page.goto("/")
            page.evaluate("localStorage.clear()")
        expect(heading(page)).to_have_text("À faire")

    def another_day(self) -> None:
        """End all sessions: everybody signs in again at their next action. A browser keeps the styles and scripts that
        it loaded, some twenty-five files, and nothing else."""
        for context in self.browsers.values():
            for page in context.pages:
                page.close()
            context.clear_cookies()
        self.pages.clear()

    def leave(self) -> None:
        for context in self.browsers.values():
            context.close()
        self.browsers.clear()
        self.pages.clear()

    def mail(self, role: str, subject: str) -> OutboxMessage:
        """The last message to the person whose subject contains these words."""
        messages = OutboxMessage.objects.filter(recipient=self.people[role]).order_by("-id")
        message = next((message for message in messages if subject in message.subject), None)
        assert message, f"No “{subject}” for {role}; there is {[message.subject for message in messages]}"
        return message


def _person(role: str, first_name: str, organisation: Organisation) -> User:
    """The person that an earlier chapter of the story knows, or a new one."""
    email = f"{role.replace('_', '.')}@essai.example"
    known = User.objects.filter(email=email).first()
    return known or make_user(
        role, organisation, email=email, first_name=first_name, last_name="Essai", password=PHRASE
    )


def heading(page: Page) -> Locator:
    return page.get_by_role("heading", level=1)


def press(page: Page | Locator, name: str | re.Pattern[str]) -> None:
    page.get_by_role("button", name=name).first.click()


def follow(page: Page | Locator, name: str | re.Pattern[str]) -> None:
    page.get_by_role("link", name=name).first.click()


def fill(where: Page | Locator, values: Mapping[str, str]) -> None:
    for label, value in values.items():
        where.get_by_label(label).first.fill(value)


def tick(where: Page | Locator, words: str | re.Pattern[str]) -> None:
    """Check or uncheck a box, or choose a radio button, by its label (the DSFR draws the box on the label)."""
    where.locator("label").filter(has_text=words).first.click()


def expect_message(page: Page, words: str | re.Pattern[str]) -> None:
    """Expect a success message with these words at the top of the page."""
    expect(page.get_by_role("status").filter(has_text=words).first).to_be_visible()


def expect_errors(page: Page, words: str = "") -> None:
    """Expect the form again with an error summary that has the focus. The page no longer changes after that."""
    summary = page.get_by_role("alert").first
    expect(summary).to_contain_text(words)
    expect(summary).to_be_focused()


def cells(
    where: Page | Locator, row: str, values: Mapping[int, str] | Iterable[str], years: Iterable[int] = ()
) -> None:
    """Type a row of a grid, cell by cell: `cells(page, "64", ["1 000", "2 000", "3 000"], years)`."""
    values_by_year = values if isinstance(values, Mapping) else dict(zip(years, values, strict=True))
    for year, value in values_by_year.items():
        where.get_by_role("textbox", name=re.compile(rf"^{re.escape(row)} .*{year}$")).fill(value)


def link_of(message: OutboxMessage) -> str:
    """The path of the first link in the message."""
    match = re.search(r"https?://[^/\s]+(/\S*)", message.body)
    assert match, message.body
    return match[1]


def downloaded(page: Page, path: str, folder: Path) -> Path:
    """Download a file with the session of that person."""
    answer = page.request.get(path)
    assert answer.ok, f"{path}: {answer.status}"
    target = folder / f"{len(list(folder.iterdir()))}{Path(path).suffix}"
    target.write_bytes(answer.body())
    return target


def plain(text: str) -> str:
    """With usual spaces, as the expected words are typed."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def text_of(pdf: Path) -> str:
    """The text of a PDF, with each run of white space as one space."""
    process: Any = subprocess.run(["pdftotext", "-layout", str(pdf), "-"], capture_output=True, check=True, text=True)
    return " ".join(process.stdout.split())
