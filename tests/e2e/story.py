"""The chapters of the journey, in their order. Each says its day, and leaves a convention to the next."""

from collections.abc import Callable
from pathlib import Path

from tests.e2e import controls, dialogue, drafting, ending, later, money, negotiation, report, second_year, third_year
from tests.e2e.cast import Cast

ANNUAL = f"{drafting.HOME.rstrip('/')}-F1/"


class Stage:
    """The people on stage, each with their browser, the clock, and a folder for what they download."""

    cast: Cast

    def __init__(self, people: Callable[[], Cast], at: Callable[[str], None], folder: Path) -> None:
        self.people, self.at, self.folder = people, at, folder
        self.errors: list[str] = []

    def begin(self) -> None:
        """Everybody comes in anew, where the chapter before ended."""
        if "cast" in vars(self):
            self.cast.leave()
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


def the_advance_is_paid(stage: Stage) -> None:
    stage.day("2025-11-24")
    money.pay_advance(stage.cast)


def the_report_is_late(stage: Stage) -> None:
    """Who must act is reminded, who is told is told; then it goes up, rung after rung."""
    stage.day("2026-01-15")
    report.open_campaign(stage.cast)
    told = {"director", "president", "accountant", "officer"}
    rungs = (("2026-05-31", -30, told), ("2026-06-30", 0, told), ("2026-07-07", 7, told))
    later = (("2026-07-15", 15, told | {"manager"}), ("2026-07-30", 30, told | {"manager", "national_admin"}))
    for day, rung, roles in rungs + later:
        stage.day(day)
        report.remind(stage.cast, rung, roles)
    stage.day("2026-08-03")
    report.read_late(stage.cast)


def the_report_is_filled_and_sent(stage: Stage) -> None:
    stage.day("2026-08-03")
    report.fill_report(stage.cast)
    report.submit(stage.cast, stage.folder)


def it_is_clarified_and_sent_back(stage: Stage) -> None:
    stage.day("2026-08-06")
    report.clarify(stage.cast, stage.day)
    stage.day("2026-08-17")
    report.send_back(stage.cast)
    stage.day("2026-08-24")
    report.complete(stage.cast)
    report.compare(stage.cast.officer)


def it_is_admissible(stage: Stage) -> None:
    stage.day("2026-09-01")
    report.retain(stage.cast)
    report.admit(stage.cast, stage.folder)


def the_dialogue_is_held(stage: Stage) -> None:
    stage.day("2026-09-02")
    dialogue.convene(stage.cast, report.REPORT)
    stage.day("2026-09-14")
    dialogue.hold(stage.cast, report.REPORT)
    for role in ("president", "signatory"):
        dialogue.sign_minutes(stage.cast, report.REPORT, role)
    dialogue.read_minutes(stage.cast, report.REPORT, stage.folder)


def the_year_is_concluded(stage: Stage) -> None:
    """The conclusion opens the annual act, pre-filled; both sign it, and the balance of the year is paid."""
    stage.day("2026-09-21")
    words = {"year": "2025", "opens": "acte financier 2027", "amount": "60 000"}
    dialogue.conclude(stage.cast, report.REPORT, **words)
    later.agree(stage.cast, ANNUAL, "officer", "director")
    later.sign(stage.cast, ANNUAL)
    later.notify(stage.cast, ANNUAL)


def the_balance_is_paid(stage: Stage) -> None:
    stage.day("2026-09-28")
    money.pay_first_balance(stage.cast)


def the_accounts_are_controlled(stage: Stage) -> None:
    stage.day("2026-10-05")
    controls.control(stage.cast)
    stage.day("2026-10-15")
    controls.find(stage.cast)
    stage.day("2026-10-20")
    controls.correct(stage.cast)
    stage.day("2026-11-16")
    controls.decide(stage.cast)


def the_next_instalment_bears_the_correction(stage: Stage) -> None:
    stage.day("2026-12-01")
    controls.bear(stage.cast)


def an_avenant_drops_a_fiche(stage: Stage) -> None:
    stage.day("2026-12-07")
    second_year.ask(stage.cast)
    stage.day("2027-01-11")
    later.sign(stage.cast, second_year.AVENANT)


def it_arrives_after_the_report_was_opened(stage: Stage) -> None:
    stage.day("2027-01-15")
    second_year.open_campaign(stage.cast.national_admin)
    stage.day("2027-01-18")
    later.notify(stage.cast, second_year.AVENANT)
    second_year.read_late_act(stage.cast)


def the_second_report_is_admissible(stage: Stage) -> None:
    stage.day("2027-06-14")
    second_year.fill_report(stage.cast)
    second_year.send(stage.cast)
    second_year.admit(stage.cast, second_year.REPORT, stage.folder, "93 000")


def it_is_reopened(stage: Stage) -> None:
    stage.day("2027-09-06")
    figures = second_year.declared(stage.cast.officer)
    second_year.reopen(stage.cast)
    second_year.send(stage.cast)
    second_year.admit(stage.cast, second_year.REPORT, stage.folder, "93 000")
    assert second_year.declared(stage.cast.officer) == figures


def the_second_year_is_concluded(stage: Stage) -> None:
    """No act follows: the amount of the last year was fixed by the annual act."""
    stage.day("2027-09-13")
    dialogue.hold_again(stage.cast, second_year.REPORT, "10/09/2027", "Deux fiches suffisent.")
    dialogue.conclude(stage.cast, second_year.REPORT, year="2026", opens="aucun acte")
    report.read_dashboard(stage.cast)


def the_last_year_is_paid(stage: Stage) -> None:
    stage.day("2027-09-20")
    money.pay_last_year(stage.cast)


def the_last_year_is_forecast(stage: Stage) -> None:
    """In the last quarter: the landing forecast, and the evaluation shared for the association to answer."""
    stage.day("2027-10-18")
    third_year.forecast(stage.cast)
    ending.prepare_evaluation(stage.cast)
    stage.day("2027-11-08")
    ending.answer_evaluation(stage.cast)


def the_last_report_is_opened(stage: Stage) -> None:
    stage.day("2028-01-17")
    second_year.open_campaign(stage.cast.national_admin, 2027)
    third_year.read_opened(stage.cast)
    ending.read_missing(stage.cast)


def the_last_report_is_signed(stage: Stage) -> None:
    """Filled, sent, and signed by the president; a pièce is refused, and replaced before the report is admissible."""
    stage.day("2028-05-15")
    third_year.fill_report(stage.cast)
    stage.day("2028-05-22")
    third_year.check_papers(stage.cast)
    second_year.admit(stage.cast, third_year.REPORT, stage.folder, "91 000")


def the_last_year_is_concluded(stage: Stage) -> None:
    stage.day("2028-06-12")
    dialogue.hold_again(stage.cast, third_year.REPORT, "09/06/2028", "Le programme est réalisé.")
    dialogue.conclude(stage.cast, third_year.REPORT, year="2027")


def it_is_evaluated(stage: Stage) -> None:
    stage.day("2028-06-19")
    ending.conclude_evaluation(stage.cast, stage.folder)


def the_convention_is_closed(stage: Stage) -> None:
    stage.day("2028-06-26")
    ending.close(stage.cast, stage.folder)


CHAPTERS = (
    the_convention_is_drafted,
    the_programme_is_written,
    it_is_negotiated,
    it_is_signed,
    the_advance_is_paid,
    the_report_is_late,
    the_report_is_filled_and_sent,
    it_is_clarified_and_sent_back,
    it_is_admissible,
    the_dialogue_is_held,
    the_year_is_concluded,
    the_balance_is_paid,
    the_accounts_are_controlled,
    the_next_instalment_bears_the_correction,
    an_avenant_drops_a_fiche,
    it_arrives_after_the_report_was_opened,
    the_second_report_is_admissible,
    it_is_reopened,
    the_second_year_is_concluded,
    the_last_year_is_paid,
    the_last_year_is_forecast,
    the_last_report_is_opened,
    the_last_report_is_signed,
    the_last_year_is_concluded,
    it_is_evaluated,
    the_convention_is_closed,
)
