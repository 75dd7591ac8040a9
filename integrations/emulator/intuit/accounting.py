"""The accounting API over HTTP: access, limits, repeated requests, envelopes (facts 2.1)."""

from __future__ import annotations

import hashlib
import logging
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from integrations.emulator import faults
from integrations.emulator.books import Books
from integrations.emulator.emulator import Emulator
from integrations.emulator.intuit.access import Refused, check_access
from integrations.emulator.intuit.error_bodies import fault_text
from integrations.emulator.intuit.oauth import emulator_of
from integrations.emulator.intuit.operations import Call, perform
from integrations.emulator.intuit.xmltext import as_xml
from integrations.emulator.jsontext import loads

log = logging.getLogger(__name__)
HEADERS = {
    "Expires": "0",
    "Qbo-Version": "1953.214",
    "Service-Time": "total=161, db=57",
    "Strict-Transport-Security": "max-age=31536000",
    "Cache-Control": "max-age=0, no-cache, no-store, must-revalidate, private",
}


async def accounting(request: Request) -> Response:
    emulator = emulator_of(request)
    realm = request.path_params["realm"]
    body = await request.body()
    try:
        check_access(emulator, request.headers.get("authorization", ""), realm)
    except Refused as refused:
        return refused.response
    params = dict(parse_qsl(request.url.query, keep_blank_values=True))
    call = Call(
        request.method,
        tuple(request.path_params["path"].strip("/").split("/")),
        params,
        body,
        request.headers.get("content-type", ""),
    )
    status, text = answer(emulator, realm, call)
    headers = HEADERS if status == 200 else {}
    if (
        emulator.switches["without_accept"] == "xml"
        and "json" not in request.headers.get("accept", "").lower()
    ):
        content = as_xml(loads(text))
        return Response(content, status, headers, media_type="application/xml;charset=utf-8")
    form = "application/json;charset=utf-8" if status == 200 else "application/json"
    return Response(text, status, headers, media_type=form)


def answer(emulator: Emulator, realm: str, call: Call) -> tuple[int, str]:
    """(status, body); a request id seen before gets its first answer again (facts 2.4)."""
    request_id = call.params.get("requestid", "") if call.method == "POST" else ""
    fingerprint = hashlib.sha256("/".join(call.path).encode() + b"\0" + call.body).hexdigest()
    try:
        if len(request_id) > 50:
            raise faults.request_id_format()
        if request_id:
            oldest = emulator.clock.seconds() - emulator.switches["replay_hours"] * 3600
            known = emulator.store.row(
                "select * from reply where realm=? and request_id=? and at>?",
                (realm, request_id, oldest),
            )
            if known:
                if (
                    known["fingerprint"] != fingerprint
                    and not emulator.switches["replay_ignores_body"]
                ):
                    raise faults.duplicate_request(request_id)
                return known["status"], known["body"]
        with emulator.store.transaction():
            text = _perform(emulator, realm, call)
            if request_id:
                _keep(emulator, realm, request_id, fingerprint, 200, text)
    except faults.Fault as fault:
        text = fault_text(emulator, fault)
        if request_id and emulator.switches["replay_errors"]:
            _keep(emulator, realm, request_id, fingerprint, fault.status, text)
        return (200 if emulator.switches["fault_with_200"] else fault.status), text
    return 200, text


def _perform(emulator: Emulator, realm: str, call: Call) -> str:
    options = frozenset(call.params.get("include", "").lower().split(","))
    books = Books(emulator, realm, options=options)
    try:
        inner = perform(books, call)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        log.exception("a request of an unexpected shape")
        raise faults.unexpected("Could not read the request") from error
    return f'{{{inner},"time":"{emulator.clock.envelope()}"}}'


def _keep(
    emulator: Emulator, realm: str, request_id: str, fingerprint: str, status: int, text: str
) -> None:
    values: tuple[Any, ...] = (
        realm,
        request_id,
        fingerprint,
        status,
        text,
        emulator.clock.seconds(),
    )
    emulator.store.run("insert or replace into reply values (?,?,?,?,?,?)", values)


ROUTES = [Route("/v3/company/{realm}/{path:path}", accounting, methods=["GET", "POST"])]
