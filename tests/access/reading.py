"""The reading matrix: what the channels let one deduce about an object, compared with what its own page answers.

A thing is an object of a dossier with the page that shows it. Its page is asked as each person. Where the page is
closed, no channel may bear a mark of the thing, hold a line about it, or differ from what it answers where there is no
such thing.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from html import unescape
from typing import Any

from django.conf import settings
from django.urls import reverse

from arml.enums import AttachmentMoment
from arml.models import User
from conventions.models import Act, SignedDeposit
from cpo.lib import journal
from cpo.lib.models import JournalEntry, OutboxMessage
from reporting.deadlines import calendar
from reporting.models import SheetFile
from tests.factories.reporting import YEAR

from .places import Place
from .walk import Asker

ENDING = ("prepare_notice", "send_notice", "observe", "withdraw_notice", "terminate", "record_dissolution", "close")
ON_ITS_ACT = ("notify", "declare", "record_paper")
SIGNED = ("sign", "record_signature", "deposit_signature")
EXAMINED = ("report_examined", "grid_filled", "grid_locked")
OF_REPORT = dict.fromkeys(EXAMINED, "report-examination")
ROUNDS = ("submit", "send_back", "declare_admissible", "review", "conclude")
REPORTS = tuple(f"rapports&annee={YEAR}&etat={state}" for state in ("due", "received", "admissible", "late"))
LATE, LATE_LIST = "retards", "late conventions"
MEASURES = ("conventions", "montants", "indicateurs", LATE, *REPORTS)
READ = {"200", "202", "302"}


@dataclass(frozen=True)
class Page:
    """An address, and words that its page must hold: the thing stands there among others."""

    path: str
    holds: str = ""


@dataclass
class Thing:
    """`page`: says whether a person may read it. `marks`: texts that only tell of it. `of_state`: it is what makes the
    state of its place differ from that of a plain signed convention."""

    name: str
    page: Page
    marks: list[str] = field(default_factory=list)
    of_state: bool = False


@dataclass
class Reader:
    """A person in front of a place; each address is asked once, `kept`: of several places, once they are all made."""

    asker: Asker
    place: Place
    column: str
    kept: dict[tuple[int, str], tuple[str, str]] = field(default_factory=dict)

    @property
    def user(self) -> User:
        user = self.place.people[self.column]
        assert user is not None
        return user

    def ask(self, path: str) -> tuple[str, str]:
        key = self.user.pk, path
        if key not in self.kept:
            answer = self.asker.get(path, self.user)
            self.kept[key] = answer.code, plain(unescape(answer.body))
        return self.kept[key]

    def reads(self, page: Page) -> bool:
        code, body = self.ask(page.path)
        return code in READ and plain(page.holds) in body


def plain(text: str) -> str:
    return text.replace("\xa0", " ")


# -- The things of a dossier, with the page of each ------------------------------------------------------------------


def address(name: str, **kwargs: Any) -> str:
    return reverse(name, kwargs=kwargs)


@dataclass
class Matrix:
    """The things and the channels of one place."""

    place: Place

    @cached_property
    def acts(self) -> dict[str, Act]:
        return {journal.key(act): act for act in self.place.act.convention.acts.all()}

    @property
    def number(self) -> str:
        return str(self.place.act.convention.number)

    @cached_property
    def things(self) -> list[Thing]:
        told = [*self._acts(), *self._threads(), *self._notices(), *self._reports(), *self._meetings()]
        told += [*self._deadlines(), *self._files(), *self._letters()]
        return [*told, *self._money()]

    @property
    def payments(self) -> Page:
        return Page(address("convention-payments", number=self.number))

    def _money(self) -> Iterator[Thing]:
        for row in self.place.act.convention.commitments.all():
            yield Thing(f"commitment {row.pk}", self.payments, [row.number or "antérieur à la reprise"])

    def _acts(self) -> Iterator[Thing]:
        for act in self.acts.values():
            detail = Page(address("convention-detail", number=act.reference))
            if act.number:
                yield Thing(f"act {act.reference}", detail, [act.reference, act.name], of_state=True)
                for sheet in act.programme.sheets.all():
                    path = address("sheet-detail", number=act.reference, key=sheet.key)
                    yield Thing(f"fiche {sheet.code} of {act.reference}", Page(path), [path], of_state=True)
            for version in act.versions.defer("content"):
                path = address("convention-version", number=act.reference, n=version.number)
                yield Thing(f"version {version.number} of {act.reference}", Page(path), [path])

    def _threads(self) -> Iterator[Thing]:
        for act in self.acts.values():
            page = address("convention-versions", number=act.reference)
            counted = ["échange ouvert<", "échanges ouverts<", "échange ouvert)", "échanges ouverts)"]
            yield Thing(f"thread count of {act.reference}", Page(page, 'id="echanges"'), counted)
            for thread in act.threads.prefetch_related("comments"):
                text = thread.comments.all()[0].text
                yield Thing(f"thread {thread.pk}", Page(page, text), [text])

    def _notices(self) -> Iterator[Thing]:
        page = address("convention-ending", number=self.number)
        for notice in self.place.act.convention.notices.all():
            words = "En préparation" if notice.sent_on is None else notice.letter_number
            yield Thing(f"notice {notice.pk}", Page(page, words), [notice.breaches.split(".")[0]], of_state=True)

    def _reports(self) -> Iterator[Thing]:
        for report in self.place.act.convention.reports.all():
            path = address("report-detail", number=self.number, year=report.year)
            yield Thing(f"report {report.year}", Page(path), [path], of_state=True)
            for row in SheetFile.objects.filter(sheet_report__report=report).select_related("sheet_report__sheet"):
                of_fiche = {"number": self.number, "year": report.year, "key": row.sheet_report.sheet.key}
                page = address("report-sheet-file", **of_fiche, pk=row.pk)
                yield Thing(f"file {row.pk}", Page(page), [page, row.name])

    def _meetings(self) -> Iterator[Thing]:
        for meeting in self.place.act.convention.meetings.all():
            path = address("meeting-detail", number=self.number, pk=meeting.pk)
            yield Thing(f"meeting {meeting.pk}", Page(path), [path], of_state=True)

    def _letters(self) -> Iterator[Thing]:
        for letter in self.place.act.convention.letters.all():
            path = address("letter-file", number=self.number, pk=letter.pk, what="lettre")
            yield Thing(f"letter {letter.reference}", Page(path), [letter.reference, path])

    def _deadlines(self) -> Iterator[Thing]:
        for deadline in self.place.act.convention.deadlines.select_related("rule"):
            path = address("deadline-detail", pk=deadline.pk)
            yield Thing(f"deadline {deadline.rule.key} {deadline.year or ''}", Page(path), [f'{path}"', f"{path}\r"])

    def _files(self) -> Iterator[Thing]:
        for act in self.acts.values():
            for document in act.documents.select_related("file"):
                path = address("document-file", number=act.reference, pk=document.pk)
                yield Thing(f"document {document.pk}", Page(path), [path, document.file.sha256])
            for deposit in SignedDeposit.objects.filter(document__act=act):
                path = address("convention-signed-deposit", number=act.reference, pk=deposit.pk)
                yield Thing(f"deposit {deposit.pk}", Page(path), [path, deposit.refusal or path])
        for attachment in self.place.act.dossier.attachments.select_related("kind"):
            yield Thing(f"attachment {attachment.pk}", self.page_of_attachment(attachment))

    def page_of_attachment(self, attachment: Any) -> Page:
        if attachment.kind.moment == AttachmentMoment.YEARLY:
            of_year = {"number": self.number, "year": attachment.year, "pk": attachment.pk}
            return Page(address("report-attachment", **of_year))
        return Page(address("convention-documents", number=self.number), attachment.kind.label)

    # -- The events ------------------------------------------------------------------------------------------------

    @cached_property
    def events(self) -> list[tuple[JournalEntry, Page]]:
        """Each event of the dossier, with the page of what it speaks of."""
        entries = JournalEntry.objects.filter(root=journal.key(self.place.act.dossier))
        attachments = {journal.key(one): one for one in self.place.act.dossier.attachments.select_related("kind")}
        threads = {journal.key(one): one for act in self.acts.values() for one in act.threads.all()}
        return [(entry, self._page_of(entry, attachments, threads)) for entry in entries]

    def _page_of(self, entry: JournalEntry, attachments: dict[str, Any], threads: dict[str, Any]) -> Page:
        kind, _, pk = entry.subject.partition(":")
        if kind == "attachment":
            return self.page_of_attachment(attachments[entry.subject])
        if kind == "thread":
            thread = threads[entry.subject]
            page = address("convention-versions", number=thread.act.reference)
            return Page(page, thread.comments.earliest("pk").text)
        if kind == "signeddeposit":
            deposit = SignedDeposit.objects.get(pk=pk)
            return Page(address("convention-signed-deposit", number=deposit.document.act.reference, pk=pk))
        if kind == "deadline":
            return Page(address("deadline-detail", pk=pk))
        if kind == "report":
            return self._page_of_report(entry)
        if kind == "meeting":
            return self._page_of_meeting(entry, pk)
        if kind == "evaluation":
            return Page(address("convention-evaluation", number=self.number), 'id="appreciations"')
        if kind == "forecast":
            year = self.place.act.convention.forecasts.get(pk=pk).year
            holds = 'id="charges"' if entry.verb == "forecast_written" else ""
            return Page(address("convention-forecast", number=self.number, year=year), holds)
        if kind == "diagnosis":
            year = self.place.act.convention.diagnoses.get(pk=pk).year
            return Page(address("convention-diagnosis", number=self.number, year=year))
        if kind in ("payment", "commitment", "balancerelease", "control", "correction"):
            if entry.verb.startswith("control_grid"):
                return Page(address("control-grid", number=self.number, pk=pk))
            tab = "convention-controls" if kind in ("control", "correction") else "convention-payments"
            return Page(address(tab, number=self.number))
        if kind == "letter":
            return Page(address("letter-file", number=self.number, pk=pk, what="lettre"))
        act = self.acts.get(entry.subject, self.place.act)
        if kind == "act" and entry.verb in ENDING:
            return Page(address("convention-ending", number=self.number))
        if kind == "act" and entry.verb in ON_ITS_ACT:
            return Page(address("convention-detail", number=act.reference))
        if kind == "act" and entry.verb in SIGNED:
            return Page(address("convention-documents", number=act.reference))
        if act.convention.on_paper:  # it has no text to compare: a page that is closed to observers as that one is
            return Page(address("convention-ending", number=self.number))
        # All else is how a text was written and agreed upon: who may compare its versions with the model.
        latest = act.versions.order_by("-number").values_list("number", flat=True).first()
        if latest is None:
            return Page(address("convention-parties", number=act.reference))
        return Page(address("convention-compare", number=act.reference, a=0, b=latest))

    def _page_of_report(self, entry: JournalEntry) -> Page:
        report = self.place.act.convention.reports.get(pk=entry.subject.partition(":")[2])
        of_report = {"number": self.number, "year": report.year}
        if entry.verb in OF_REPORT:
            return Page(address(OF_REPORT[entry.verb], **of_report))
        detail = address("report-detail", **of_report)
        return Page(detail, entry.sentence if entry.verb in ROUNDS else "")

    def _page_of_meeting(self, entry: JournalEntry, pk: str) -> Page:
        """Who reads the draft of the minutes, or of the conclusion, has it on the page of the meeting."""
        holds = {"minutes_written": 'id="decisions"', "conclusion_written": 'id="conclusion"'}
        return Page(address("meeting-detail", number=self.number, pk=pk), holds.get(entry.verb, ""))

    # -- The channels ----------------------------------------------------------------------------------------------

    @property
    def own_channels(self) -> dict[str, str]:
        """What tells of one convention."""
        names = ("convention-detail", "convention-documents", "convention-versions", "convention-articles")
        names += ("convention-reports", "convention-acts", "convention-journal", "convention-journal-csv")
        names += ("convention-journal-pdf", "convention-consolidated", "convention-funding", "programme-detail")
        names += ("convention-meetings", "convention-letters", "convention-evaluation")
        return {name: address(name, number=self.number) for name in names}

    def shared_channels(self, user: User) -> dict[str, str]:
        """What tells of all the conventions that the person sees."""
        names = ("home", "convention-list", "convention-list-csv", "report-list", "report-list-csv", "deadline-list")
        names += ("deadline-list-csv", "deadline-calendar", "dashboard")
        lists = {measure: f"{reverse('dashboard-list')}?mesure={measure}&format=csv" for measure in MEASURES}
        searches = {f"search {text}": f"{reverse('search')}?q={text}" for text in (self.number, "compte rendu")}
        feed = address("deadline-feed", token=calendar.token(user))
        late = {LATE_LIST: f"{reverse('convention-list-csv')}?echeances=retard"}
        return {name: reverse(name) for name in names} | lists | searches | late | {"deadline-feed": feed}

    def open_deadlines(self, reader: Reader) -> int:
        return sum(reader.reads(page) for page in self._pages_of("deadline"))

    def open_reports(self, reader: Reader) -> int:
        return sum(reader.reads(page) for page in self._pages_of("report"))

    def _pages_of(self, kind: str) -> list[Page]:
        return [thing.page for thing in self.things if thing.name.split()[0] == kind]


# -- What is compared ------------------------------------------------------------------------------------------------


def problems(matrix: Matrix, reader: Reader, *, everywhere: bool = True) -> list[str]:
    """What the channels tell this person of what their page refuses; `everywhere`: in the lists of all dossiers too."""
    closed = [thing for thing in matrix.things if not reader.reads(thing.page)]
    channels = matrix.own_channels | (matrix.shared_channels(reader.user) if everywhere else {})
    found = []
    for name, path in channels.items():
        _, body = reader.ask(path)
        own = name in matrix.own_channels
        # « Avenant n° 1 » tells nothing of this dossier in a list of all of them.
        told = ((thing.name, mark) for thing in closed for mark in thing.marks if plain(mark) in body)
        marked = [thing for thing, mark in told if own or len(mark) > 15]
        found += [f"{name} tells of {thing}" for thing in dict.fromkeys(marked)]
    found += lines_about(matrix, reader) + messages_to(matrix, reader)
    found += counts_of(matrix, reader) if everywhere else []
    return [f"{reader.place.name}, {reader.column}: {problem}" for problem in found]


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))


def lines_about(matrix: Matrix, reader: Reader) -> list[str]:
    """The events that a channel tells although the page of what they speak of is closed."""
    code, text = reader.ask(matrix.own_channels["convention-journal-csv"])
    if code != "200":
        return []
    channels = {"CSV": "\n".join(row["Événement"] for row in rows(text))}
    channels["page"], channels["synthesis"] = (
        reader.ask(matrix.own_channels[name])[1] for name in ("convention-journal", "convention-detail")
    )
    # Two events may have the same words, one for both sides and one internal: no more may be told than are open.
    open_events = Counter(plain(entry.sentence) for entry, behind in matrix.events if reader.reads(behind))
    return [
        f"the journal ({name}) tells « {entry.verb} »: {entry.sentence}"
        for entry, behind in matrix.events
        for name, body in channels.items()
        if not reader.reads(behind) and body.count(plain(entry.sentence)) > open_events[plain(entry.sentence)]
    ]


def counts_of(matrix: Matrix, reader: Reader) -> list[str]:
    """The lists behind the figures of the dashboard that have more lines about the dossier than pages are open."""
    channels = matrix.shared_channels(reader.user)
    limits = {name: matrix.open_reports(reader) for name in REPORTS} | {LATE: matrix.open_deadlines(reader)}
    if reader.ask(channels[LATE_LIST])[1] != reader.ask(channels["convention-list-csv"])[1]:  # it does filter
        limits[LATE_LIST] = min(1, matrix.open_deadlines(reader))
    found = []
    for name, limit in limits.items():
        code, text = reader.ask(channels[name])
        lines = [row for row in rows(text) if matrix.number in row.values()] if code == "200" else []
        if len(lines) > limit:
            found.append(f"{name} has {len(lines)} lines for {limit} pages")
    return found


def messages_to(matrix: Matrix, reader: Reader) -> list[str]:
    """The e-mails that lead their reader to a page that refuses them."""
    found = []
    for message in OutboxMessage.objects.filter(root=journal.key(matrix.place.act.dossier), recipient=reader.user):
        for link in re.findall(rf"{re.escape(settings.SITE_URL)}(/\S*)", message.body):
            path, _, _ = link.partition("#")
            if reader.ask(path)[0] not in READ | {"409"}:  # theirs, though no longer
                found.append(f"« {message.template} » leads to {path}: {reader.ask(path)[0]}")
    return found


def sees_a_plain_convention(matrix: Matrix, reader: Reader) -> bool:
    """Whether the pages hide from the person all that parts this place from a signed convention without events."""
    return not any(reader.reads(thing.page) for thing in matrix.things if thing.of_state)


def masked(body: str, place: Place) -> str:
    """A page without what names its dossier, its people, its day and its keys: only what it tells remains."""
    act = place.act
    dossier = act.dossier
    organisations = [dossier.lead, dossier.beneficiary, *dossier.services.all(), *dossier.territories.all()]
    organisations += [territory.service for territory in dossier.territories.all() if territory.service]
    names = {act.convention.number: "NUMBER"}
    for organisation in organisations:
        for text in (organisation.name, getattr(organisation, "short_name", ""), getattr(organisation, "code", "")):
            names[text] = "ORGANISATION"
    for text in sorted(names, key=len, reverse=True):
        if len(text) > 2:
            body = body.replace(text, names[text])
    body = re.sub(r"(Camille|Dominique) Exemple-\d+", "PERSON", body)
    body = re.sub(r"csrfmiddlewaretoken\" value=\"\w+", "", body)
    body = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|\b[0-9a-f]{7,64}\b|nonce=\"[^\"]*\"", "HASH", body)
    body = re.sub(r"/\d+/", "/N/", body)
    body = re.sub(r"(id=\"[a-z]+|#[a-z]+)-\d+", r"\1-N", body)
    body = re.sub(r"\d+ h \d+|\d+(:\d+)+(\.\d+)?", "TIME", body)
    return re.sub(r"\d{3,}", "N", body)
