"""The value of every variable of the model for an act, formatted as the document prints it."""

from typing import Any

from cpo.lib.dates import french_date

from .models import Act


def resolve_values(act: Act, content: dict[str, Any]) -> dict[str, str | list[str]]:
    """Return name → text, or list of texts; "" where nothing was given yet. Reads only what `act` has prefetched."""
    cycle = act.programme.cycle
    values: dict[str, str | list[str]] = {text.name: text.value for text in cycle.texts.all()}
    values |= {
        "numero_convention": act.convention.number,
        "annees_convention": cycle.years_label,
        "date_effet": french_date(act.effective_on),
        "date_fin": french_date(act.ends_on),
        "liste_territoires": [territory["name"] for territory in content["territories"]],
        "liste_axes": [axis["label"] for axis in content["axes"]],
    }
    return values | act.values
