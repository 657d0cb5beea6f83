"""Run the bench: count queries with 100 conventions, grow to 10,000, measure, print."""

import contextlib
import re
import time
from argparse import Namespace
from collections import Counter
from functools import partial
from typing import Any
from unittest.mock import patch

from django.db import connection
from django.urls import reverse

from conventions.documents import register
from conventions.models import Act, Convention

from . import big, campaign, data, document, office, pages, report, signed
from .measure import Visitor, compare

SMALL = 100
LINE = "{:44} {:>9} {:>9} {:>9} {:>10} {:>8}  {}"


class Table:
    """Print each line as soon as it is measured, and count the slow pages and the crashes."""

    def __init__(self) -> None:
        self.slow = 0
        self.crashed = 0
        print(LINE.format("", "valeur", "voulu", "en ms", "requêtes", "voulu", ""))

    def row(
        self, label: str, value: float | None, ceiling: float | None, ms: float | None, **queries: int | None
    ) -> None:
        count, most, before = queries.get("count"), queries.get("most"), queries.get("before")
        over = value is not None and ceiling is not None and value > ceiling
        many = count is not None and most is not None and count > most
        moving = before is not None and before != count
        has_ceiling = ceiling is not None or most is not None
        remarks = [word for bad, word in ((over, "trop lent"), (many, "trop de requêtes")) if bad]
        remarks += [f"{before} requêtes à {SMALL} conventions"] if moving else []
        self.slow += bool(remarks)
        print(
            LINE.format(
                label,
                "" if value is None else f"{value:.2f} ×",
                "" if ceiling is None else f"≤ {ceiling:g} ×",
                "" if ms is None else f"{ms:.1f}",
                "" if count is None else str(count),
                "" if most is None else f"≤ {most}",
                " ; ".join(remarks) or ("OK" if has_ceiling else "indicatif"),
            ),
            flush=True,
        )


def run(options: Namespace) -> Table:
    """Print the table and return it, with its numbers of exceeded ceilings and of crashes."""
    if options.only == "pdf":
        table = Table()
        measure_document(table, options)
        measure_deposits(table, options)
        measure_serving(table, options, big.make("active"))
        return table
    if options.only == "depot":
        table = Table()
        measure_deposits(table, options)
        return table
    acts = {"en négociation": big.make("negotiation"), "en exécution": big.make("active")}
    data.grow(SMALL)
    service = pages.officer(acts["en exécution"])
    measured_pages = [
        page for page in pages.lists(service) + pages.details(acts) if page.url and is_selected(page, options)
    ]
    few = {page: count(page) for page in measured_pages}
    start = time.perf_counter()
    data.grow(options.conventions)
    print(f"{Convention.objects.count()} conventions ({time.perf_counter() - start:.0f} s)\n")
    table = Table()
    for page in measured_pages:
        measure_page(table, page, few[page], options)
    if is_selected("Conventions, dernière page", options):
        measure_last_page(table, options)
    if is_selected(pages.IN_FORCE, options):
        measure_in_force(table, options)
    if is_selected(pages.COMPARISON, options):
        measure_comparison(table, options)
    if is_selected(pages.REPORT, options):
        report.measure(table, options)
    if is_selected(campaign.CAMPAIGN, options):
        campaign.measure(table, options)
    if not options.only:
        measure_document(table, options)
        measure_deposits(table, options)
        measure_serving(table, options, acts["en exécution"])
    print(
        "\nUne page vaut tant de planchers : visites alternées, médiane de trois tours. docs/performance.md explique."
    )
    return table


def count(page: pages.Page) -> int:
    """The number of queries of a page, or 0 if it crashes. `measure_page` prints the crash."""
    try:
        return len(Visitor(page.reader).queries(page.url))
    except Exception:
        return 0


def is_selected(page: "pages.Page | str", options: Namespace) -> bool:
    return options.only.lower() in (page if isinstance(page, str) else page.label).lower()


def measure_page(table: Table, page: pages.Page, few: int, options: Namespace) -> None:
    visitor, floor = Visitor(page.reader), reverse("floor")
    try:
        queries = visitor.queries(page.url)
    except Exception as error:  # a crash must not stop the other measures
        table.crashed += 1
        print(f"{page.label:44} en panne : {error!r}"[:200], flush=True)
        return
    ratio = compare(lambda: visitor.get(floor), lambda: visitor.get(page.url), times=options.times)
    table.row(
        page.label, ratio.value, page.floors, ratio.candidate_ms, count=len(queries), most=page.queries, before=few
    )
    if options.sql:
        show(queries)


def measure_last_page(table: Table, options: Namespace) -> None:
    url = pages.address("convention-list")
    if url:
        visitor = Visitor(pages.national_reader())
        last = f"{url}?page={last_page(visitor, url)}"
        ratio = compare(lambda: visitor.get(url), lambda: visitor.get(last), times=options.times)
        table.row("Conventions, dernière page", ratio.value, pages.LAST_PAGE, ratio.candidate_ms)


def last_page(visitor: Visitor, url: str) -> int:
    """The number of the last page, from the pagination of the first one."""
    return max(int(number) for number in re.findall(r"[?&;]page=(\d+)", visitor.get(url).decode()))


def measure_in_force(table: Table, options: Namespace) -> None:
    """Measure what the text in force costs: a page of an amended convention against that of its first act."""
    act = big.make_amended()
    data.settle()
    visitor = Visitor(pages.officer(act))
    for name, current, first in pages.in_force(act):
        ratio = compare(partial(visitor.get, first), partial(visitor.get, current), times=options.times)
        queries = len(visitor.queries(current))
        table.row(
            f"{pages.IN_FORCE}, {name} / acte 0", ratio.value, pages.IN_FORCE_COST, ratio.candidate_ms, count=queries
        )


def measure_comparison(table: Table, options: Namespace) -> None:
    """Measure the comparison against the detail pages of the same convention, not against the floor.

    A version is compared with the one before when it is proposed, so no reader waits. Another pair is computed for its
    first reader.
    """
    act = big.make_compared()
    number, visitor = act.convention.number, Visitor(pages.officer(act))
    comparison = pages.address("convention-compare", number=number, a=3, b=4)
    queries = len(visitor.queries(comparison))

    def again() -> None:
        visitor.get(comparison)

    def first() -> None:
        with patch("conventions.content.comparison.cached.of_key", lambda key, compute: compute()):
            visitor.get(comparison)

    for name, detail in pages.beside(act):
        floor = partial(visitor.get, detail)
        for note, work, ceiling in (("", again, pages.COMPARISON_DETAILS), (", jamais lue", first, None)):
            ratio = compare(floor, work, times=options.times)
            label = f"{pages.COMPARISON}{note} / {name}"
            table.row(label, ratio.value, ceiling, ratio.candidate_ms, count=queries)


def measure_document(table: Table, options: Namespace) -> None:
    content, count = document.content_of_pages()
    styled, unstyled = document.measure(content, times=max(1, options.times // 5))
    table.row(f"PDF de {count} pages", styled.value, pages.PDF, styled.candidate_ms)
    table.row("  face au même HTML sans style", unstyled.value, None, unstyled.candidate_ms)
    if office.PROGRAM:
        with contextlib.suppress(office.NoWriterError):
            _measure_office(table, content)


def _measure_office(table: Table, content: dict[str, Any]) -> None:
    value, theirs = office.measure(content, office.ALONE)
    table.row(f"  une page, face à DOCX puis LibreOffice ({theirs})", value, 1, None)
    value, _ = office.measure(content, office.TOGETHER)
    table.row(f"  … {office.TOGETHER} documents par démarrage", value, None, None)


def measure_deposits(table: Table, options: Namespace) -> None:
    deposit = signed.measure(times=max(1, options.times // 5))
    label = f"Vérifier un dépôt de {signed.PAGES} pages, face à les produire"
    table.row(label, deposit.value, pages.DEPOSIT, deposit.candidate_ms)
    seconds = signed.seconds_of_a_scanned_page()
    label = f"Lire {signed.SCANNED} pages numérisées, secondes d’un cœur par page"
    table.row(label, seconds, pages.SCANNED_PAGE, 1000 * seconds)


def measure_serving(table: Table, options: Namespace, act: Act) -> None:
    """Measure a stored document with the check of rights against a view that only streams it to a signed-in person."""
    data = document.produced(document.content_of_pages()[0])
    entry = register.enter(data, act=act, purpose="copie", label="Mesure", content_sha256="0" * 64)
    visitor = Visitor(pages.officer(act))
    file_url = reverse("document-file", kwargs={"number": act.reference, "pk": entry.pk})
    floor = reverse("floor-file", kwargs={"pk": entry.file_id})
    count = len(visitor.queries(file_url))
    ratio = compare(lambda: visitor.get(floor), lambda: visitor.get(file_url), times=options.times)
    label = f"Document conservé, {len(data) // 1000} ko"
    table.row(label, ratio.value, pages.SERVED, ratio.candidate_ms, count=count)


def show(queries: list[str]) -> None:
    for sql, times in Counter(queries).items():
        with connection.cursor() as cursor:
            start = time.perf_counter()
            cursor.execute(sql.replace("%", "%%"), [])
            cursor.fetchall()
        print(f"    {1000 * (time.perf_counter() - start):6.1f} ms  {times} fois  {sql[:400]}")
