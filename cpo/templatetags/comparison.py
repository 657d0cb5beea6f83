"""Word-by-word differences as HTML. Shapes, signs and words express them; colour is only an addition."""

from collections.abc import Iterable
from typing import Any

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from cpo.lib.wording import words

register = template.Library()
# Tag, attributes, and the label for screen readers and for paper (static/css/cpo.css).
MARKS = {
    words.DELETE: ("del", "", "supprimé"),
    words.INSERT: ("ins", "", "ajouté"),
    words.LEFT: ("del", ' class="cpo-deplace"', "déplacé d’ici"),
    words.ARRIVED: ("ins", ' class="cpo-deplace"', "déplacé ici"),
}
MISSING = ' <span class="cpo-discret" aria-hidden="true">[…]</span> '


@register.filter
def diff_words(pieces: Iterable[words.Piece]) -> SafeString:
    """Render {{ change.after|diff_words }} inside an element of class « cpo-diff »."""
    return mark_safe("".join(_piece_html(piece) for piece in pieces))


@register.filter
def diff_rows(fields: Iterable[Any]) -> SafeString:
    """Render the rows of `_field_changes.html`.

    Written in Python because there may be hundreds: a template would take as long as the comparison.
    """
    return mark_safe(
        "".join(
            f'<tr><th scope="row">{escape(field.label)}</th><td class="cpo-diff">{diff_words(field.before)}</td>'
            f'<td class="cpo-diff">{diff_words(field.after)}{_gap(field.gap)}</td></tr>'
            for field in fields
        )
    )


def _gap(gap: str) -> str:
    return f'<br><span class="cpo-discret">écart : {escape(gap)}</span>' if gap else ""


def _piece_html(piece: words.Piece) -> str:
    if piece.op == words.GAP:
        return MISSING
    text = escape(piece.text).replace("\n", "<br>")
    if piece.op == words.EQUAL:
        return text
    tag, attributes, label = MARKS[piece.op]
    return f'<{tag}{attributes}><span class="fr-sr-only">{label} : </span>{text}</{tag}>'
