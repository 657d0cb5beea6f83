"""The model convention (Annexe 2) as version 2025-1, from `fixtures/reference/modele.md`."""

import datetime as dt

from actions.models import Cycle
from conventions.models import ModelVersion
from cpo.lib.loading import path, read_yaml

from .model_content import fill
from .model_format import parse

NUMBER = "2025-1"
PUBLISHED_ON = dt.date(2025, 7, 16)
NOTE = "Rédaction originale en quinze articles, dans l’attente du texte officiel de l’annexe 2."


def load() -> int:
    """Create the version if it does not exist; later changes are made in the application. Return the number of rows."""
    cycle = Cycle.objects.get(key=read_yaml("cycle.yaml")["cycle"]["cle"])
    version, created = ModelVersion.objects.get_or_create(
        cycle=cycle, number=NUMBER, defaults={"published_on": PUBLISHED_ON, "note": NOTE}
    )
    if not created:
        return 0
    return 1 + fill(version, parse(path("modele.md").read_text(encoding="utf-8")))
