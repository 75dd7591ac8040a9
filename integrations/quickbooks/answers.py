"""An HTTP answer of the Accounting API: either its members, or the fault it stands for.

QBO reports errors in JSON of two casings, in XML (429), as a proxy's HTML page (502), and with
status 200 too: the body is looked at first.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from msgspec import Raw

from integrations.quickbooks import faults, pages, transport

_XML_CODE = re.compile(rb'<Error[^>]*\bcode="(\d+)"')
_XML_TYPE = re.compile(rb'<Fault[^>]*\btype="(\w+)"')
_XML_DETAIL = re.compile(rb"<Detail>(.*?)</Detail>", re.DOTALL)
_HOLDER = re.compile(r"\bId=(\d+)")
_TAKEN_BY = re.compile(r"\bTxnId=(\d+)")
_TAKEN_BY_TYPE = re.compile(r"\bTxnType=(\w+)")
_LONGEST_WAIT = 3600.0

_OF_CODE: dict[str, type[faults.QuickBooksError]] = {
    "120": faults.Forbidden,
    "610": faults.NotFound,
    "3001": faults.Throttled,
    "3100": faults.Forbidden,
    "3202": faults.SubscriptionEnded,
    "4002": faults.UnreadablePage,
    "5010": faults.StaleObject,
    "5020": faults.Forbidden,
    "6140": faults.DuplicateNumber,
    "6190": faults.SubscriptionEnded,
    "6240": faults.DuplicateName,
}


@dataclass(frozen=True, slots=True)
class Complaint:
    """One error of a fault, whatever its casing was."""

    code: str = ""
    detail: str = ""
    element: str = ""
    found: bool = False


def members_of(status: int, headers: Mapping[str, str], body: bytes) -> dict[str, Raw]:
    """Return the members of a good answer. Raises the fault that a bad one stands for."""
    try:
        members = pages.split_object(body)
    except faults.UnexpectedAnswer:
        raise fault_of(status, headers, _from_xml(body)) from None
    complaint = complaint_in(members)
    if complaint.found or status != 200:
        raise fault_of(status, headers, complaint)
    return members


def fault_of(
    status: int, headers: Mapping[str, str], complaint: Complaint
) -> faults.QuickBooksError:
    """Return the exception for an answer, by its code first and its status second."""
    kind = _kind_of(status, complaint)
    known: dict[str, Any] = {
        "code": complaint.code,
        "status": status,
        "intuit_tid": transport.trace_id(headers),
        "detail": complaint.detail,
    }
    if issubclass(kind, faults.Throttled):
        return kind(retry_after=retry_after(headers.get("Retry-After")), **known)
    if not issubclass(kind, faults.Rejected):
        return kind(**known)
    fault = kind(element=complaint.element, **known)
    if isinstance(fault, faults.DuplicateName):
        fault.holder_id = _first(_HOLDER, complaint.detail)
    if isinstance(fault, faults.DuplicateNumber):
        fault.txn_id = _first(_TAKEN_BY, complaint.detail)
        fault.txn_type = _first(_TAKEN_BY_TYPE, complaint.detail)
    return fault


def complaint_in(members: Mapping[str, Raw]) -> Complaint:
    """Return the error that decides: the first with a meaning of its own, else the first."""
    raw = members.get("Fault") or members.get("fault")
    fault = pages.plain(raw) if raw is not None else None
    if not isinstance(fault, dict):
        return Complaint()
    listed = fault.get("Error") or fault.get("error") or [{}]
    complaints = [_complaint(each) for each in listed if isinstance(each, dict)]
    if not complaints:
        return Complaint(found=True)
    return next((each for each in complaints if each.code in _OF_CODE), complaints[0])


def retry_after(value: str | None, now: datetime | None = None) -> float | None:
    """Return the seconds a Retry-After header asks for, at most an hour; None without one."""
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            until = parsedate_to_datetime(value)
        except ValueError:
            return None
        seconds = (until.astimezone(UTC) - (now or datetime.now(UTC))).total_seconds()
    if seconds != seconds:
        return None
    return min(max(seconds, 0.0), _LONGEST_WAIT)


def _kind_of(status: int, complaint: Complaint) -> type[faults.QuickBooksError]:
    if status == 429:
        return faults.Throttled
    of_code = _OF_CODE.get(complaint.code)
    if of_code is not None:
        return of_code
    if status == 401:
        return faults.Unauthorized
    if status == 403:
        return faults.Forbidden
    if status == 408:
        return faults.TimedOut
    if status >= 500:
        return faults.ServerTrouble
    if complaint.code == "3200":
        return faults.Unauthorized
    return faults.Rejected if complaint.found else faults.UnexpectedAnswer


def _complaint(error: dict[str, object]) -> Complaint:
    texts = (error.get(key) for key in ("Detail", "detail", "Message", "message"))
    return Complaint(
        code=str(error.get("code") or "").lstrip("0"),
        detail=next((str(text) for text in texts if text), ""),
        element=str(error.get("element") or ""),
        found=True,
    )


def _from_xml(body: bytes) -> Complaint:
    code = _XML_CODE.search(body)
    if code is None and _XML_TYPE.search(body) is None:
        return Complaint()
    detail = _XML_DETAIL.search(body)
    return Complaint(
        code=code[1].decode() if code else "",
        detail=detail[1].decode("utf-8", "replace") if detail else "",
        found=True,
    )


def _first(pattern: re.Pattern[str], text: str) -> str | None:
    found = pattern.search(text)
    return found[1] if found else None
