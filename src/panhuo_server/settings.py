"""Django's settings, read from the server's data folder (``PANHUO_DATA``).

Invariant: the application's connections are those of roles bound by row-level security; the owner's are used by
migrations alone.
"""

from __future__ import annotations

import os
import secrets as chance
from pathlib import Path

from panhuo_server.logs import configuration
from panhuo_server.store.acting import CLOCK
from panhuo_server.store.declared import SERVING
from panhuo_server.store.layout import Layout
from panhuo_server.store.postgres import ROLE_VARIABLE, WORKER_ROLE, address_of, role_passwords

LAYOUT = Layout.current()
_ADDRESS = address_of(LAYOUT)
_PASSWORDS = role_passwords(LAYOUT)
ROLE = os.environ.get(ROLE_VARIABLE) or "panhuo_app"
"""The role this process serves as: the web process as ``panhuo_app``, the worker as ``panhuo_flows``."""
if ROLE not in SERVING["panhuo"]:
    raise ValueError(f"{ROLE_VARIABLE}: one of {', '.join(SERVING['panhuo'])}")


def _database(role: str, schema: str) -> dict[str, object]:
    given = _ADDRESS.parameters(role, _PASSWORDS[role])
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": given["dbname"], "USER": role, "PASSWORD": given["password"], "HOST": given["host"],
        "PORT": str(given["port"]),
        "OPTIONS": {"options": f"-c search_path={schema} -c timezone=UTC"},
        "ATOMIC_REQUESTS": False,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }  # fmt: skip


DATABASES = {
    "default": _database(ROLE, "panhuo"),
    "judicial": _database("panhuo_judicial", "judicial"),
    "reads": _database(ROLE, "panhuo"),  # the log of reads commits whatever becomes of the request
    "reads_judicial": _database("panhuo_judicial", "judicial"),
    "owner": _database("panhuo_owner", "panhuo"),
    "owner_judicial": _database("panhuo_owner", "judicial"),
}
if ROLE == WORKER_ROLE:
    DATABASES[CLOCK] = _database(WORKER_ROLE, "panhuo")  # what time alone brings about is the worker's
DATABASE_ROUTERS = ["panhuo_server.store.routes.Routes"]
SECRET_KEY = LAYOUT.secret("django", lambda: {"key": chance.token_urlsafe(50)})["key"]
DEBUG = False
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
INSTALLED_APPS = ["panhuo_server.store"]
MIDDLEWARE = ["panhuo_server.api.request_log.RequestLog", "panhuo_server.api.boundary.Boundary"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 16 * 1024 * 1024  # the API refuses larger bodies before they are read
FILE_UPLOAD_MAX_MEMORY_SIZE = 16 * 1024 * 1024  # nothing a caller uploads lies readable on the disk
FILE_UPLOAD_HANDLERS = ["panhuo_server.console.importing.arriving.InMemory"]
LOGGING = configuration()
ROOT_URLCONF = "panhuo_server.urls"
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
LANGUAGE_CODE = "zh-hans"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent / "console" / "templates"],
        "OPTIONS": {
            "context_processors": ["django.template.context_processors.csrf"],
            "builtins": ["panhuo_server.console.tags"],
        },
    }
]
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
