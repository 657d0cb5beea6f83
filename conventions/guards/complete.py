"""« Ce qui manque »: the list of all checks of an act, and the checks without a file of their own."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from actions import completeness
from conventions.cache import of_revision
from conventions.enums import ArticleStatus, Origin
from conventions.guards.adaptations import late_adaptation
from conventions.guards.addresses import url
from conventions.guards.dates import dates_agree, delegation_agrees, deliberation_dated
from conventions.guards.deliberations import deliberation_covers_the_rise
from conventions.guards.money import keeps_committed, money_adds_up
from conventions.guards.parties import parties_named, signatories_complete
from conventions.guards.payments import payments_within_rules
from conventions.guards.term import within_term
from conventions.models import Act
from conventions.reads import reads
from conventions.text.dating import DELEGATION
from cpo.lib.hooks import Hook
from cpo.lib.workflow import Missing

from .later import later_act, later_on_paper
from .pieces import checklist


def attachments_given(act: Act) -> Iterator[Missing]:
    """The blocking documents that are missing or out of date, and a delegation that is not the one recorded."""
    for line in checklist(act) if act.is_signed_act else ():
        if line.kind.key == DELEGATION and line.current and line.current.file_id and line.current.dated:
            yield from delegation_agrees(act, line.current.dated)
        if line.kind.blocks_signature and line.expected and not line.satisfied:
            yield Missing(
                f"Pièce : {line.kind.label}" + (" (périmée)" if line.expired else ""),
                url(act, "convention-documents", f"piece-{line.kind.key}"),
                # A later act can be signed if the document, given for the convention, is on paper or now out of date.
                "warning" if act.number and (line.expired or act.convention.origin == Origin.PAPER) else "error",
            )


def articles_reasoned(act: Act) -> Iterator[Missing]:
    """A departure from a locked or optional article must have a reason."""
    for article in act.articles.select_related("model_article"):
        if article.departs and article.model_article.status != ArticleStatus.FREE and not article.reason.strip():
            yield Missing(
                f"{article.model_article.title} : motif de l’écart au modèle national",
                url(act, "convention-article", "id_reason", key=article.model_article.key),
            )


def programme_complete(act: Act) -> Iterator[Missing]:
    """Each action needs an axis, an indicator, a target per year, balanced years; an empty axis is a warning."""
    yield from completeness.missing(act.programme, act.reference)


def unresolved_threads(act: Act) -> Iterator[Missing]:
    count = reads(act).open_threads()
    if count:
        text = "Un échange reste ouvert" if count == 1 else f"{count} échanges restent ouverts"
        yield Missing(text, url(act, "convention-versions", "echanges"), severity="warning")


CHECKS = (
    parties_named,
    signatories_complete,
    deliberation_dated,
    dates_agree,
    programme_complete,
    money_adds_up,
    keeps_committed,
    payments_within_rules,
    within_term,
    late_adaptation,
    articles_reasoned,
    attachments_given,
    deliberation_covers_the_rise,
    later_act,
    unresolved_threads,
)


# These checks depend on the content alone, so pages cache their result for a revision.
OF_CONTENT = (
    dates_agree,
    programme_complete,
    money_adds_up,
    payments_within_rules,
    within_term,
    articles_reasoned,
    later_act,
)


def _run_check(act: Act, check: Callable[[Act], Iterator[Missing]]) -> list[Missing]:
    if check in OF_CONTENT:
        return of_revision(act, check.__name__, lambda: list(check(act)))
    return list(check(act))


def nothing_missing(act: Act) -> list[Missing]:
    """All the lines of « ce qui manque »: what the document must print and what the law requires before signing."""
    read = reads(act)
    if read.missing is None:
        read.missing = [line for check in CHECKS for line in _run_check(act, check)]
    return read.missing


def as_warnings(act: Act) -> list[Missing]:
    """The same list without blocking lines, because an incomplete version may be proposed."""
    return [replace(line, severity="later") if line.severity == "error" else line for line in nothing_missing(act)]


def _nothing_done_before(act: Act) -> list[Missing]:
    return []


done_before = Hook(_nothing_done_before)  # answered in reporting/hooks.py, which knows the deadlines


def paper_complete(act: Act) -> Iterator[Missing]:
    """A paper convention is recorded with its scan, parties, signatories, dates, amounts, fiches, and what is done.

    An act after it has its object and dates too; what was done was asked with the convention.
    """
    yield from parties_named(act)
    if not act.documents.to_sign().exists():
        yield Missing("Original signé numérisé", url(act, "convention-paper-original", "id_scan"))
    if act.signed_on is None or act.notified_on is None:
        yield Missing("Dates de signature et de notification", url(act, "convention-paper-original", "id_notified_on"))
    for party in act.parties.filter(signs=True, signatory_name="").select_related("organisation"):
        yield Missing(f"{party.organisation} : nom du signataire", url(act, "convention-parties"))
    if not act.contributions.exists():
        yield Missing("Contribution de l’État par année", url(act, "convention-contribution"))
    if not act.programme.sheets.exists():
        yield Missing("Aucune fiche action", url(act, "programme-detail"))
    yield from later_on_paper(act) if act.number else done_before(act)


def needed_later(act: Act) -> list[Missing]:
    """All that the agreement will need, as warnings, before the negotiation: but the parties, required from now on."""
    named = {line.text for line in parties_named(act)}
    return [line for line in as_warnings(act) if line.text not in named]
