"""Write the reminders due on a day, as the schedule does, without a broker. A dry run by default."""

import datetime as dt
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from cpo.lib.mail.emails import deliver
from reporting.services import reminders


class Command(BaseCommand):
    help = "Écrit les rappels d’échéance d’un jour (sans --send, dit seulement ce qui partirait)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--on", metavar="AAAA-MM-JJ", help="jour considéré (par défaut : aujourd’hui dans chaque territoire)"
        )
        parser.add_argument("--send", action="store_true", help="écrit et envoie vraiment")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            on = dt.date.fromisoformat(options["on"]) if options["on"] else None
        except ValueError:
            raise CommandError(f"Date attendue au format AAAA-MM-JJ, reçu « {options['on']} ».") from None
        if on and not 2000 <= on.year <= 2100:
            raise CommandError("Date attendue entre 2000 et 2100.")
        if options["send"]:
            reminders.sync_all(on)
            count = reminders.run(on)
            delivered_count = deliver(limit=None)
            self.stdout.write(f"{delivered_count} courriel(s) remis au serveur de messagerie.")
            self.stdout.write(f"{count} rappel(s) écrit(s).")
            return
        with transaction.atomic():  # compute the deadlines of the day as `--send` does, then roll back
            reminders.sync_all(on)
            count = self._tell(on)
            transaction.set_rollback(True)
        self.stdout.write(f"{count} rappel(s) à envoyer (simulation, rien n’est écrit).")

    def _tell(self, on: dt.date | None) -> int:
        count = 0
        for due in reminders.plan(on):
            word = "dépassé" if due.outdated else "à envoyer"
            number = due.deadline.convention.number
            for user in due.recipients:
                self.stdout.write(f"{number} : {due.deadline}, J{due.rung:+d}, {user.email} : {word}")
                count += not due.outdated
        return count
