"""The document of an act after the first: its terms, then what it changes word by word in the signed text.

A pure function of two contents: that of the act and that of the version that it changes (`content["act"]["base"]`).
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from django.template.loader import get_template
from django.utils.safestring import SafeString

from conventions.content.comparison import compare
from conventions.content.comparison.amounts import AmountTable
from conventions.content.comparison.contents import ADDED, Comparison, ElementChange
from conventions.content.comparison.fields import FieldChange
from conventions.content.held import on_paper
from conventions.enums import ActKind
from cpo.lib.wording import words
from cpo.lib.wording.typography import html_text, long_date

from . import sheets
from .parties import delegation_recital
from .stipulations import stipulations
from .table import Column, make_table, text

Content = Mapping[str, Any]
KIND_OF_CHANGE = {"added": "Ajout", "removed": "Suppression", "modified": "Modification"}
LEGEND = (
    "Dans cette annexe, les crochets [supprimé : …] et [ajouté : …] disent ce que devient le texte signé ; "
    "dans les tableaux, ce qui est supprimé est barré, ce qui est ajouté est souligné. "
    "[…] remplace ce qui ne change pas. Ce qui n'y figure pas est inchangé."
)
# Marks are words, because a sign before an amount would look like the sign of the amount.
MARKS = {
    words.DELETE: ("del", "supprimé"),
    words.INSERT: ("ins", "ajouté"),
    words.LEFT: ("del", "déplacé d’ici"),
    words.ARRIVED: ("ins", "déplacé ici"),
}


class Part(NamedTuple):
    """A part of the printed act: key, kind (as in conventions.documents.render.Section), heading, HTML."""

    key: str
    kind: str
    heading: SafeString
    html: SafeString


def parts(content: Content, base: Content) -> list[Part]:
    act = content["act"]
    comparison = compare(dict(base), dict(content))
    articles = [*_own_articles(content, comparison), *_closing_articles(content)]
    printed_parts = [
        Part("titre", "titre", text(act["name"]), _paragraphs([_under(content)])),
        Part("visas", "visas", text("Visas"), _paragraphs(_recitals(content))),
        *(
            Part(f"article-{rank}", "article", text(f"Article {rank} – {heading}"), html)
            for rank, (heading, html) in enumerate(articles, start=1)
        ),
    ]
    if act["kind"] != ActKind.ADAPTATION:
        annex_words = " et son annexe, qui en fait partie" if comparison.count else ""
        signature_html = _paragraphs([f"Chaque partie signe ci-dessous {_this(act)}{annex_words}."])
        printed_parts.append(Part("signatures", "signatures", text("Signatures"), signature_html))
    if comparison.count:
        printed_parts.append(
            Part("annexe_differences", "annexe", text("Annexe – Ce qui change"), _differences(content, comparison))
        )
    return printed_parts


def _under(content: Content) -> str:
    number, cycle = content["convention"]["number"], content["cycle"]["label"]
    return f"à la convention pluriannuelle d'objectifs n° {number} ({cycle})"


def _recitals(content: Content) -> list[str]:
    act = content["act"]
    base = act["base"]
    first = next(iter(act.get("holds", [])), base)
    rows = [f"Vu la convention pluriannuelle d'objectifs n° {content['convention']['number']}{_of(first)} ;"]
    if base["name"] != "Convention":
        rows.append(f"Vu l'acte qui l'a modifiée en dernier lieu : {base['name']}{_of(base)} ;")
    article, subject = {
        ActKind.AMENDMENT: ("12", "aux avenants"),
        ActKind.ANNUAL: ("4.3", "à l'acte financier annuel"),
        ActKind.ADAPTATION: ("3.4", "aux adaptations du budget"),
    }[ActKind(act["kind"])]
    # The numbers are those of the national model: a paper original may have others.
    stipulation = "ses stipulations relatives" if on_paper(content) else f"l'article {article}, relatif"
    rows.append(f"Vu {stipulation} {subject} ;")
    rows += [recital for party in content["parties"] if (recital := delegation_recital(party))]
    rows.append(_text_changed(base))
    if act["kind"] != ActKind.ADAPTATION:
        rows.append("Il a été convenu ce qui suit :")
    return rows


def _text_changed(base: Mapping[str, Any]) -> str:
    if scan := base.get("scan_sha256"):
        return (
            f"Le texte modifié est celui de l'original signé sur papier{_of(base)}, "
            f"dont la numérisation a pour empreinte {scan[:12]}."
        )
    return (
        f"Le texte modifié est la version {base['version']} de {base['reference']}, "
        f"empreinte du contenu {base['content_sha256'][:12]}."
    )


def _this(act: Mapping[str, Any]) -> str:
    return "le présent avenant" if act["kind"] == ActKind.AMENDMENT else "le présent acte"


def _of(act: Mapping[str, Any]) -> str:
    return f", du {long_date(act['signed_on'])}" if act.get("signed_on") else ""


def _own_articles(content: Content, comparison: Comparison) -> Iterable[tuple[str, SafeString]]:
    act = content["act"]
    sentences = [act["purpose"]]
    if act["kind"] == ActKind.AMENDMENT:
        sentences += [f"Cause : {act['cause']}", f"Conséquences : {act['consequences']}"]
    if act["kind"] == ActKind.ADAPTATION:
        sentences.append(
            f"L'association informe l'administration d'une adaptation de son budget prévisionnel de {act['year']}, "
            "sans effet notable sur le programme. La contribution de l'État ne change pas."
        )
    yield "Objet", _paragraphs(sentences)
    if act["kind"] == ActKind.ANNUAL:
        yield f"Contribution de l'État pour {act['year']}", _year(content, act["year"])
    yield "Modifications", stipulations(content, comparison)


def _closing_articles(content: Content) -> Iterable[tuple[str, SafeString]]:
    act = content["act"]
    effect = [f"L{_this(act)[1:]} prend effet le {long_date(act['effective_on'])}."]
    if act["kind"] == ActKind.AMENDMENT:
        effect.append(f"La convention prend fin le {long_date(content['convention']['ends_on'])}.")
    yield "Prise d'effet", _paragraphs(effect)
    yield (
        "Autres stipulations",
        _paragraphs([f"Les stipulations que {_this(act)} ne modifie pas restent en vigueur."]),
    )


def _year(content: Content, year: int) -> SafeString:
    """The amounts that an annual act fixes: by line and service, then their payments."""
    lines = [
        ("", f"{row['line_label'].capitalize()}, {row['service']}", [Decimal(row["amount"])])
        for row in content["contributions"]
        if row["year"] == year
    ]
    total = sum((row[2][0] for row in lines), Decimal(0))
    amounts = [Column("Ligne"), Column("Montant", numeric=True, width="montant")]
    payments = [Column("Versement"), Column("Condition", width="large"), amounts[1]]
    rows = [
        ("", row["label"], [_condition(row), Decimal(row["amount"])])
        for row in content["instalments"]
        if row["year"] == year
    ]
    return SafeString(
        make_table(f"Contribution de l'État en {year}, en euros", amounts, [*lines, ("total", "Total", [total])]).html()
        + make_table(f"Échéancier des versements de {year}, en euros", payments, rows).html()
    )


def _condition(row: Mapping[str, Any]) -> str:
    day = f"prévu le {long_date(row['due_on'])}" if row.get("due_on") else ""
    return " ; ".join(part for part in (row.get("condition"), day) if part)


# -- The annex: the differences --------------------------------------------------------------------------------------


def _differences(content: Content, comparison: Comparison) -> SafeString:
    by_key = {row["key"]: row for row in content["sheets"]}
    html = [f"<p>{text(LEGEND)}</p>"]
    html += _headed_blocks("Articles", (_article(change) for change in comparison.articles))
    html += _headed_blocks("Fiches actions", (_sheet(change, content, by_key) for change in comparison.sheets))
    html += _headed_blocks("Parties et signataires", (_element(change) for change in comparison.parties))
    html += _headed_blocks(
        "Informations générales", [_fields("Ce qui change", comparison.facts)] if comparison.facts else []
    )
    html += _headed_blocks("Montants", (_amounts(table) for table in comparison.tables))
    html += _headed_blocks(
        "Conditions et comptes", [_fields("Ce qui change", comparison.terms)] if comparison.terms else []
    )
    return SafeString("".join(html))


def _headed_blocks(title: str, blocks: Iterable[str]) -> list[str]:
    html_blocks = list(blocks)
    return [f"<h3>{text(title)}</h3>", *html_blocks] if html_blocks else []


def _article(change: ElementChange) -> str:
    body = "".join(f"<p>{_pieces(paragraph)}</p>" for paragraph in change.paragraphs)
    body += _fields("Ce qui change", change.fields) if change.fields else ""
    return f"<h4>{text(f'{KIND_OF_CHANGE[change.kind]} : {change.title}')}</h4>{body}"


def _sheet(change: ElementChange, content: Content, sheets_by_key: Mapping[str, Content]) -> str:
    """The changes of a fiche. A new fiche is printed whole, because no other part of the document prints it."""
    if change.kind != ADDED:
        return _element(change)
    view = sheets.sheet_view(sheets_by_key[change.key], content)
    return _element(change) + get_template("conventions/pdf/_fiche_text.html").render({"sheet": view})


def _element(change: ElementChange) -> str:
    heading = f"<h4>{text(f'{KIND_OF_CHANGE[change.kind]} : {change.title}')}</h4>"
    if change.fields:
        return heading + _fields("Ce qui change", change.fields)
    return heading + (f"<p>{text(change.summary)}</p>" if change.summary else "")


def _fields(caption: str, fields: Iterable[FieldChange]) -> str:
    """The old and new texts side by side. The headings of the columns name them, so the pieces have no mark."""
    columns = [Column("Rubrique", width="large"), Column("Texte signé"), Column("Texte nouveau")]
    rows = [
        ("", change.label, [_pieces(side, marked=False) for side in (change.before, change.after)]) for change in fields
    ]
    return make_table(caption, columns, rows, style="differences").html()


def _amounts(table: AmountTable) -> str:
    numeric = {"numeric": True, "width": "montant"}
    columns = [Column(table.row_header), *(Column(name, **numeric) for name in ("Avant", "Après", "Écart"))]  # type: ignore[arg-type]
    rows = [("", row.label, [row.before, row.after, row.gap]) for row in table.rows if row.gap]
    total = table.total
    cells = [("total", "Total", [total.before, total.after, total.gap])]
    return make_table(f"{table.caption}, en euros : lignes qui changent", columns, [*rows, *cells]).html()


def _pieces(pieces: Iterable[words.Piece], *, marked: bool = True) -> SafeString:
    return SafeString("".join(_piece(piece, marked) for piece in pieces).replace("</del>][", "</del>] ["))


def _piece(piece: words.Piece, marked: bool) -> str:
    if piece.op == words.GAP:
        return " […] "
    html = "<br>".join(html_text(line) for line in piece.text.split("\n"))
    if piece.op == words.EQUAL:
        return html
    tag, mark = MARKS[piece.op]
    return f"{text(f'[{mark} : ')}<{tag}>{html}</{tag}>]" if marked else f"<{tag}>{html}</{tag}>"


def _paragraphs(rows: Iterable[str]) -> SafeString:
    lines = [line for row in rows for line in str(row).splitlines() if line.strip()]
    return SafeString("".join(f"<p>{html_text(line)}</p>" for line in lines))
