"""The model convention (Annexe 2) as version 2025-1, and the national texts of the letters of the services."""

import datetime as dt

from actions.models import Cycle
from conventions.models import LetterTemplate, ModelVersion
from cpo.lib import clock
from cpo.lib.loading import path, read_yaml

from .letters import shipped_letters
from .model_content import fill
from .model_format import parse

NUMBER = "2025-1"
PUBLISHED_ON = dt.date(2025, 7, 16)
NOTE = "Rédaction originale en quinze articles, dans l’attente du texte officiel de l’annexe 2."


def load() -> int:
    return load_model() + load_letters()


def load_model() -> int:
    """Create the version if it does not exist; later changes are made in the application. Return the number of rows."""
    cycle = Cycle.objects.get(key=read_yaml("cycle.yaml")["cycle"]["cle"])
    version, created = ModelVersion.objects.get_or_create(
        cycle=cycle, number=NUMBER, defaults={"published_on": PUBLISHED_ON, "note": NOTE}
    )
    if not created:
        return 0
    return 1 + fill(version, parse(path("modele.md").read_text(encoding="utf-8")))


def load_letters() -> int:
    """Make a version of each national text of the letters that ships and that none has; none is overwritten."""
    rows = list(LetterTemplate.objects.of(None))
    made = []
    for kind, text in shipped_letters().items():
        versions = [row for row in rows if row.kind == kind]
        if not any((row.subject, row.body) == (text.subject, text.body) for row in versions):
            number = max((row.number for row in versions), default=0) + 1
            made.append(
                LetterTemplate(kind=kind, number=number, subject=text.subject, body=text.body, written_at=clock.now())
            )
    return len(LetterTemplate.objects.bulk_create(made))
