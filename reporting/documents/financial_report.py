"""The compte rendu financier of a sending, in the three parts of CERFA 15059*02 (arrêté of 11 October 2006)."""

import datetime as dt
from collections.abc import Iterator

from cpo.lib import zones
from cpo.lib.wording import french
from reporting import figures
from reporting.content import reading, standing
from reporting.content.comparison import TEXTS
from reporting.models import ReportVersion

from .common import CSS, Content

LEFT_OUT = ("attachments", "answers", "standing")  # the names of some files are confidential; the rest is examination


def finance_content(version: ReportVersion) -> Content:
    """What the document says: the content of the sending without its files, and who sent it."""
    sent = {name: part for name, part in version.content.items() if name not in LEFT_OUT}
    return {
        **sent,
        "standing": version.content["standing"],
        "round": version.number,
        "content_sha256": version.content_sha256,
        "submitted_at": version.sent_at.isoformat(),
        "submitted_by": version.author_name,
        "submitted_as": version.capacity,
    }


def render_finance(content: Content) -> bytes:
    """Bytes of the compte rendu financier: the same content gives the same bytes."""
    from cpo.lib.printing import marks  # heavy: only the process that prints loads it

    at = dt.datetime.fromisoformat(content["submitted_at"])
    finance = reading.finance(content)
    return marks.print_content(
        "reporting/pdf/financial_report.html",
        content,
        title=f"Compte rendu financier {content['year']}",
        number=content["number"],
        part=f"compte rendu financier {content['year']} · envoi {content['round']}",
        service=content["service"],
        dated=at,
        stylesheets=(CSS,),
        context={
            "at": zones.at(at, content["time_zone"]),
            "sheets": [{"content": _with_texts(sheet)} for sheet in content["sheets"]],
            "finance": finance,
            "checks": list(_checks(finance)),
            "gaps": list(_gaps(content)),
            "tables": list(standing.read(content["standing"]).values()),
        },
    )


def _with_texts(sheet: Content) -> Content:
    """The fiche with its texts by label, without those left blank."""
    texts = [(label, sheet[name]) for name, label in TEXTS.items() if sheet.get(name)]
    if sheet["fte_used"] is not None:
        texts.append(("ETP mobilisés", french.number(sheet["fte_used"])))
    if sheet["dropped_on"]:
        texts.append(("Retirée au", french.date(dt.date.fromisoformat(sheet["dropped_on"]))))
    if files := sheet.get("files"):
        texts.append(("Fichiers joints", "\n".join(file["name"] for file in files)))
    return {**sheet, "texts": texts}


def _checks(finance: figures.Finance) -> Iterator[str]:
    """Charges = produits, 86 = 87: said in full, whether they hold or not."""
    for left, right, names in (
        (finance.expenses.actual, finance.resources.actual, "Charges et produits"),
        (finance.uses.actual, finance.sources.actual, "Emplois (86) et contributions volontaires (87)"),
    ):
        if left is None and right is None:
            yield f"{names} : rien n’est renseigné."
        elif left == right:
            yield f"{names} : égaux, {french.euros(left)}."
        else:
            gap = (right or 0) - (left or 0)
            yield f"{names} : {french.euros(left)} et {french.euros(right)}, soit {french.euros(gap, signed=True)}."


def _gaps(content: Content) -> Iterator[tuple[str, figures.Line]]:
    """The lines beyond the threshold of the cycle, with the fiche of each; explained or not."""
    owners = [(f"Fiche {sheet['code']}", sheet["expenses"]) for sheet in content["sheets"]]
    for where, rows in [*owners, ("Hors fiches", content["finance"]["structure"])]:
        for line in reading.lines(rows):
            if figures.beyond(line, content["thresholds"]["gap"]):
                yield f"{where}, compte {line.account.code}", line
