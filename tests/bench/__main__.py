"""`make bench`: fill a temporary database, compare each page with the floor, print the table.

A machine may be busy, so this is no test: the exit status is 0 whatever the figures, unless a page crashed. With
`--strict` it is 1 if a page exceeds its ceiling.
"""

import os
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.settings"

from cpo.dev import embedded

if not os.environ.get("DATABASE_URL"):
    os.environ["DATABASE_URL"] = embedded.throw_away(Path(__file__).resolve().parent.parent.parent).url

import django

django.setup()

from django.core.management import call_command

from tests.bench.run import run


def arguments() -> Namespace:
    parser = ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--conventions", type=int, default=10_000, help="combien de conventions (10 000)")
    parser.add_argument("--times", type=int, default=15, help="visites par tour et par page (15)")
    parser.add_argument(
        "--only",
        default="",
        help="les seules pages dont le nom contient ce texte ; « pdf » ou « depot » : ce qu’un travail fait",
    )
    parser.add_argument("--sql", action="store_true", help="écrit les requêtes de chaque page, avec leur durée")
    parser.add_argument("--strict", action="store_true", help="sort avec 1 si un plafond est dépassé")
    return parser.parse_args()


def main() -> int:
    options = arguments()
    call_command("migrate", verbosity=0)
    call_command("load_reference", verbosity=0)
    table = run(options)
    return 1 if table.crashed or (table.slow and options.strict) else 0


if __name__ == "__main__":
    sys.exit(main())
