"""Write the reminders due on a day. Dry-run by default; works without a broker; the same work as the beat's."""

import datetime as dt
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from cpo.lib import clock, emails
from reporting.services import reminders


class Command(BaseCommand):
    help = "Écrit les rappels d’échéance d’un jour (sans --send, dit seulement ce qui partirait)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--on", metavar="AAAA-MM-JJ", help="jour considéré (aujourd’hui par défaut)")
        parser.add_argument("--send", action="store_true", help="écrit et envoie vraiment")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            on = dt.date.fromisoformat(options["on"]) if options["on"] else clock.today()
        except ValueError:
            raise CommandError(f"Date attendue au format AAAA-MM-JJ, reçu « {options['on']} ».") from None
        if options["send"]:
            reminders.sync_all()
            count = reminders.run(on)
            emails.deliver()
            self.stdout.write(f"{count} rappel(s) écrit(s).")
            return
        count = 0
        for due in reminders.plan(on):
            for user in due.recipients:
                word = "dépassé" if due.outdated else "à envoyer"
                self.stdout.write(f"{due.deadline} J{due.rung:+d} {user.email} : {word}")
                count += not due.outdated
        self.stdout.write(f"{count} rappel(s) à envoyer (simulation, rien n’est écrit).")
