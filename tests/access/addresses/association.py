"""The life of the association of the dossier: what is public of it, what both sides read, who writes which register."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from arml.models import Member, MemberFee
from cpo.lib import clock
from reporting.content.association import state_of
from reporting.models import AssociationImport
from reporting.spreadsheet.association import write_registers

from .base import Block, Place, form_values

MEMBER = {
    "name": "Mission locale Neuve",
    "siret": "73282932000074",
    "joined_on": "01/02/2026",
    "left_on": "",
    "department": "",
    "city": "",
}


def member(place: Place) -> Member:
    def create() -> Member:
        row = {"name": "Mission locale Ancienne", "siret": "55208131766522", "joined_on": dt.date(2024, 1, 1)}
        return Member.objects.create(organisation=place.beneficiary, **row)

    return place.once("member", create)  # type: ignore[no-any-return]


def fee(place: Place) -> MemberFee:
    def create() -> MemberFee:
        return MemberFee.objects.create(member=member(place), year=2025, asked=Decimal(900))

    return place.once("fee", create)  # type: ignore[no-any-return]


def of(register: str = "", row: Callable[[Place], Any] | None = None) -> Callable[[Place], dict[str, Any]]:
    def kwargs(place: Place) -> dict[str, Any]:
        fee(place)
        values: dict[str, Any] = {"key": place.beneficiary.key}
        if register:
            values["register"] = register
        if row:
            values["pk"] = row(place).pk
        return values

    return kwargs


def new_fee(place: Place) -> dict[str, Any]:
    return {"member": str(member(place).pk), "year": "2026", "asked": "900", "paid": ""}


def workbook(place: Place) -> dict[str, Any]:
    return {"workbook": SimpleUploadedFile("registres.xlsx", write_registers(place.beneficiary))}


def waiting(place: Place) -> dict[str, Any]:
    """A workbook that waits for the director and for the accountant of the association."""

    def create() -> None:
        for name in ("dir", "acc"):
            AssociationImport.objects.create(
                organisation=place.beneficiary,
                user=place.people[name],
                name="registres.xlsx",
                data=write_registers(place.beneficiary),
                state=state_of(place.beneficiary),
                created_at=clock.now(),
            )

    fee(place)
    place.once("registers waiting", create)
    return {"key": place.beneficiary.key}


BLOCKS = {
    "association": Block(kwargs=of()),
    "association-register members": Block(kwargs=of("adherentes")),
    "association-register fees": Block(kwargs=of("cotisations")),
    "association-add members": Block(kwargs=of("adherentes"), post=form_values(**MEMBER)),
    "association-add fees": Block(kwargs=of("cotisations"), post=new_fee),
    "association-add notes": Block(kwargs=of("notes"), post=form_values(day="02/10/2026", text="Une note.")),
    "association-edit fees": Block(kwargs=of("cotisations", fee), post=form_values(paid="900")),
    "association-edit members": Block(kwargs=of("adherentes", member), post=form_values(city="Rennes")),
    "association-remove members": Block(kwargs=of("adherentes", member), takes=False),
    "association-remove fees": Block(kwargs=of("cotisations", fee)),
    "association-export": Block(kwargs=of()),
    "association-import": Block(kwargs=of(), post=workbook),
    "association-import-preview": Block(kwargs=waiting, post=form_values(abandon="1")),
}
