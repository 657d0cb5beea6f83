"""Whether the name of a certificate is that of the person announced."""

import re

from cpo.lib.wording.accents import plain

# Courtesy titles don't tell persons apart.
TITLES = {"m", "mr", "mme", "mlle", "monsieur", "madame", "dr", "me", "maitre"}


def same_person(announced: str, certified: str) -> bool:
    """Whether every word of the announced name stands in the certified one, in any order.

    « Camille Exemple » is « EXEMPLE Camille Léa ». Accents, case and hyphens don't count; two words at least are asked.
    """
    wanted = _words(announced)
    return len(wanted) > 1 and wanted <= _words(certified)


def _words(name: str) -> set[str]:
    return {word for word in re.split(r"[^a-z0-9]+", plain(name)) if word} - TITLES


def same_typed(typed: str, printed: str) -> bool:
    """Whether what was typed from the paper is what the paper bears; case, spaces and dashes don't count."""
    return bool(printed) and bare(typed) == bare(printed)


def bare(text: str) -> str:
    """Letters and digits alone, in lower case: what somebody recopies of a reference or of a hash."""
    return re.sub(r"[^0-9a-z]", "", text.lower())
