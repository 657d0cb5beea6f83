"""The contents that are hardest to lay out: sixty fiches, the longest amounts, words without end, pasted characters."""

import copy
import itertools
from typing import Any

from cpo.lib.wording.characters import clean

AMOUNT = "999999999.99"
PRINTED = "999\u00a0999\u00a0999,99"
WORD = "Anticonstitutionnellement" * 8
ADDRESS = "coordination.regionale-du-programme@association-regionale-des-missions-locales.example"
PASTED = clean("Le \ufb01nancement ➢ du 1ᵉʳ semestre \uf0d8 en Ille-et-Vilaine, e\u0301té, 𝗴𝗿𝗮𝘀")
TITLE = "Coordination interdépartementale et accompagnement individualisé des parcours vers l’emploi durable"


def heavy(content: dict[str, Any], fiches: int = 60) -> dict[str, Any]:
    """The content of a convention with `fiches` fiches, the longest amounts, words and addresses."""
    whole = copy.deepcopy(content)
    models = itertools.islice(itertools.cycle(whole["sheets"]), fiches)
    whole["sheets"] = [_sheet(copy.deepcopy(model), rank) for rank, model in enumerate(models, start=1)]
    for row in (*whole["contributions"], *whole["instalments"], *whole["structure"]["expenses"]):
        row["amount"] = AMOUNT
    for article in whole["articles"]:
        if article["key"] in ("objet", "preambule"):
            article["body"] += f"\n\n{PASTED} {WORD} écrire à {ADDRESS}, montant 999 999 999,99 €."
    for party in whole["parties"]:
        party["signatory_name"] += f" {WORD[:40]}"
        party["address"] = f"{party['address']}, {ADDRESS}"
    return whole


def _sheet(sheet: dict[str, Any], rank: int) -> dict[str, Any]:
    sheet |= {"key": f"fiche-{rank}", "code": f"EX-{rank:02d}", "title": f"{TITLE} {rank}"}
    for line in (*sheet["expenses"], *sheet["resources"]):
        line["amount"] = AMOUNT
    if rank % 7 == 0:
        sheet["context"] = f"{PASTED}. " * 60
        sheet["title"] += f" {WORD}"
    if rank % 5 == 0:
        sheet["indicators"][0]["label"] += f" {WORD}"
        sheet["partners"] = [*sheet["partners"], WORD, ADDRESS]
    return sheet
