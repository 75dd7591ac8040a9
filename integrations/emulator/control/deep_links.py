"""Addresses of QuickBooks' own web pages, leading to the same record here."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from integrations.emulator.books import Books
from integrations.emulator.companies import all_companies
from integrations.emulator.control.lists import href
from integrations.emulator.control.pages import common, goto, guarded
from integrations.emulator.intuit.oauth import emulator_of
from integrations.emulator.intuit.tokens import connected_since
from integrations.emulator.templating import page

PAGES = {
    "invoice": ("Invoice", "txnId"),
    "customerdetail": ("Customer", "nameId"),
    "recvpayment": ("Payment", "txnId"),
}


@guarded
async def open_record(request: Request) -> Response:
    """The real address names no company: the connected one that has the record is meant."""
    emulator = emulator_of(request)
    name = request.path_params["name"].lower()
    asked = request.query_params.get("deeplinkcompanyid") or request.query_params.get("realmId")
    companies = [
        company for company in all_companies(emulator.store) if asked in (None, company.realm)
    ]
    companies.sort(key=lambda company: connected_since(emulator, company.realm) is None)
    for company in companies:
        books = Books(emulator, company.realm)
        if name == "items":
            return goto(f"/company/{company.realm}/items")
        entity, parameter = PAGES[name]
        record_id = request.query_params.get(parameter, "")
        if books.get(entity, record_id):
            return goto(href(books, entity, record_id))
    raise LookupError(name)


@guarded
async def my_apps(request: Request) -> Response:
    """Where people disconnect an app inside QuickBooks; crmsync leads here after Disconnect."""
    emulator = emulator_of(request)
    connected = [
        company
        for company in all_companies(emulator.store)
        if connected_since(emulator, company.realm) is not None
    ]
    return page("apps.html", connected=connected, **common(request))


ROUTES = [Route("/app/apps/myapps", my_apps), Route("/app/{name}", open_record)]
