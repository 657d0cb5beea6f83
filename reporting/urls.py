"""Addresses of the yearly cycle, of the payments and of the dashboard."""

from django.urls import path

from .views import (
    campaigns,
    dashboard,
    deadlines,
    emails,
    failed_jobs,
    home,
    kinds,
    payments,
    reference_home,
    rules,
    search,
    taking_over,
)
from .views.meetings import conclusion, minutes, planning, signing
from .views.meetings import detail as meeting_detail
from .views.reports import decisions, detail, late_acts, lists, papers, parts, transitions, versions

MONEY = "conventions/<str:number>/versements/"
MEETINGS = "conventions/<str:number>/reunions/"
MEETING = f"{MEETINGS}<whole:pk>/"
REPORT = "rapports/<str:number>/<whole:year>/"

urlpatterns = [
    path("", home.home, name="home"),
    path("recherche/", search.search, name="search"),
    path("rapports/", lists.report_list, name="report-list"),
    path("rapports/liste.csv", lists.report_list_csv, name="report-list-csv"),
    path("conventions/<str:number>/rapports/", lists.convention_reports, name="convention-reports"),
    path("conventions/<str:number>/reprise/", taking_over.taking_over, name="convention-taking-over"),
    path(
        "conventions/<str:number>/reprise/pieces/<whole:pk>/",
        taking_over.done_file,
        name="convention-taking-over-file",
    ),
    path(MONEY, payments.convention_payments, name="convention-payments"),
    path(f"{MONEY}engagements/nouveau/", payments.commitment_add, name="commitment-add"),
    path(f"{MONEY}engagements/<whole:pk>/annuler/", payments.commitment_void, name="commitment-void"),
    path(f"{MONEY}<whole:year>/debloquer/", payments.balance_release, name="balance-release"),
    path(f"{MONEY}<whole:year>/<whole:rank>/proposer/", payments.payment_propose, name="payment-propose"),
    path(f"{MONEY}<whole:pk>/action/<slug:name>/", payments.payment_transition, name="payment-transition"),
    path(REPORT, detail.report_detail, name="report-detail"),
    path(f"{REPORT}fiches/<uuid:key>/", parts.report_sheet, name="report-sheet"),
    path(f"{REPORT}synthese/", parts.report_general, name="report-general"),
    path(f"{REPORT}finances/", parts.report_finance, name="report-finance"),
    path(f"{REPORT}pieces/", papers.report_documents, name="report-documents"),
    path(f"{REPORT}pieces/<whole:pk>/", papers.report_attachment, name="report-attachment"),
    path(f"{REPORT}action/<slug:name>/", transitions.report_transition, name="report-transition"),
    path(f"{REPORT}reprendre-l-acte/", late_acts.take_over, name="report-take-over"),
    path(f"{REPORT}reponses/", versions.report_answers, name="report-answers"),
    path(f"{REPORT}envois/<whole:sending>/", versions.report_version, name="report-version"),
    path(f"{REPORT}envois/<whole:before>/<whole:after>/", versions.report_compare, name="report-compare"),
    path(
        f"{REPORT}envois/<whole:sending>/accuse-de-reception.pdf",
        versions.report_acknowledgement,
        name="report-acknowledgement",
    ),
    path(f"{REPORT}decisions/", decisions.report_decisions, name="report-decisions"),
    path(MEETINGS, planning.meeting_list, name="convention-meetings"),
    path(f"{MEETINGS}nouvelle/", planning.meeting_add, name="meeting-add"),
    path(MEETING, meeting_detail.meeting_detail, name="meeting-detail"),
    path(f"{MEETING}modifier/", planning.meeting_edit, name="meeting-edit"),
    path(f"{MEETING}releve/", minutes.meeting_minutes, name="meeting-minutes"),
    path(f"{MEETING}decisions/", minutes.meeting_decisions, name="meeting-decisions"),
    path(f"{MEETING}preparation/", meeting_detail.meeting_preparation, name="meeting-preparation"),
    path(f"{MEETING}conclusion/", conclusion.meeting_conclusion, name="meeting-conclusion"),
    path(f"{MEETING}signer/", signing.meeting_sign, name="meeting-sign"),
    path(f"{MEETING}original-signe/", signing.meeting_scan, name="meeting-scan"),
    path(f"{MEETING}reunion.ics", meeting_detail.meeting_ics, name="meeting-ics"),
    path(f"{MEETING}documents/", meeting_detail.meeting_file_add, name="meeting-file-add"),
    path(f"{MEETING}documents/<whole:file>/", meeting_detail.meeting_file, name="meeting-file"),
    path(f"{MEETING}action/<slug:name>/", meeting_detail.meeting_transition, name="meeting-transition"),
    path("campagnes/", campaigns.campaign_list, name="campaign-list"),
    path("campagnes/<slug:cycle>/<whole:year>/", campaigns.campaign_open, name="campaign-open"),
    path("echeances/", deadlines.deadline_index, name="deadline-list"),
    path("echeances/liste.csv", deadlines.deadline_csv, name="deadline-list-csv"),
    path("echeances/calendrier.ics", deadlines.deadline_calendar, name="deadline-calendar"),
    path("echeances/calendrier/<str:token>.ics", deadlines.deadline_feed, name="deadline-feed"),
    path("echeances/<whole:pk>/", deadlines.deadline_detail, name="deadline-detail"),
    path("echeances/<whole:pk>/faite/", deadlines.deadline_met, name="deadline-met"),
    path("echeances/rappels/<whole:pk>/", deadlines.reminder_message, name="reminder-message"),
    path("tableau-de-bord/", dashboard.dashboard, name="dashboard"),
    path("tableau-de-bord/liste/", dashboard.dashboard_list, name="dashboard-list"),
    path("referentiels/", reference_home.home, name="reference-home"),
    path("referentiels/travaux/", failed_jobs.failed_jobs, name="reference-jobs"),
    path("referentiels/pieces/", kinds.kinds, name="reference-kinds"),
    path("referentiels/pieces/<slug:key>/", kinds.kind, name="reference-kind"),
    path("referentiels/courriels-non-remis/", emails.undelivered_list, name="undelivered-messages"),
    path("referentiels/<slug:cycle>/echeances/", rules.rules, name="reference-rules"),
    path("referentiels/<slug:cycle>/echeances/<slug:key>/", rules.rule, name="reference-rule"),
    path("referentiels/<slug:cycle>/courriels/", emails.email_list, name="reference-emails"),
    path("referentiels/<slug:cycle>/courriels/<slug:key>/", emails.email, name="reference-email"),
]
