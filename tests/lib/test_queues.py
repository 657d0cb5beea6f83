"""A list of rows is worked through to its end, whatever one of them does."""

import pytest

from cpo.lib.models import EmailTemplate
from cpo.lib.work.queues import each

pytestmark = pytest.mark.django_db


def test_one_row_that_fails_is_told_undone_and_left(caplog: pytest.LogCaptureFixture) -> None:
    def work(key: str) -> int:
        EmailTemplate.objects.create(key=f"essai-{key}", subject="", body="")
        return 1 if key != "b" else 1 // 0

    assert each("abc", work, what="letters") == 2
    assert sorted(EmailTemplate.objects.filter(key__startswith="essai-").values_list("key", flat=True)) == [
        "essai-a",
        "essai-c",
    ]
    assert "letters: 'b' failed" in caplog.text


def test_an_error_of_the_database_does_not_break_the_transaction_of_the_others() -> None:
    EmailTemplate.objects.create(key="essai-b", subject="", body="")
    assert each("abc", lambda key: EmailTemplate.objects.create(key=f"essai-{key}") is not None, what="letters") == 2
