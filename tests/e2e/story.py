"""The chapters of the journey, in their order. Each says its day, and leaves a convention to the next."""

from collections.abc import Callable
from pathlib import Path

from tests.e2e import drafting, negotiation, year
from tests.e2e.cast import Cast


class Stage:
    """The people on stage, each with their browser, the clock, and a folder for what they download."""

    cast: Cast

    def __init__(self, people: Callable[[], Cast], at: Callable[[str], None], folder: Path) -> None:
        self.people, self.at, self.folder = people, at, folder
        self.errors: list[str] = []

    def begin(self) -> None:
        """Everybody comes in anew, where the chapter before ended."""
        if "cast" in vars(self):
            self.cast.another_day()
        self.cast = self.people()
        self.cast.errors = self.errors

    def day(self, moment: str) -> None:
        """Go to a day, at ten; who was signed in signs in again."""
        self.at(f"{moment} 10:00")
        if "cast" in vars(self):
            self.cast.another_day()


def the_convention_is_drafted(stage: Stage) -> None:
    stage.day("2025-09-15")
    cast = stage.cast
    drafting.give_codes(cast.national_admin)
    drafting.create(cast)
    drafting.name_signatories(cast.officer)
    drafting.give_money(cast.officer)
    drafting.inform(cast.officer)
    drafting.depart_from_model(cast.officer)


def the_programme_is_written(stage: Stage) -> None:
    stage.day("2025-09-16")
    cast = stage.cast
    negotiation.share(cast)
    drafting.write_programme(cast.director)
    drafting.identify(cast)
    drafting.inform_as_association(cast.director)
    drafting.give_pieces(cast.director)


def it_is_negotiated(stage: Stage) -> None:
    stage.day("2025-09-29")
    negotiation.propose_first(stage.cast, stage.folder)
    negotiation.counter(stage.cast)
    negotiation.edit_after_agreement(stage.cast)


def it_is_signed(stage: Stage) -> None:
    stage.day("2025-11-03")
    cast = stage.cast
    negotiation.endorse(cast)
    negotiation.read_document(cast, stage.folder)
    negotiation.sign(cast, "president")
    negotiation.sign(cast, "signatory")
    negotiation.notify(cast)


CHAPTERS = (
    the_convention_is_drafted,
    the_programme_is_written,
    it_is_negotiated,
    it_is_signed,
)
