"""Settings: read from the environment (and `.env`), safe unless DEBUG is asked for.

`docs/deploying.md` lists every variable. This is the only module outside the emulator itself that
knows there is one: everything else is told addresses.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import django_stubs_ext
import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from crmsync.development import kept_secret
from crmsync.embedded_database import connection_settings

# Lets `forms.ModelForm[User]` and its like be written for mypy and still run.
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
env.read_env(BASE_DIR / ".env")

DEBUG = env.bool("DEBUG", default=False)

# Everything the program writes outside the database.
VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))


def _secret(name: str) -> str:
    value = str(env.str(name, default=""))
    if value:
        return value
    if DEBUG:
        return kept_secret(VAR_DIR / "secrets", name.lower())
    raise ImproperlyConfigured(
        f"{name} is not set. Set it in the environment or in .env (docs/deploying.md tells how to "
        "draw one), or set DEBUG=1 on a development machine."
    )


# --- Where it runs ---------------------------------------------------------------------------

SITE_URL = env.str("SITE_URL", default="http://localhost:8000").rstrip("/")
_site = urlsplit(SITE_URL)
_https = _site.scheme == "https"

ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS",
    default=[_site.hostname or "", *(["localhost", "127.0.0.1", "[::1]"] if DEBUG else [])],
)
CSRF_TRUSTED_ORIGINS = [f"{_site.scheme}://{_site.netloc}"]

SECRET_KEY = _secret("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
TOKEN_ENCRYPTION_KEYS = [
    key.strip() for key in _secret("TOKEN_ENCRYPTION_KEYS").split(",") if key.strip()
]

# --- Parts -----------------------------------------------------------------------------------

INSTALLED_APPS = [
    "crmsync",
    "contacts",
    "integrations",
    "integrations.emulator",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    # Before staticfiles: with DEBUG on, whitenoise serves the files in every process alike.
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "bootstrap",
    "csp",
    "django_filters",
    "django_htmx",
    "django_q",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "crmsync.middleware.BodyLimitMiddleware",
    "crmsync.middleware.BrowserPolicyMiddleware",
    "crmsync.middleware.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "crmsync.middleware.PrivatePagesMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "crmsync.middleware.ToastMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "crmsync.urls"
WSGI_APPLICATION = "crmsync.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "contacts.context.shell",
                "crmsync.mail_page.mail_page",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# How the CRM's pages learn about a record's sync without importing the integrations.
CONTACTS_RECORD_STATES = "integrations.record_states.states_of"
CONTACTS_RECORD_PANEL = "integrations.record_panels.panel_for"
CONTACTS_INVOICE_FORESEEN = "integrations.foresight.foreseen"
CONTACTS_BOOKS_CLOSED = "integrations.foresight.books_closed_until"
CONTACTS_ATTENTION_COUNT = "integrations.banners.attention_count"
CONTACTS_BANNERS = "integrations.banners.banners"

# --- Database and tasks ----------------------------------------------------------------------

# Without DATABASE_URL the project runs a PostgreSQL of its own (crmsync/embedded_database.py).
EMBEDDED_DATABASE = not env.str("DATABASE_URL", default="")
EMBEDDED_DATABASE_DIR = VAR_DIR / "postgres"
DATABASES: dict[str, dict[str, Any]] = {
    "default": connection_settings(EMBEDDED_DATABASE_DIR)
    if EMBEDDED_DATABASE
    else env.db_url("DATABASE_URL", engine="django.db.backends.postgresql")
}
# As libpq reads it, a host may be the percent-encoded folder of a Unix socket.
DATABASES["default"]["HOST"] = unquote(DATABASES["default"]["HOST"])
DATABASES["default"].setdefault("CONN_MAX_AGE", 60)
DATABASES["default"].setdefault("CONN_HEALTH_CHECKS", True)
# A pool that hands out connections per transaction (PgBouncer) cannot keep a cursor open between.
DATABASES["default"]["DISABLE_SERVER_SIDE_CURSORS"] = env.bool(
    "DATABASE_POOLED_BY_TRANSACTION", default=False
)

Q_CLUSTER = {
    "name": "crmsync",
    "orm": "default",
    # One of them may be busy with a broadcast for hours while the others keep the books in step.
    "workers": 3,
    # A task works at most 60 s; one that is silent for 120 s is ended and offered again after 300.
    "timeout": 120,
    "retry": 300,
    "max_attempts": 5,
    "ack_failures": False,
    "catch_up": False,
    "poll": 0.2,
    "recycle": 500,
}

# Where attempts to sign in are counted: one count for all web processes, wherever they run.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "crmsync_cache",
        # Else whoever fills it with attempts under many names makes it forget the others.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

# --- People ----------------------------------------------------------------------------------

AUTH_USER_MODEL = "contacts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "crmsync.accounts.InvitedOnlyAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_UNIQUE_EMAIL = True
# One address per person; a new one counts once the link sent there is followed.
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_FORMS = {"add_email": "contacts.forms.people.NewAddressForm"}
# Whoever finds a browser left open must not walk away with the account.
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# An admin typed the address of everyone who is here; nobody signs up with one of their own.
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = LOGIN_URL
# Attempts are counted per address of the visitor. Behind a proxy that is the last one which the
# proxy itself wrote into X-Forwarded-For; what stands before it anybody may have made up.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXIES", default=int(_https and not DEBUG))
MFA_ADAPTER = "crmsync.accounts.EncryptedSecretsAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_ISSUER = "crmsync"

# --- Language and time -----------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]
FORMAT_MODULE_PATH = ["crmsync.formats"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# --- Files, mail, log ------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
# While developing, files are served from where they are written; nothing is collected.
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = DEBUG
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": VAR_DIR / "files"},
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default=f"crmsync@{_site.hostname}")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
if env.str("EMAIL_URL", default=""):
    globals().update(env.email_url("EMAIL_URL"))
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = VAR_DIR / "mail"
EMAIL_TIMEOUT = 20

# Lines say what happened to which record, never what was in it: no bodies, no query strings, no
# tokens. The libraries that would print those when they are talkative are kept at warnings.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {
            "()": "crmsync.logs.WordlessFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "handlers": {
        "stdout": {
            "class": "logging.StreamHandler",
            "stream": "ext://sys.stdout",
            "formatter": "plain",
        }
    },
    "root": {"handlers": ["stdout"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        # Refusals are no news, and the address that was refused may hold a link's secret.
        "django.request": {"level": "ERROR"},
        **{
            name: {"level": "WARNING"}
            for name in (
                *("django-q", "intuitlib", "oauthlib", "quickbooks", "requests_oauthlib"),
                "urllib3",
            )
        },
    },
}

# --- Browser security ------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "frame-ancestors": [NONE],
        # The middleware adds Intuit's authorization page, where pressing Connect is redirected to.
        "form-action": [SELF],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SESSION_COOKIE_HTTPONLY = True
# Lax, not Strict: coming back from Intuit's page must find the session that holds the state.
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
if _https:
    # The proxy in front must set (and never pass through) this header.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = not DEBUG
    SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
    SECURE_HSTS_SECONDS = 0 if DEBUG else 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = not DEBUG
# Preloading is a promise for the whole domain, which is not ours to give.
SILENCED_SYSTEM_CHECKS = ["security.W021"]

# --- QuickBooks ------------------------------------------------------------------------------

INTUIT_CLIENT_ID = env.str("INTUIT_CLIENT_ID", default="")
INTUIT_CLIENT_SECRET = env.str("INTUIT_CLIENT_SECRET", default="")
INTUIT_WEBHOOK_VERIFIER_TOKEN = env.str("INTUIT_WEBHOOK_VERIFIER_TOKEN", default="")
QUICKBOOKS_POLL_SECONDS = env.int("QUICKBOOKS_POLL_SECONDS", default=60)
# Intuit's limits for one company (they are not ours to raise against the real service).
QUICKBOOKS_CALLS_PER_SECOND = env.int("QUICKBOOKS_CALLS_PER_SECOND", default=10)
QUICKBOOKS_CALLS_PER_MINUTE = env.int("QUICKBOOKS_CALLS_PER_MINUTE", default=500)
# How long QuickBooks may say nothing, in seconds; Intuit itself cuts a request after 120.
QUICKBOOKS_ANSWER_SECONDS = env.float("QUICKBOOKS_ANSWER_SECONDS", default=115.0)
_no_keys = not (INTUIT_CLIENT_ID or INTUIT_CLIENT_SECRET)
INTUIT_ENVIRONMENT = env.str(
    "INTUIT_ENVIRONMENT",
    default="production" if not DEBUG else "emulator" if _no_keys else "sandbox",
)
QUICKBOOKS_SERVER_NOTICE = ""

if INTUIT_ENVIRONMENT == "emulator":
    EMULATOR_URL = env.str("EMULATOR_URL", default="http://127.0.0.1:8001").rstrip("/")
    INTUIT_CLIENT_ID = INTUIT_CLIENT_ID or "emulator"
    INTUIT_CLIENT_SECRET = INTUIT_CLIENT_SECRET or "emulator-secret"
    INTUIT_WEBHOOK_VERIFIER_TOKEN = INTUIT_WEBHOOK_VERIFIER_TOKEN or "emulator-verifier"
    QUICKBOOKS_SERVER_NOTICE = (
        f"This is not the real QuickBooks: an emulator at {EMULATOR_URL} plays its part."
    )
    _discovery = f"{EMULATOR_URL}/.well-known/openid_configuration"
    _api = f"{EMULATOR_URL}/v3"
    _app = f"{EMULATOR_URL}/app"
elif INTUIT_ENVIRONMENT == "sandbox":
    _discovery = "https://developer.intuit.com/.well-known/openid_sandbox_configuration"
    _api = "https://sandbox-quickbooks.api.intuit.com/v3"
    _app = "https://app.sandbox.qbo.intuit.com/app"
else:
    _discovery = "https://developer.intuit.com/.well-known/openid_configuration"
    _api = "https://quickbooks.api.intuit.com/v3"
    _app = "https://app.qbo.intuit.com/app"

INTUIT_DISCOVERY_URL = env.str("INTUIT_DISCOVERY_URL", default=_discovery)
QUICKBOOKS_API_URL = env.str("QUICKBOOKS_API_URL", default=_api).rstrip("/")
QUICKBOOKS_APP_URL = env.str("QUICKBOOKS_APP_URL", default=_app).rstrip("/")
