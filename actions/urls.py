"""Addresses of a programme and its budget (two tabs of a convention, by its number), and of the catalogue."""

from django.urls import path

from . import views
from .views import catalogue
from .views.catalogue import accounts, examples

PROGRAMME = "conventions/<str:number>/programme/"
SHEET = PROGRAMME + "<uuid:key>/"
BUDGET = "conventions/<str:number>/budget/"

urlpatterns = [
    path(PROGRAMME, views.ProgrammeDetail.as_view(), name="programme-detail"),
    path(PROGRAMME + "nouvelle/", views.SheetCreate.as_view(), name="sheet-create"),
    path(PROGRAMME + "exemples/", views.SheetFromExample.as_view(), name="sheet-from-example"),
    path(PROGRAMME + "impression/", views.ProgrammePrint.as_view(), name="programme-print"),
    path(PROGRAMME + "reprendre/", views.SheetsTake.as_view(), name="sheets-take"),
    path(PROGRAMME + "classeur.xlsx", views.ProgrammeExport.as_view(), name="programme-export"),
    path(PROGRAMME + "modele.xlsx", views.ProgrammeTemplate.as_view(), name="programme-template"),
    path(PROGRAMME + "importer/", views.ProgrammeImportUpload.as_view(), name="programme-import"),
    path(PROGRAMME + "importer/apercu/", views.ProgrammeImportPreview.as_view(), name="programme-import-preview"),
    path(SHEET, views.SheetDetail.as_view(), name="sheet-detail"),
    path(SHEET + "modifier/", views.SheetEdit.as_view(), name="sheet-edit"),
    path(SHEET + "indicateurs/", views.SheetIndicators.as_view(), name="sheet-indicators"),
    path(SHEET + "budget/", views.SheetBudget.as_view(), name="sheet-budget"),
    path(SHEET + "supprimer/", views.SheetDelete.as_view(), name="sheet-delete"),
    path(SHEET + "copier/", views.SheetDuplicate.as_view(), name="sheet-duplicate"),
    path(SHEET + "deplacer/", views.SheetMove.as_view(), name="sheet-move"),
    path(BUDGET, views.ProgrammeBudget.as_view(), name="programme-budget"),
    path(BUDGET + "structure/", views.ProgrammeStructure.as_view(), name="programme-structure"),
    path("referentiels/<slug:cycle>/valeurs/", catalogue.values, name="reference-values"),
    path("referentiels/<slug:cycle>/axes/", catalogue.axes, name="reference-axes"),
    path("referentiels/<slug:cycle>/axes/<whole:number>/", catalogue.axis, name="reference-axis"),
    path("referentiels/<slug:cycle>/indicateurs/", catalogue.indicators, name="reference-indicators"),
    path("referentiels/<slug:cycle>/indicateurs/<slug:code>/", catalogue.indicator, name="reference-indicator"),
    path(
        "referentiels/<slug:cycle>/indicateurs/<slug:code>/national/",
        catalogue.indicator_national,
        name="reference-indicator-national",
    ),
    path("referentiels/<slug:cycle>/exemples/", examples.examples, name="reference-examples"),
    path("referentiels/<slug:cycle>/exemples/ajouter/", examples.example_add, name="reference-example-add"),
    path("referentiels/<slug:cycle>/exemples/<slug:code>/", examples.example, name="reference-example"),
    path("referentiels/comptes/", accounts.accounts, name="reference-accounts"),
    path("referentiels/comptes/<slug:code>/", accounts.account, name="reference-account"),
]
