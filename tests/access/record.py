"""Print the current answers as blocks of the table. This helps to write the table and proves nothing.

Read every line against the rules of the product before keeping it:

python -m tests.access.record [word …]      # blocks whose name contains one of the words, or all blocks
"""

import os
import sys
import tempfile


def main(words: list[str]) -> None:
    import tests.cluster  # noqa: F401, I001  first: it gives Django its database
    import django

    django.setup()
    from django.conf import settings
    from django.db import transaction
    from django.test.utils import setup_test_environment

    setup_test_environment()
    settings.MEDIA_ROOT = tempfile.mkdtemp(prefix="cpo-")
    from tests import databases

    databases.begin("record")
    import time_machine

    from tests.conftest import START

    from . import addresses, table
    from .places import World
    from .runner import Walk
    from .walk import Asker

    with time_machine.travel(START, tick=True), transaction.atomic():
        world, asker = World(), Asker()
        for name, block in addresses.BLOCKS.items():
            if words and not any(word in name for word in words):
                continue
            walk = Walk(world, asker, name, block).run()
            answers = {key: tuple(row.values()) for key, row in walk.answers.items()}
            lines = [table.block_text(name, answers, block.places), *(f"# {problem}" for problem in walk.problems)]
            sys.stdout.write("\n".join(lines) + "\n\n")
            sys.stdout.flush()
        transaction.set_rollback(True)
    databases.end()


if __name__ == "__main__":
    os.environ.setdefault("PYTHONWARNINGS", "ignore")
    main(sys.argv[1:])
