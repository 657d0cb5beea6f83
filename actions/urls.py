"""Addresses of the application."""

from django.urls import path

from .views import reference

urlpatterns = [
    path("referentiels/<slug:cycle>/valeurs/", reference.values, name="reference-values"),
    path("referentiels/<slug:cycle>/axes/", reference.axes, name="reference-axes"),
    path("referentiels/<slug:cycle>/axes/<int:number>/", reference.axis, name="reference-axis"),
    path("referentiels/<slug:cycle>/indicateurs/", reference.indicators, name="reference-indicators"),
    path("referentiels/<slug:cycle>/indicateurs/<slug:code>/", reference.indicator, name="reference-indicator"),
    path(
        "referentiels/<slug:cycle>/indicateurs/<slug:code>/national/",
        reference.indicator_national,
        name="reference-indicator-national",
    ),
]
