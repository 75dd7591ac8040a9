"""The control pages around the books: request log, webhooks, clock, switches, failures."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from urllib.parse import unquote_plus

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from integrations.emulator.clock import envelope_time
from integrations.emulator.companies import all_companies
from integrations.emulator.control.api import change_webhooks, webhook_settings
from integrations.emulator.control.pages import common, goto, guarded
from integrations.emulator.emulator import Emulator
from integrations.emulator.failures import MODES
from integrations.emulator.intuit.oauth import emulator_of
from integrations.emulator.switches import SWITCHES
from integrations.emulator.templating import page

SHOWN = 200


@guarded
async def requests(request: Request) -> Response:
    log = emulator_of(request).log.after()
    words = request.query_params.get("q", "").strip()
    method = request.query_params.get("method", "")
    status = request.query_params.get("status", "")
    found = [
        entry
        for entry in reversed(log)
        if words.lower()
        in f"{entry.path}?{entry.query} {unquote_plus(entry.query)} {entry.body}".lower()
        and method in ("", entry.method)
        and (not status or str(entry.status).startswith(status))
    ][:SHOWN]
    entries = [entry.as_json() | {"readable": unquote_plus(entry.query)} for entry in found]
    return page(
        "requests.html",
        entries=entries,
        shown=len(found),
        total=len(log),
        q=words,
        method=method,
        status=status,
        **common(request, "/requests"),
    )


@guarded
async def clear_requests(request: Request) -> Response:
    emulator_of(request).log.clear()
    return goto("/requests")


def _delivery(emulator: Emulator, row: Any, names: dict[str, str]) -> dict[str, Any]:
    body = json.loads(row["body"])
    if isinstance(body, list):
        kinds = [event["type"].removeprefix("qbo.").removesuffix(".v1") for event in body]
    else:
        kinds = [
            f"{entity['name']} {entity['operation']}"
            for notification in body["eventNotifications"]
            for entity in notification["dataChangeEvent"]["entities"]
        ]
    counted = {kind: kinds.count(kind) for kind in dict.fromkeys(kinds)}
    return dict(row) | {
        "company": ", ".join(names.get(realm, realm) for realm in row["realm"].split(",")),
        "summary": ", ".join(
            f"{kind} × {count}" if count > 1 else kind for kind, count in counted.items()
        ),
        "when": envelope_time(row["queued"])[11:19],
        "next": envelope_time(row["next_try"])[11:19] if row["next_try"] else "",
        "body": json.dumps(body, indent=2),
    }


@guarded
async def webhooks(request: Request) -> Response:
    emulator = emulator_of(request)
    if request.method == "POST":
        posted = await request.form()
        change_webhooks(
            emulator,
            {
                "url": str(posted.get("url", "")).strip(),
                "format": str(posted.get("format", "cloudevents")),
                "enabled": "enabled" in posted,
            },
        )
        return goto("/webhooks", notice="Saved.")
    names = {company.realm: company.name for company in all_companies(emulator.store)}
    rows = emulator.store.rows("select * from delivery order by id desc limit 50")
    waiting = emulator.store.value("select count(*) from event where delivery is null")
    return page(
        "webhooks.html",
        settings=webhook_settings(emulator),
        waiting=waiting,
        deliveries=[_delivery(emulator, row, names) for row in rows],
        **common(request, "/webhooks"),
    )


@guarded
async def flush(request: Request) -> Response:
    await emulator_of(request).events.deliver()
    return goto("/webhooks")


@guarded
async def resend(request: Request) -> Response:
    emulator = emulator_of(request)
    emulator.store.run(
        "update delivery set delivered=null, next_try=0 where id=?", (request.path_params["id"],)
    )
    await emulator.events.deliver()
    return goto("/webhooks", notice="Sent again.")


@guarded
async def settings(request: Request) -> Response:
    emulator = emulator_of(request)
    ahead = str(timedelta(seconds=int(emulator.clock.offset))) if emulator.clock.offset else ""
    return page(
        "settings.html",
        now=emulator.clock.envelope(),
        offset=ahead,
        switches=SWITCHES,
        values=emulator.switches.values,
        rules=emulator.failures.as_json(),
        modes=MODES,
        **common(request, "/settings"),
    )


@guarded
async def move_clock(request: Request) -> Response:
    emulator, posted = emulator_of(request), await request.form()
    text = str(posted.get("advance", "0"))
    emulator.clock.advance(int(text) if text.isdigit() else 0)
    emulator.remember()
    emulator.events.wake()
    return goto("/settings", notice="The clock moved.")


@guarded
async def change_switches(request: Request) -> Response:
    emulator, posted = emulator_of(request), await request.form()
    changes: dict[str, Any] = {}
    try:
        for switch in SWITCHES:
            text = str(posted.get(switch.name, ""))
            if isinstance(switch.default, bool):
                changes[switch.name] = text == "yes"
            else:
                changes[switch.name] = type(switch.default)(text)
        emulator.switches.change(changes)
    except ValueError as error:
        return goto("/settings", problem=str(error))
    emulator.remember()
    emulator.events.wake()
    return goto("/settings", notice="Saved.")


@guarded
async def add_failure(request: Request) -> Response:
    posted = await request.form()
    try:
        nth, count = (int(str(posted.get(name) or 0)) for name in ("nth", "count"))
        emulator_of(request).failures.add(
            {
                "mode": str(posted.get("mode", "")),
                "path": str(posted.get("path", "")),
                "containing": str(posted.get("containing", "")),
                "method": str(posted.get("method", "")),
                "nth": nth if count else 0,
                "count": count,
                "status": int(str(posted.get("status") or 0)),
                "code": str(posted.get("code", "")).strip(),
                "seconds": float(str(posted.get("seconds") or 0)),
            }
        )
    except ValueError as error:
        return goto("/settings", problem=str(error))
    return goto("/settings", notice="The rule is on.")


@guarded
async def clear_failures(request: Request) -> Response:
    emulator_of(request).failures.clear()
    return goto("/settings")


ROUTES = [
    Route("/requests", requests),
    Route("/requests/clear", clear_requests, methods=["POST"]),
    Route("/webhooks", webhooks, methods=["GET", "POST"]),
    Route("/webhooks/flush", flush, methods=["POST"]),
    Route("/webhooks/{id:int}/resend", resend, methods=["POST"]),
    Route("/settings", settings),
    Route("/settings/clock", move_clock, methods=["POST"]),
    Route("/settings/switches", change_switches, methods=["POST"]),
    Route("/settings/failures", add_failure, methods=["POST"]),
    Route("/settings/failures/clear", clear_failures, methods=["POST"]),
]
