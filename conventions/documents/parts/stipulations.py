"""What an act after the first stipulates: each article replaced, inserted or deleted, each fiche, then the rest.

« L’article 4 est remplacé par les stipulations suivantes : « … » »: the text in force is read in the act itself, not
pieced together from its differences.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils.safestring import SafeString

from conventions.content.comparison import summary
from conventions.content.comparison.contents import ADDED, MODIFIED, REMOVED, Comparison, article_title
from conventions.content.held import articles_of
from conventions.enums import VariableType
from conventions.text.variables import VARIABLES
from conventions.text.wording import NAME, Wording
from cpo.lib.wording import french
from cpo.lib.wording.typography import NBSP, html_text, punctuated

from .table import text

Content = Mapping[str, Any]
UNCHANGED = "Le texte en vigueur ne change pas : les montants qu'il prévoit sont confirmés."
MODIFIED_TEXT = "Le texte en vigueur est modifié comme suit. L'annexe montre ces changements mot à mot."
TABLES = "Les tableaux qu'il comporte sont ceux des montants et des fiches que le présent acte modifie."
# The sections without a number, by key: the words before « remplacé par », with its agreement.
SECTIONS = {
    "titre": "L'intitulé est remplacé",
    "parties": "La désignation des parties est remplacée",
    "visas": "Les visas sont remplacés",
    "preambule": "Le préambule est remplacé",
    "signatures": "Le texte relatif aux signatures est remplacé",
}
SHEETS = {
    ADDED: ("Est ajoutée la fiche suivante", "Sont ajoutées les fiches suivantes"),
    MODIFIED: ("Est modifiée la fiche suivante", "Sont modifiées les fiches suivantes"),
    REMOVED: ("Est supprimée la fiche suivante", "Sont supprimées les fiches suivantes"),
}
_OPENING, _CLOSING = re.compile(r"^(?:\s*<[^/>][^>]*>)*\s*"), re.compile(r"\s*(?:</[^>]+>\s*)*$")


def stipulations(content: Content, comparison: Comparison) -> SafeString:
    """The HTML of the article « Modifications »; its numbers are those of a list of legal texts: 1°, 2°."""
    parts = [*_articles(content, comparison), *_sheets(comparison), *_rest(comparison)]
    if not parts:
        return SafeString(f"<p>{text(UNCHANGED)}</p>")
    html = "".join(f"<p>{rank}°{NBSP}{sentence}</p>{quoted}" for rank, (sentence, quoted) in enumerate(parts, start=1))
    return SafeString(f"<p>{text(MODIFIED_TEXT)}</p>{html}")


def _articles(content: Content, comparison: Comparison) -> Iterator[tuple[str, str]]:
    rows = [row for row in articles_of(content) if row["included"]]
    by_key = {row["key"]: row for row in rows}
    for change in comparison.articles:
        if not change.paragraphs:
            continue  # only the reason of a departure changed: no stipulation did
        if change.kind == REMOVED:
            yield text(f"{_the(change.title)} est supprimé{_agreement(change.title)}."), ""
            continue
        row = by_key[change.key]
        if change.kind == ADDED:
            before = rows[rows.index(row) - 1] if rows.index(row) else None
            place = f"après {french.lower_first(_the(article_title(before)))}, " if before else ""
            title = article_title(row)
            sentence = f"Il est inséré, {place}l'{french.lower_first(title)}, ainsi rédigé{_agreement(title)} :"
        else:
            title = article_title(row)
            named = SECTIONS.get(row["key"]) or f"{_the(title)} est remplacé{_agreement(title)}"
            sentence = f"{named} par les stipulations suivantes :"
        yield text(sentence), _quotation(row, content)


def _the(title: str) -> str:
    """« L’article 4 » for « Article 4 – Contribution de l’État »; the title that a paper original has, whole."""
    match = re.match(r"(Article|Annexe)\s[\dIVX]+(?:\s(?:bis|ter|quater|quinquies))?", title)
    return f"L'{french.lower_first(match[0])}" if match else f"Le passage « {title} »"


def _agreement(title: str) -> str:
    """What a participle takes: an article is masculine, an annex feminine."""
    return "e" if title.startswith("Annexe ") else ""


def _quotation(row: Mapping[str, Any], content: Content) -> str:
    """The new text between « and », as the whole convention prints it; its tables stand elsewhere."""
    wording = Wording(content.get("values", {}), content.get("variants", {}), {})
    html = wording.html(row.get("body") or "").strip()
    html = f"{_OPENING.match(html)[0]}«{NBSP}{html[_OPENING.match(html).end() :]}"  # type: ignore[index,union-attr]
    end = _CLOSING.search(html).start()  # type: ignore[union-attr]
    html = f"{html[:end]}{NBSP}»{'' if html[:end].endswith('.') else '.'}{html[end:]}"
    note = f"<p>{text(TABLES)}</p>" if _has_tables(row.get("body") or "") else ""
    return f'<div class="cite">{html}</div>{note}'


def _has_tables(body: str) -> bool:
    return any(VARIABLES[name].kind is VariableType.TABLE for name in NAME.findall(body) if name in VARIABLES)


def _sheets(comparison: Comparison) -> Iterator[tuple[str, str]]:
    for kind, (one, several) in SHEETS.items():
        titles = [change.title for change in comparison.sheets if change.kind == kind]
        if titles:
            yield text(f"{several if len(titles) > 1 else one} de l'annexe I, comme l'énonce l'annexe :"), _list(titles)


def _rest(comparison: Comparison) -> Iterator[tuple[str, str]]:
    for line in summary.lines(comparison, names=None):
        if line.anchor not in ("articles", "fiches"):
            details = line.names or line.amounts
            words = f"{line.text} : {details.replace(' → ', ' devient ')}" if details else line.text
            yield text(f"{words}."), ""


def _list(items: Sequence[str]) -> str:
    return "<ul>" + "".join(f"<li>{html_text(item)}</li>" for item in punctuated(items)) + "</ul>"
