"""The Accounting API of one company: python-quickbooks' client on a transport of our own."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Self

import requests
from msgspec import Raw
from quickbooks import QuickBooks

from integrations.quickbooks import answers, faults, instants, pages, transport
from integrations.quickbooks.query import written_instant

MINOR_VERSION: Final = 75
CDC_LIMIT: Final = 1000
"""The most objects one CDC answer holds; one with as many may have been cut."""

_FROM = re.compile(r"\bFROM\s+(\w+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class CallReport:
    """One call, for metering: `path` without realm and query, `status` 0 if none came, `ms` of
    wall clock. Reads (queries included) count against Intuit's allowance, writes do not."""

    method: str
    path: str
    status: int
    ms: float
    intuit_tid: str
    is_read: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """A good answer: `body` exactly as it came, `time` Intuit's clock (None if it sent none)."""

    status: int
    intuit_tid: str
    time: datetime | None
    body: bytes = field(repr=False)
    members: Mapping[str, Raw] = field(repr=False)

    def object(self, kind: str) -> bytes:
        """Return the JSON of the answer's object. Raises UnexpectedAnswer if it has none."""
        if kind not in self.members:
            raise faults.UnexpectedAnswer(status=self.status, intuit_tid=self.intuit_tid)
        return bytes(self.members[kind])

    def told_time(self) -> datetime:
        """Return Intuit's clock. Raises UnexpectedAnswer: no cursor may move without it."""
        if self.time is None:
            raise faults.UnexpectedAnswer(status=self.status, intuit_tid=self.intuit_tid)
        return self.time


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a query: each record's exact JSON, and Intuit's clock when it answered."""

    kind: str
    time: datetime
    records: list[bytes] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed: a list per kind asked for, deleted ones last as stubs, and Intuit's clock."""

    time: datetime
    by_kind: dict[str, list[bytes]] = field(repr=False)

    @property
    def may_be_cut(self) -> bool:
        """Whether QBO's cap was reached, per list or in sum, and changes may be missing."""
        return sum(len(rows) for rows in self.by_kind.values()) >= CDC_LIMIT


class _Session(requests.Session):
    """Shaped as the library wants its session: it reads `access_token` from it."""

    def __init__(self, access_token: str) -> None:
        super().__init__()
        self.access_token = access_token
        transport.prepare(self, self._authorize)

    def _authorize(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self.access_token}"
        return request


class QuickBooksApi(QuickBooks):  # type: ignore[misc]
    """One company's API. Every method raises the exceptions of `faults`.

    `before_call(is_read)` runs before each request (the rate gate), `on_call(CallReport)` after
    it, answered or not; what they raise goes to the caller. Nothing is retried here. Several
    threads may read through one client: it keeps no state between calls but a pool of connections.
    Raises ValueError for a realm that is not plain letters and digits: it becomes part of a path.
    """

    def __new__(cls, **_: Any) -> Self:
        return super().__new__(cls, minorversion=MINOR_VERSION)  # type: ignore[no-any-return]

    def __init__(
        self,
        *,
        api_url: str,
        realm: str,
        access_token: str,
        on_call: Callable[[CallReport], object] | None = None,
        before_call: Callable[[bool], object] | None = None,
        timeouts: transport.Timeouts = (5.0, 115.0),
    ) -> None:
        if not (realm.isascii() and realm.isalnum()):
            raise ValueError("not a realm id")
        self._api_url = api_url.rstrip("/")
        self.company_id = realm
        self.session = _Session(access_token)
        self._on_call = on_call
        self._before_call = before_call
        self._timeouts = timeouts

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the pooled connections; the client may be used again."""
        self.session.close()

    def use_token(self, access_token: str) -> None:
        """Send this token from now on."""
        self.session.access_token = access_token

    @property
    def api_url(self) -> str:
        """The base of all addresses, ending in `/v3`."""
        return self._api_url

    def query(self, statement: str) -> Page:
        """Read one page. The statement travels in the body: it may hold people's addresses."""
        answer: Answer = super().query(statement)
        members = pages.split_object(answer.object("QueryResponse"))
        kind, rows = _only_list(members)
        named = _FROM.search(statement)
        return Page(kind or (named[1] if named else ""), answer.told_time(), rows)

    def count(self, statement: str) -> int:
        """Read a `SELECT COUNT(*)`."""
        answer: Answer = super().query(statement)
        members = pages.split_object(answer.object("QueryResponse"))
        total = pages.plain(members["totalCount"]) if "totalCount" in members else None
        if not isinstance(total, int):
            raise faults.UnexpectedAnswer(status=answer.status, intuit_tid=answer.intuit_tid)
        return total

    def cdc(self, kinds: Iterable[str], since: datetime) -> Changes:
        """Read what changed since then (at most 30 days back), each kind named in `by_kind`."""
        asked = list(kinds)
        answer: Answer = super().change_data_capture(",".join(asked), written_instant(since))
        by_kind: dict[str, list[bytes]] = {kind: [] for kind in asked}
        for block in _blocks(answer):
            kind, rows = _only_list(block)
            if kind:
                by_kind.setdefault(kind, []).extend(rows)
        return Changes(answer.told_time(), by_kind)

    def read(self, kind: str, external_id: str) -> bytes:
        """Read one object. Raises NotFound if it was deleted, or for what cannot be an id."""
        if not (external_id.isascii() and external_id.isalnum()):
            raise faults.NotFound
        answer: Answer = self.get_single_object(kind, external_id)
        return answer.object(kind)

    def company_info(self) -> bytes:
        """Read CompanyInfo, under the realm this client was made for."""
        answer: Answer = self.get_single_object("companyinfo", self.company_id)
        return answer.object("CompanyInfo")

    def preferences(self) -> bytes:
        """Read Preferences."""
        answer: Answer = self.get(self._address("preferences"))
        return answer.object("Preferences")

    def write(
        self,
        path: str,
        body: bytes,
        request_id: str,
        params: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send exactly these bytes to `path` (as "invoice") under this request id.

        Raises what `faults` holds; where `outcome_unknown` is true the same bytes under the same
        request id may be sent again and will not act twice.
        """
        answer: Answer = self.post(
            self._address(path), body, params=dict(params or {}), request_id=request_id
        )
        return answer

    def make_request(
        self,
        request_type: str,
        url: str,
        request_body: bytes | str | None = None,
        content_type: str = "application/json",
        params: Mapping[str, str] | None = None,
        request_id: str | None = None,
        **_unused: object,
    ) -> Answer:
        """Carry out what the library's methods ask for, on our terms: whole answers, own faults."""
        full = {**(params or {}), "minorversion": str(self.minorversion)}
        if request_id:
            full["requestid"] = request_id
        body = request_body.encode() if isinstance(request_body, str) else request_body or b""
        headers = {"Accept": "application/json"}
        if body:
            # Said only where it matters: without it other letters may be read as Latin-1.
            spelled = content_type == "application/text" and not body.isascii()
            headers["Content-Type"] = content_type + "; charset=utf-8" * spelled
        response = self.process_request(request_type, url, headers, full, body)
        members = answers.members_of(response.status_code, response.headers, response.content)
        told = pages.plain(members["time"]) if "time" in members else None
        return Answer(
            status=response.status_code,
            intuit_tid=transport.trace_id(response.headers),
            time=instants.instant_of(told),
            body=response.content,
            members=members,
        )

    def process_request(
        self,
        request_type: str,
        url: str,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        data: bytes = b"",
    ) -> requests.Response:
        """Send one request, gated and reported; the one place of the library that does."""
        path = url.removeprefix(self._address("")).split("?")[0]
        is_read = request_type == "GET" or path == "query"
        if self._before_call is not None:
            self._before_call(is_read)
        started = time.perf_counter()
        status, tid = 0, ""
        try:
            response: requests.Response = self.session.request(
                request_type,
                url,
                params=params,
                data=data or None,
                headers=headers,
                timeout=self._timeouts,
                allow_redirects=False,
            )
            status, tid = response.status_code, transport.trace_id(response.headers)
            return response
        except requests.RequestException as exc:
            raise transport.as_fault(exc) from None
        finally:
            if self._on_call is not None:
                ms = (time.perf_counter() - started) * 1000
                self._on_call(CallReport(request_type, f"/{path}", status, ms, tid, is_read))

    def _address(self, path: str) -> str:
        return f"{self._api_url}/company/{self.company_id}/{path}"


def _only_list(members: Mapping[str, Raw]) -> tuple[str, list[bytes]]:
    """Return the kind and rows of a QueryResponse; ("", []) if it holds none."""
    for kind, value in members.items():
        if bytes(memoryview(value)[:1]) == b"[":
            return kind, pages.split_rows(value)
    return "", []


def _blocks(answer: Answer) -> Iterable[Mapping[str, Raw]]:
    """Return the QueryResponse of each kind in a CDC answer. Raises a fault that stands inside."""
    for outer in pages.split_rows(answer.object("CDCResponse")):
        members = pages.split_object(outer)
        complaint = answers.complaint_in(members)
        if complaint.found:
            tid = {"intuit_tid": answer.intuit_tid}
            raise answers.fault_of(answer.status, tid, complaint)
        for block in pages.split_rows(members.get("QueryResponse", b"[]")):
            yield pages.split_object(block)
