"""The filtered journal of a convention: its lines, its CSV, its PDF. All contain only what the reader may see."""

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Q, QuerySet

from arml.enums import Role
from arml.models import Dossier
from cpo.lib import journal, zones
from cpo.lib.enums import Audience, Side
from cpo.lib.files.exports import Column
from cpo.lib.models import JournalEntry

CSS = "conventions/pdf/journal.css"


def _about(*models: str) -> Q:
    condition = Q()
    for model in models:
        condition |= Q(subject__startswith=f"{model}:")
    return condition


_CONTENT = _about("sheet", "programme") | Q(verb__in=("edited", "acceptances_cancelled"))
_KNOWN = {
    "negociation": ("Négociation et signature", _about("act", "signeddeposit") & ~Q(verb="edited")),
    "contenu": ("Contenu", _CONTENT),
    "echanges": ("Échanges", _about("thread")),
    "pieces": ("Pièces", _about("attachment")),
}
KINDS = _KNOWN | {
    "suivi": (
        "Comptes rendus, échéances et suivi",
        ~(_about("act", "signeddeposit", "thread", "attachment") | _CONTENT),
    ),
}
NO_SIDE = "autre"
SIDES = {Side.STATE: "État", Side.BENEFICIARY: "Association", NO_SIDE: "Administration centrale et application"}


Entries = QuerySet[JournalEntry]


def filtered(entries: Entries, dossier: Dossier, values: Mapping[str, Any]) -> Entries:
    """Those of the events of a dossier that match `values`: nature, partie, du, au, visible."""
    if nature := values.get("nature"):
        entries = entries.filter(KINDS[nature][1])
    if side := values.get("partie"):
        entries = entries.filter(side="" if side == NO_SIDE else side)
    if audience := values.get("visible"):
        entries = entries.filter(audience=audience)
    if first := values.get("du"):
        entries = entries.filter(at__gte=zones.midnight(first, dossier))
    if last := values.get("au"):
        entries = entries.filter(at__lt=zones.midnight(last + dt.timedelta(days=1), dossier))
    return entries


def _label(labels: Mapping[Any, str], value: str) -> str:
    return labels.get(value, value)


def columns(dossier: Dossier) -> list[Column]:
    """The columns of the CSV; the date of an event is that of the page and of the PDF."""
    zone = dossier.time_zone
    return [Column("Date", lambda entry: zones.at(entry.at, zone)), *COLUMNS]


COLUMNS = [
    Column("Événement", "sentence"),
    Column("Commentaire", "comment"),
    Column("Personne", "actor_name"),
    Column("Organisation", "organisation"),
    Column("Qualité", lambda entry: _label(dict(Role.choices), entry.role)),
    Column("Partie", lambda entry: _label(SIDES, entry.side)),
    Column("Lu par", lambda entry: Audience(entry.audience).label),
]


# -- The PDF ---------------------------------------------------------------------------------------------------------


def pdf_job(
    entries: Entries, dossier: Dossier, audiences: Sequence[str], values: Mapping[str, Any]
) -> tuple[str, dict[str, Any]]:
    """The key and the arguments of the job that prints these entries of a dossier as a PDF.

    The worker knows no reader: the arguments name each line. The same lines for the same audiences give the same key,
    hence one file; a new event gives another key.
    """
    lines = sorted(filtered(entries, dossier, values).order_by().values_list("pk", flat=True))
    arguments = {
        "dossier": dossier.pk,
        "audiences": sorted(audiences),
        "values": {name: value.isoformat() if isinstance(value, dt.date) else value for name, value in values.items()},
        "lines": lines,
    }
    digest = hashlib.sha256(json.dumps(arguments, sort_keys=True).encode()).hexdigest()
    return f"journal:{dossier.pk}:{digest[:32]}", arguments


def pdf_content(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The content of the PDF for the arguments of `pdf_job`, as JSON: its hash is printed on each page."""
    dossier = Dossier.objects.select_related("lead", "beneficiary", "convention").get(pk=arguments["dossier"])
    values = dict(arguments["values"])
    for name in {"du", "au"} & set(values):
        values[name] = dt.date.fromisoformat(values[name])
    entries = list(JournalEntry.objects.filter(root=journal.key(dossier), pk__among=arguments["lines"]))
    return {
        "number": dossier.convention.number,
        "service": dossier.lead.name,
        "beneficiary": dossier.beneficiary.name,
        "time_zone": dossier.time_zone,
        "choices": filter_labels(values),
        "audiences": ", ".join(Audience(audience).label for audience in arguments["audiences"]),
        "last": max((entry.at for entry in entries), default=dossier.created_at).isoformat(),
        "entries": [
            {
                "at": entry.at.isoformat(),
                "sentence": entry.sentence,
                "comment": entry.comment,
                "actor": entry.actor_name,
                "organisation": entry.organisation,
                "audience": "" if entry.audience == Audience.BOTH else Audience(entry.audience).label,
            }
            for entry in entries
        ],
    }


def render_journal(content: Mapping[str, Any]) -> bytes:
    """Render the PDF of a `pdf_content`. The same content gives the same bytes."""
    from cpo.lib.printing import marks  # heavy: only the process that prints loads it

    zone = content["time_zone"]
    last = zones.at(dt.datetime.fromisoformat(content["last"]), zone)
    number = content["number"]
    entries = [row | {"at": zones.at(dt.datetime.fromisoformat(row["at"]), zone)} for row in content["entries"]]
    with zones.read_by(lambda: zone):  # the head names the zone once, the lines need not
        return marks.print_content(
            "conventions/pdf/journal.html",
            content,
            title=f"Journal de la convention {number}",
            number=number,
            part="journal",
            service=content["service"],
            dated=last,
            stylesheets=(CSS,),
            context={"last": last, "entries": entries},
        )


def filter_labels(values: Mapping[str, Any]) -> list[str]:
    """The chosen filters as French labels."""
    words = []
    if nature := values.get("nature"):
        words.append(f"Nature : {KINDS[nature][0]}")
    if side := values.get("partie"):
        words.append(f"Partie : {SIDES[side]}")
    if audience := values.get("visible"):
        words.append(f"Lu par : {Audience(audience).label}")
    for name, label in (("du", "À partir du"), ("au", "Jusqu’au")):
        if day := values.get(name):
            words.append(f"{label} {day:%d/%m/%Y}")
    return words
