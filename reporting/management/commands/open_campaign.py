"""Open the reports of a year, as the schedule does. A dry run by default."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from actions.models import Cycle
from cpo.lib.workflow import Refused
from reporting.deadlines.reported import campaign_years, pending
from reporting.services.campaigns import open_campaign


class Command(BaseCommand):
    help = "Ouvre les comptes rendus d’une année (sans --open, dit seulement lesquels s’ouvriraient)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("year", metavar="ANNEE", type=int, help="année des comptes rendus")
        parser.add_argument("--open", action="store_true", help="ouvre vraiment")

    def handle(self, *args: Any, **options: Any) -> None:
        year = options["year"]
        cycles = [cycle for cycle in Cycle.objects.all() if year in campaign_years(cycle)]
        if not cycles:
            raise CommandError(f"Aucune convention d’aucun cycle ne comprend l’année {year}.")
        count = 0
        for cycle in cycles:
            if not options["open"]:
                for convention in pending(cycle, year):
                    self.stdout.write(f"{convention.number} {convention.dossier.beneficiary} : à ouvrir")
                    count += 1
                continue
            try:
                count += open_campaign(cycle, year)
            except Refused as refusal:
                raise CommandError(refusal.message) from None
        ending = "ouvert(s)" if options["open"] else "à ouvrir (simulation, rien n’est écrit)"
        self.stdout.write(f"{count} compte(s) rendu(s) {ending}.")
