"""The control pages of a company, as a person in QuickBooks. GET shows, POST changes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from integrations.emulator.books import Books
from integrations.emulator.companies import all_companies
from integrations.emulator.control import details, forms, lists
from integrations.emulator.control.generate import generate
from integrations.emulator.control.merging import merge as merge_records
from integrations.emulator.control.person import act, save
from integrations.emulator.entities.registry import kind_named
from integrations.emulator.faults import Fault
from integrations.emulator.intuit.oauth import emulator_of
from integrations.emulator.intuit.tokens import connected_since, disconnect
from integrations.emulator.jsontext import Json
from integrations.emulator.samples.load import load_samples, open_company
from integrations.emulator.templating import page

Endpoint = Callable[[Request], Awaitable[Response]]


def goto(where: str, **said: str) -> Response:
    return RedirectResponse(where + ("?" + urlencode(said) if said else ""), 303)


def guarded(endpoint: Endpoint) -> Endpoint:
    """Only this server's own pages may post; what is missing is a 404 page."""

    async def run(request: Request) -> Response:
        origin = request.headers.get("origin")
        if (
            request.method == "POST"
            and origin not in (None, "null")
            and urlsplit(str(origin)).netloc != request.headers.get("host")
        ):
            return page("consent_problem.html", 403, problem="This form came from elsewhere.")
        try:
            return await endpoint(request)
        except LookupError:
            return page("consent_problem.html", 404, problem="There is no such page or record.")

    return run


def common(request: Request, here: str = "") -> dict[str, Any]:
    return {
        "app": emulator_of(request).app,
        "here": here,
        "notice": request.query_params.get("notice", ""),
        "problem": request.query_params.get("problem", ""),
    }


def books_of(request: Request) -> Books:
    return Books(emulator_of(request), request.path_params["realm"], person=True)


def in_company(request: Request, books: Books, tab: str) -> dict[str, Any]:
    return common(request) | {
        "company": books.company,
        "tab": tab,
        "connected": connected_since(books.emulator, books.realm) is not None,
    }


def entity_of(request: Request) -> str:
    return lists.KINDS[request.path_params["tab"]]


def record_of(request: Request, books: Books) -> Json:
    found = books.get(entity_of(request), request.path_params["id"])
    if found is None:
        raise LookupError(request.path_params["id"])
    return found


@guarded
async def home(request: Request) -> Response:
    emulator = emulator_of(request)
    companies = []
    for company in all_companies(emulator.store):
        counts = {
            row["entity"]: row["n"]
            for row in emulator.store.rows(
                "select entity, count(*) as n from record where realm=? and entity in "
                "('Customer', 'Item', 'Invoice', 'Payment') group by entity",
                (company.realm,),
            )
        }
        text = " · ".join(f"{counts.get(entity, 0):,} {tab}" for tab, entity in lists.KINDS.items())
        connected = connected_since(emulator, company.realm) is not None
        companies.append((company, connected, text))
    return page("home.html", companies=companies, **common(request, "/"))


@guarded
async def listing(request: Request) -> Response:
    books, tab = books_of(request), request.path_params["tab"]
    entity_of(request)
    text = request.query_params.get("page", "1")
    values = lists.list_page(
        books, tab, request.query_params.get("q", "").strip(), int(text) if text.isdigit() else 1
    )
    return page("list.html", **in_company(request, books, tab), **values)


@guarded
async def record(request: Request) -> Response:
    books = books_of(request)
    values = details.record_page(books, entity_of(request), record_of(request, books))
    return page("record.html", **in_company(request, books, request.path_params["tab"]), **values)


@guarded
async def edit(request: Request) -> Response:
    """A new record's form, or an old one's."""
    books, tab, entity = books_of(request), request.path_params["tab"], entity_of(request)
    before = record_of(request, books) if "id" in request.path_params else None
    values = forms.values_of(entity, before) if before else dict(request.query_params)
    problem = ""
    if request.method == "POST":
        posted = await request.form()
        values = {name: str(value) for name, value in posted.items()}
        try:
            with books.store.transaction():
                saved = save(
                    books, kind_named(entity), forms.body_of(books, entity, values, before)
                )
            return goto(lists.href(books, entity, saved["Id"]), notice="Saved.")
        except Fault as fault:
            problem = f"{fault.message}: {fault.detail}"
    context = in_company(request, books, tab) | {
        "problem": problem,
        "values": values,
        "fields": forms.fields(books, entity, new=before is None),
        "heading": f"Edit {entity.lower()}" if before else lists.NEW_LABELS[tab],
        "back": lists.href(books, entity, before["Id"])
        if before
        else f"/company/{books.realm}/{tab}",
    }
    if entity == "Invoice" and before is None:
        items = books.find(
            "Item",
            "active=1 and json_extract(body, '$.Type') in "
            "('Service', 'NonInventory', 'Inventory') order by name limit 500",
        )
        context["line_items"] = [
            (item["Id"], f"{item['FullyQualifiedName']} ({item.get('UnitPrice', 0):,.2f})")
            for item in items
        ]
    return page("form.html", 400 if problem else 200, **context)


async def _attempt(request: Request, deed: Callable[[Books, Json], str]) -> Response:
    """Do something to the record of the address and say how it went on its page."""
    books, entity = books_of(request), entity_of(request)
    body = record_of(request, books)
    where = lists.href(books, entity, body["Id"])
    try:
        with books.store.transaction():
            where = deed(books, body) or where
    except Fault as fault:
        return goto(where, problem=f"{fault.message}: {fault.detail}")
    return goto(where, notice="Done.")


@guarded
async def do(request: Request) -> Response:
    entity, verb = entity_of(request), request.path_params["verb"]

    def deed(books: Books, body: Json) -> str:
        act(books, kind_named(entity), body["Id"], verb, {})
        gone = verb == "delete" and entity in ("Invoice", "Payment")
        return f"/company/{books.realm}/{request.path_params['tab']}" if gone else ""

    return await _attempt(request, deed)


@guarded
async def merge(request: Request) -> Response:
    posted = await request.form()

    def deed(books: Books, body: Json) -> str:
        winner = forms.find_customer(books, str(posted.get("into", "")))
        merge_records(books, kind_named("customer"), body["Id"], winner["Id"])
        return lists.href(books, "Customer", winner["Id"])

    return await _attempt(request, deed)


@guarded
async def pay(request: Request) -> Response:
    posted = await request.form()

    def deed(books: Books, body: Json) -> str:
        total = forms.read_amount("Amount", str(posted.get("amount", "")))
        part = min(total, body["Balance"])
        save(
            books,
            kind_named("payment"),
            {
                "CustomerRef": body["CustomerRef"],
                "TotalAmt": total,
                "PaymentRefNum": str(posted.get("reference", "")) or None,
                "Line": [
                    {"Amount": part, "LinkedTxn": [{"TxnId": body["Id"], "TxnType": "Invoice"}]}
                ],
            },
        )
        return ""

    return await _attempt(request, deed)


@guarded
async def bulk(request: Request) -> Response:
    books, posted = books_of(request), await request.form()
    where = f"/company/{books.realm}/customers"
    try:
        counts = {
            name: int(str(posted.get(name) or 0)) for name in ("customers", "items", "invoices")
        }
        with books.store.transaction():
            generate(books, **counts)
    except ValueError as error:
        return goto(where, problem=str(error))
    return goto(
        where,
        notice="Generated "
        + ", ".join(f"{count:,} {name}" for name, count in counts.items() if count)
        + ".",
    )


@guarded
async def cut(request: Request) -> Response:
    """As in QuickBooks: the tokens die, then the browser goes to the app's disconnect page."""
    books = books_of(request)
    disconnect(books.emulator, books.realm)
    return after_disconnecting(books)


def after_disconnecting(books: Books) -> Response:
    """facts 1.7, 7.11: the app's page may be told the realm."""
    landing = books.emulator.app.disconnect_url
    if not landing:
        return goto(f"/company/{books.realm}/customers", notice="The app is disconnected.")
    told = books.switches["disconnect_page_realm"]
    return goto(landing, **({"realmId": books.realm} if told else {}))


@guarded
async def new_company(request: Request) -> Response:
    emulator, posted = emulator_of(request), await request.form()
    try:
        with emulator.store.transaction():
            company = open_company(
                emulator,
                str(posted.get("name", "")),
                str(posted.get("country", "US")),
                sales_tax="sales_tax" in posted,
                exempt="exempt" in posted,
                multicurrency="multicurrency" in posted,
                custom_numbers="custom_numbers" in posted,
            )
    except ValueError as error:
        return goto("/", problem=str(error))
    return goto(f"/company/{company.realm}/customers", notice="The company is open.")


@guarded
async def reset(request: Request) -> Response:
    emulator_of(request).reset()
    load_samples(emulator_of(request))
    return goto("/", notice="Everything is as on the first day.")


COMPANY = "/company/{realm}"
RECORD = COMPANY + "/{tab}/{id}"
ROUTES = [
    Route("/", home),
    Route("/company-new", new_company, methods=["POST"]),
    Route("/reset", reset, methods=["POST"]),
    Route(COMPANY + "/generate", bulk, methods=["POST"]),
    Route(COMPANY + "/disconnect", cut, methods=["POST"]),
    Route(COMPANY + "/{tab}", listing),
    Route(COMPANY + "/{tab}/new", edit, methods=["GET", "POST"]),
    Route(RECORD, record),
    Route(RECORD + "/edit", edit, methods=["GET", "POST"]),
    Route(RECORD + "/act/{verb}", do, methods=["POST"]),
    Route(RECORD + "/merge", merge, methods=["POST"]),
    Route(RECORD + "/pay", pay, methods=["POST"]),
]
