"""The description of its act that a version contains."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from conventions.enums import Origin
from conventions.later.in_force import applied_acts
from conventions.models import Act, Version


def identity(act: Act) -> dict[str, Any]:
    """The kind and title of the act; for a later act, also its terms and the signed version that it changes."""
    title = "Convention pluriannuelle d’objectifs"
    if act.number == 0:
        return {"number": 0, "kind": act.kind, "title": title}
    base = Version.objects.filter(act=act.base_id).select_related("act__convention").defer("content").latest("number")
    return {
        "number": act.number,
        "kind": act.kind,
        "title": f"{act.name} à la {title[0].lower()}{title[1:]}",
        "reference": act.reference,
        "name": act.name,
        "topic": act.topic,
        "year": act.year,
        "purpose": act.purpose,
        "cause": act.cause,
        "consequences": act.consequences,
        "effective_on": act.effective_on.isoformat(),
        "base": {
            "reference": base.act.reference,
            "name": base.act.name,
            "version": base.number,
            "content_sha256": base.content_sha256,
            "signed_on": _signed_on(base.act),
            **_scan(base.act),
        },
        "holds": [
            {
                "name": signed_act.name,
                "signed_on": _signed_on(signed_act),
                "effective_on": signed_act.effective_on.isoformat(),
            }
            for signed_act in applied_acts(base.act)
        ],
    }


def terms_of(content: Mapping[str, Any]) -> dict[str, Any]:
    """The purpose, cause, consequences and dates of the act that a content describes."""
    act = content["act"]
    return {name: act[name] for name in ("purpose", "cause", "consequences")} | {
        "effective_on": dt.date.fromisoformat(act["effective_on"]),
        "ends_on": dt.date.fromisoformat(content["convention"]["ends_on"]),
    }


def _scan(act: Act) -> dict[str, str]:
    """The hash of the scan that is the text of an act signed on paper; nothing for the others."""
    if act.origin != Origin.PAPER:
        return {}
    document = act.documents.to_sign().select_related("file").first()
    return {"scan_sha256": document.file.sha256} if document else {}


def _signed_on(act: Act) -> str | None:
    day = act.signed_on or act.notified_on
    return day.isoformat() if day else None
