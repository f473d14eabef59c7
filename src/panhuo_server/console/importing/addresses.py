"""The addresses of the import pages."""

from __future__ import annotations

from django.urls import path, re_path

from panhuo_server.console.importing import imports, wizard

ADDRESSES = (
    path("console/import", imports.first),
    path("console/import/draft/<str:draft>", wizard.columns),
    path("console/import/draft/<str:draft>/check", wizard.check),
    re_path(r"^console/import/draft/(?P<draft>[0-9a-f]{32})/bad\.(?P<ending>xlsx|csv)$", wizard.bad_rows),
    path("console/import/draft/<str:draft>/seal", wizard.seal),
    path("console/import/draft/<str:draft>/drop", wizard.drop),
    path("console/import/<str:upload>", imports.one),
    re_path(r"^console/import/(?P<upload>[0-9a-f-]+)/bad\.(?P<ending>xlsx|csv)$", imports.bad_rows),
    path("console/import/<str:upload>/mend", imports.mend),
    path("console/import/<str:upload>/undo", imports.undo),
    path("console/import/<str:upload>/receipt/<int:batch>", imports.receipt),
)
