"""Addresses of the yearly cycle and of the dashboard."""

from django.urls import path

from .views import (
    campaigns,
    dashboard,
    deadlines,
    emails,
    failed_jobs,
    home,
    kinds,
    reference_home,
    reviews,
    rules,
    search,
    taking_over,
)
from .views.reports import detail, late_acts, lists, papers, parts, transitions, versions

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
    path(f"{REPORT}dialogue/", reviews.review, name="review"),
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
