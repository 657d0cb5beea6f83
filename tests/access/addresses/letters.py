"""The letters of a service: on a convention, of a service, their texts."""

from collections.abc import Callable

from conventions.services import letters
from tests.factories.letters import TEXT, letter_in

from .base import Block, Place, constant, file, form_values, on_convention

ACTIVE = ("active",)


def letter(state: str) -> Callable[[Place], int]:
    def pk(place: Place) -> int:
        convention, officer = place.act.convention, place.people["off"]
        return place.once(f"letter {state}", lambda: letter_in(state, convention, by=officer)).pk

    return pk


def on_letter(name: str, state: str, **data: object) -> Block:
    return on_convention(form_values(**data), states=ACTIVE, pk=letter(state), name=constant(name))


def batch(place: Place) -> dict[str, str]:
    def make() -> str:
        convention, officer = place.act.convention, place.people["off"]
        day = convention.act.effective_on
        job = letters.ask_batch(kind="relance", text=TEXT, dated_on=day, conventions=[convention.pk], by=officer)
        return job.key

    return {"key": place.once("batch", make)}


def chosen(place: Place) -> dict[str, object]:
    return {"conventions": [str(place.act.convention_id)], "subject": "Relance", "body": "Un mot."}


def of_service(**more: str) -> Callable[[Place], dict[str, str]]:
    return lambda place: {"service": place.lead.key, **more}


def of_nation(place: Place) -> dict[str, str]:
    return {"service": "national", "kind": "relance"}


BLOCKS: dict[str, Block] = {
    "convention-letters": on_convention(states=("draft", "state-turn", "active", "abandoned")),
    "letter-add": on_convention(
        form_values(subject="Relance", body="Un mot."), states=("active", "state-turn"), kind=constant("relance")
    ),
    "letter-step sign": Block(
        ACTIVE,
        on_letter("sign", "to_sign").kwargs,
        lambda place: {"signatory_name": "Alex Exemple", "capacity": "directeur", "scan": file()},
    ),
    "letter-step send": on_letter("send", "signed", means="courriel"),
    "letter-step void": on_letter("void", "to_sign", comment="Une erreur."),
    "letter-file": on_convention(states=ACTIVE, pk=letter("sent"), what=constant("signee")),
    "letter-list": Block(),
    "letter-batch": Block(("active",), lambda place: {"kind": "relance"}, chosen),
    "letter-batch-progress": Block(("active",), batch),
    "letter-templates": Block(kwargs=of_service()),
    "letter-template": Block(kwargs=of_service(kind="relance"), post=form_values(subject="Relance", body="Un mot.")),
    "letter-template national": Block(kwargs=of_nation, post=form_values(subject="x", body="y"), takes=False),
}
