"""Load the demonstration: fictitious people, fifteen conventions in every state, 2025 reports. Loads only once."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from actions.models import Cycle
from actions.services.catalogue import set_national
from arml.models import Organisation, User
from conventions.models import Convention
from cpo.lib import clock
from cpo.lib.enums import MailState
from cpo.lib.mail.emails import deliver
from cpo.lib.models import OutboxMessage
from cpo.lib.work.waking import without_waking
from reporting.demo import (
    agreement,
    association,
    chorus,
    controls,
    evaluation,
    funding,
    later,
    letters,
    openings,
    payments,
    people,
    year,
)
from reporting.demo.story import Story, at, load
from reporting.models import Deadline
from reporting.services import reminders
from reporting.services.campaigns import open_campaign
from reporting.services.deadlines import declare_met, is_met_automatically, sync

COMMON, CAMPAIGN = dt.date(2025, 2, 3), dt.date(2026, 1, 15)
REMINDER_DAYS = ((2026, 5, 1), (2026, 5, 31), (2026, 6, 23), (2026, 6, 30), (2026, 7, 7), (2026, 7, 15), (2026, 10, 16))


def refresh_statistics() -> None:
    """Make PostgreSQL plan again: it planned for empty tables, and no statistics come before the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


class Command(BaseCommand):
    help = "Charge les données fictives de démonstration (mode démonstration seulement)."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("Les données de démonstration ne se chargent qu’en mode démonstration (DEMO=1).")
        if User.objects.filter(is_demo=True).exists():
            self.stdout.write("Données de démonstration déjà présentes.")
            return
        with without_waking(), transaction.atomic():
            self.tell()
        self.stdout.write(f"Démonstration : {Convention.objects.count()} conventions, {User.objects.count()} comptes.")

    def tell(self) -> None:
        rows = load("histoires")["histoires"]
        cycle = Cycle.objects.latest("first_year")
        everybody = people.make_people(rows)
        organisations = Organisation.objects.in_bulk(field_name="key")
        with clock.set_to(at(COMMON)):
            for code in load("histoires")["indicateurs_nationaux"]:
                set_national(cycle=cycle, code=code, national=True, by=self.national_admin())
        acts = []
        for row in rows:
            story = self.story(row, cycle, organisations, everybody)
            acts.append((story, agreement.tell(story)))
            if len(acts) == 1:
                refresh_statistics()
            self.stdout.write(f"  {story.arml} : {story.step}")
        with clock.set_to(at(CAMPAIGN)):
            open_campaign(cycle, cycle.first_year)
        self.meet_deadlines(acts)
        for rank, (story, act) in enumerate(acts):
            if story.step == "active":
                funding.tell_funding(story, act, rank)
                year.tell_year(story, act)
            later.tell_acts(story, act)
            if story.step == "active":
                payments.tell_payments(story, act, rank, late=self.is_late(rank))
                controls.tell_controls(story, act)
                openings.tell_openings(story, act)
                evaluation.tell_diagnosis(story, act)
                evaluation.tell_forecast(story, act)
                evaluation.tell_evaluation(story, act)
                letters.tell_letters(story, act)
            association.tell_association(story)
        for key in ("dreets-auvergne-rhone-alpes", "dreets-bretagne"):
            officer = User.objects.filter(memberships__organisation__key=key, memberships__role="officer").first()
            if officer:
                chorus.send_extract(officer)
        for parts in REMINDER_DAYS:
            day = dt.date(*parts)
            with clock.set_to(at(day, 8)):
                reminders.run(day)
        for message in OutboxMessage.objects.filter(state=MailState.WAITING).order_by("created_at", "id"):
            with clock.set_to(message.created_at):
                deliver(limit=1)

    def story(
        self, row: dict[str, Any], cycle: Cycle, organisations: dict[str, Organisation], everybody: dict[Any, User]
    ) -> Story:
        return Story(
            cycle=cycle,
            arml=organisations[row["arml"]],
            lead=organisations[row["service"]],
            cosigners=[organisations[key] for key in row.get("cosignataires", [])],
            programme=row["programme"],
            step=row["etape"],
            people=everybody,
            signed_on=row.get("signee"),
            report=row.get("rapport", ""),
            paper=row.get("papier", False),
            outside_visa=row.get("visa_exterieur", False),
            factor=Decimal(row.get("facteur", "1")),
            sheets=row.get("fiches"),
            acts=row.get("actes", []),
        )

    @staticmethod
    def national_admin() -> User:
        return User.objects.get(is_demo=True, memberships__role="national_admin")

    @staticmethod
    def is_late(rank: int) -> bool:
        """Whether the officer of a story is late in 2026."""
        return rank % 5 == 2

    def meet_deadlines(self, acts: list[Any]) -> None:
        """Declare the deadlines met in time, except for a few conventions whose officer is late in 2026."""
        for rank, (story, act) in enumerate(acts):
            if story.step != "active":
                continue
            convention = agreement.convention_of(act)
            with clock.set_to(at(CAMPAIGN)):
                sync(convention)
            late = self.is_late(rank)
            for deadline in Deadline.objects.of_rules().filter(
                convention=convention, met_on=None, due_on__lt=dt.date(2026, 11, 1)
            ):
                if is_met_automatically(deadline) or (late and deadline.due_on.year == 2026):
                    continue
                day = deadline.due_on - dt.timedelta(days=3)
                with clock.set_to(at(day, 14)):
                    declare_met(deadline, on=day, by=story.user("officer"))
