"""The compte rendu financier of the demonstration, printed, and signed by the president in the application."""

from conventions.enums import SignatureMode
from conventions.models import Signature
from cpo.lib import clock
from cpo.lib.models import Job
from cpo.lib.work import jobs
from reporting.jobs import FINANCIAL_REPORT
from reporting.models import Report
from reporting.services import signing

from .story import Story


def sign_financial_report(story: Story, report: Report) -> None:
    """Print what was sent, then sign it; the steps of a real signature ask for a password and a code."""
    job = Job.objects.get(kind=FINANCIAL_REPORT, key=f"report:{report.pk}:{report.round}")
    jobs.run(job.pk)
    president, paper = story.user("president"), signing.financial_report_of(report)
    assert paper is not None  # noqa: S101  it is printed
    party = paper.party_of(paper.option(president, SignatureMode.BROWSER).actor)
    signature = Signature(
        document=paper.document,
        party=party,
        mode=SignatureMode.BROWSER,
        signatory_name=str(president),
        capacity=signing.capacity_of("president"),
        signed_on=clock.today(report.dossier.time_zone),
        recorded_at=clock.now(),
        recorded_by=president,
        file_sha256=paper.document.file.sha256,
        proof={"demonstration": True},
    )
    paper.record(president, comment="", data={"signature": signature})
