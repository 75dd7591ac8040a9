"""The authorization page: which company, Connect or Cancel (facts 1.2)."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from integrations.emulator.companies import all_companies, load_company
from integrations.emulator.emulator import Emulator
from integrations.emulator.intuit.oauth import emulator_of
from integrations.emulator.intuit.tokens import connected_since, new_code
from integrations.emulator.templating import page

ACCOUNTING = "com.intuit.quickbooks.accounting"
KNOWN_SCOPES = frozenset(
    {ACCOUNTING, "com.intuit.quickbooks.payment", "openid", "profile", "email", "phone", "address"}
)


def _problem(emulator: Emulator, client_id: str, redirect_uri: str, kind: str) -> str:
    """What stops the page before anyone may be sent back."""
    if client_id != emulator.app.client_id:
        return "The client_id is not the one this emulator was started with."
    parts = urlsplit(redirect_uri)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return "The redirect_uri is missing or is not a web address."
    if not emulator.may_send_back_to(redirect_uri):
        return "The redirect_uri is not one that is registered for this app."
    if kind != "code":
        return "response_type must be code."
    return ""


async def consent(request: Request) -> Response:
    emulator = emulator_of(request)
    asked = request.query_params if request.method == "GET" else await request.form()
    fields = {
        name: str(asked.get(name, ""))
        for name in ("client_id", "redirect_uri", "response_type", "scope", "state")
    }
    problem = _problem(
        emulator, fields["client_id"], fields["redirect_uri"], fields["response_type"]
    )
    if problem:
        return page("consent_problem.html", 400, problem=problem)
    scopes = fields["scope"].split()
    if not scopes or not set(scopes) <= KNOWN_SCOPES:
        return _back(fields, {"error": "invalid_scope", "state": fields["state"]})
    if request.method == "GET":
        companies = [
            (company, connected_since(emulator, company.realm) is not None)
            for company in all_companies(emulator.store)
        ]
        return page(
            "consent.html",
            fields=fields,
            companies=companies,
            app=emulator.app,
            host=urlsplit(fields["redirect_uri"]).netloc,
        )
    if asked.get("decision") != "connect":
        return _back(fields, _denial(emulator, fields, str(asked.get("realm", ""))))
    realm = str(asked.get("realm", ""))
    if load_company(emulator.store, realm) is None:
        return page("consent_problem.html", 400, problem="Choose one of the companies.")
    code = new_code(emulator, realm, fields["redirect_uri"], fields["scope"])
    answer = {"code": code, "state": fields["state"]}
    # facts 1.2: a realm comes only with an accounting or payment scope.
    if any(scope.startswith("com.intuit") for scope in scopes):
        answer["realmId"] = realm
    return _back(fields, answer)


def _denial(emulator: Emulator, fields: dict[str, str], realm: str) -> dict[str, str]:
    """facts 7.5: what comes along besides the error is not known."""
    denied = {"error": "access_denied"}
    told = emulator.switches["deny_answer"]
    if told != "nothing":
        denied["state"] = fields["state"]
    if told == "everything":
        denied |= {"error_description": "The user denied access", "realmId": realm}
    return denied


def _back(fields: dict[str, str], answer: dict[str, str]) -> Response:
    glue = "&" if "?" in fields["redirect_uri"] else "?"
    return RedirectResponse(fields["redirect_uri"] + glue + urlencode(answer), 302)


ROUTES = [Route("/connect/oauth2", consent, methods=["GET", "POST"])]
