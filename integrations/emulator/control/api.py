"""Control by JSON, for tests: look into the books, change them as a person would, break things."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from integrations.emulator.books import Books
from integrations.emulator.companies import all_companies
from integrations.emulator.control.generate import generate
from integrations.emulator.control.person import act, save
from integrations.emulator.emulator import Emulator
from integrations.emulator.entities.registry import KINDS, kind_named
from integrations.emulator.faults import Fault
from integrations.emulator.intuit.consent import ACCOUNTING
from integrations.emulator.intuit.oauth import emulator_of
from integrations.emulator.intuit.tokens import connected_since, disconnect, new_code
from integrations.emulator.samples.load import load_samples, open_company

Endpoint = Callable[[Request], Awaitable[Response]]


def guarded(endpoint: Endpoint) -> Endpoint:
    """Faults and nonsense become a 400 with a sentence."""

    async def run(request: Request) -> Response:
        try:
            return await endpoint(request)
        except Fault as fault:
            return JSONResponse({"Fault": fault.body()}, 400)
        except LookupError as error:
            return JSONResponse({"error": str(error)}, 404)
        except (ValueError, TypeError) as error:
            return JSONResponse({"error": str(error)}, 400)

    return run


async def sent(request: Request) -> dict[str, Any]:
    body = await request.body()
    value = json.loads(body) if body else {}
    if not isinstance(value, dict):
        raise ValueError("Send a JSON object.")
    return value


def books_of(request: Request) -> Books:
    silent = request.query_params.get("silent", "") not in ("", "0")
    return Books(emulator_of(request), request.path_params["realm"], person=True, silent=silent)


@guarded
async def companies(request: Request) -> Response:
    emulator = emulator_of(request)
    if request.method == "POST":
        options = await sent(request)
        with emulator.store.transaction():
            company = open_company(emulator, **options)
        return JSONResponse({"realm": company.realm})
    return JSONResponse(
        [
            {
                "realm": company.realm,
                "name": company.name,
                "country": company.country,
                "currency": company.currency,
                "sales_tax": company.sales_tax,
                "exempt": company.exempt,
                "multicurrency": company.multicurrency,
                "connected": connected_since(emulator, company.realm) is not None,
            }
            for company in all_companies(emulator.store)
        ]
    )


@guarded
async def reset(request: Request) -> Response:
    emulator = emulator_of(request)
    options = await sent(request)
    emulator.reset()
    if options.get("samples", True):
        load_samples(emulator)
    return JSONResponse({"companies": [company.realm for company in all_companies(emulator.store)]})


@guarded
async def write(request: Request) -> Response:
    books, kind = books_of(request), kind_named(request.path_params["entity"])
    given = await sent(request)
    record_id = request.path_params.get("id")
    if record_id is not None:
        given |= {"Id": record_id, "sparse": given.get("sparse", True)}
    with books.store.transaction():
        return JSONResponse({kind.name: save(books, kind, given)})


@guarded
async def verb(request: Request) -> Response:
    books, kind = books_of(request), kind_named(request.path_params["entity"])
    options = await sent(request)
    with books.store.transaction():
        answer = act(books, kind, request.path_params["id"], request.path_params["verb"], options)
        return JSONResponse({kind.name: answer})


@guarded
async def bulk(request: Request) -> Response:
    books = books_of(request)
    wanted = await sent(request)
    with books.store.transaction():
        return JSONResponse(generate(books, **wanted))


@guarded
async def store(request: Request) -> Response:
    emulator, realm = emulator_of(request), request.path_params["realm"]
    Books(emulator, realm)
    parts = []
    for kind in KINDS.values():
        rows = emulator.store.rows(
            "select body from record where realm=? and entity=? order by seq", (realm, kind.name)
        )
        if rows:
            parts.append(f'"{kind.name}":[{",".join(row["body"] for row in rows)}]')
    return Response(f"{{{','.join(parts)}}}", media_type="application/json")


@guarded
async def cut(request: Request) -> Response:
    ended = disconnect(emulator_of(request), request.path_params["realm"])
    return JSONResponse({"ended": ended})


@guarded
async def grants(request: Request) -> Response:
    options = await sent(request)
    emulator = emulator_of(request)
    Books(emulator, str(options.get("realm", "")))
    if not emulator.may_send_back_to(options["redirect_uri"]):
        raise ValueError("The redirect_uri is not registered.")
    code = new_code(
        emulator, options["realm"], options["redirect_uri"], options.get("scope", ACCOUNTING)
    )
    return JSONResponse({"code": code})


@guarded
async def requests(request: Request) -> Response:
    log = emulator_of(request).log
    if request.method == "DELETE":
        log.clear()
        return JSONResponse({})
    after = int(request.query_params.get("after", 0))
    return JSONResponse([entry.as_json() for entry in log.after(after)])


@guarded
async def redirects(request: Request) -> Response:
    """The app's registered redirect addresses, until the next reset."""
    emulator = emulator_of(request)
    if request.method == "POST":
        emulator.redirect_uris = tuple(map(str, (await sent(request))["redirect_uris"]))
    return JSONResponse({"redirect_uris": emulator.redirect_uris})


@guarded
async def switches(request: Request) -> Response:
    emulator = emulator_of(request)
    if request.method == "POST":
        emulator.switches.change(await sent(request))
        emulator.remember()
        emulator.events.wake()
    return JSONResponse(emulator.switches.values)


@guarded
async def failures(request: Request) -> Response:
    rules = emulator_of(request).failures
    if request.method == "DELETE":
        rules.clear()
    elif request.method == "POST":
        rules.add(await sent(request))
    return JSONResponse(rules.as_json())


@guarded
async def clock(request: Request) -> Response:
    emulator = emulator_of(request)
    if request.method == "POST":
        told = await sent(request)
        emulator.clock.advance(float(told.get("advance_seconds", 0)))
        if "still" in told:
            emulator.clock.pretend(emulator.clock.seconds() if told["still"] else None)
        emulator.remember()
        emulator.events.wake()
    return JSONResponse({"now": emulator.clock.envelope(), "offset": emulator.clock.offset})


def webhook_settings(emulator: Emulator) -> dict[str, Any]:
    events = emulator.events
    return {
        "url": events.url,
        "verifier_token": events.verifier_token,
        "format": events.format,
        "enabled": events.enabled,
    }


@guarded
async def webhooks(request: Request) -> Response:
    emulator = emulator_of(request)
    if request.method == "POST":
        change_webhooks(emulator, await sent(request))
    rows = emulator.store.rows("select * from delivery order by id desc limit 200")
    waiting = emulator.store.value("select count(*) from event where delivery is null")
    return JSONResponse(
        webhook_settings(emulator)
        | {
            "waiting_events": waiting,
            "deliveries": [dict(row) | {"body": json.loads(row["body"])} for row in rows],
        }
    )


def change_webhooks(emulator: Emulator, changes: dict[str, Any]) -> None:
    """Raises ValueError for an unknown setting."""
    known = webhook_settings(emulator)
    for name, value in changes.items():
        if name not in known or type(value) is not type(known[name]):
            raise ValueError(f"{name} is not a webhook setting, or not of its type.")
        if name == "format" and value not in ("cloudevents", "legacy"):
            raise ValueError("format is cloudevents or legacy.")
        setattr(emulator.events, name, value)
    emulator.events.wake()


@guarded
async def flush(request: Request) -> Response:
    """Deliver now; answers when everything queued was tried once."""
    await emulator_of(request).events.deliver()
    return JSONResponse({})


@guarded
async def resend(request: Request) -> Response:
    """Send a delivery again, whatever became of it (Intuit delivers twice at times)."""
    emulator = emulator_of(request)
    emulator.store.run(
        "update delivery set delivered=null, next_try=0 where id=?", (request.path_params["id"],)
    )
    await asyncio.shield(emulator.events.deliver())
    return JSONResponse({})


ROUTES = [
    Route("/control/companies", companies, methods=["GET", "POST"]),
    Route("/control/reset", reset, methods=["POST"]),
    Route("/control/grants", grants, methods=["POST"]),
    Route("/control/redirects", redirects, methods=["GET", "POST"]),
    Route("/control/requests", requests, methods=["GET", "DELETE"]),
    Route("/control/switches", switches, methods=["GET", "POST"]),
    Route("/control/failures", failures, methods=["GET", "POST", "DELETE"]),
    Route("/control/clock", clock, methods=["GET", "POST"]),
    Route("/control/webhooks", webhooks, methods=["GET", "POST"]),
    Route("/control/webhooks/flush", flush, methods=["POST"]),
    Route("/control/webhooks/{id:int}/resend", resend, methods=["POST"]),
    Route("/control/{realm}/generate", bulk, methods=["POST"]),
    Route("/control/{realm}/store", store),
    Route("/control/{realm}/disconnect", cut, methods=["POST"]),
    Route("/control/{realm}/{entity}", write, methods=["POST"]),
    Route("/control/{realm}/{entity}/{id}", write, methods=["POST"]),
    Route("/control/{realm}/{entity}/{id}/{verb}", verb, methods=["POST"]),
]
