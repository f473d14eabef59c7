"""How a file a browser sends arrives: in memory, never readable on the disk, and only from whoever is signed in.

Invariant: a body larger than `MOST_BYTES`, or of nobody who is signed in, is read past and kept nowhere.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import MemoryFileUploadHandler

from panhuo.ground.record.errors import NotAllowed
from panhuo_server.accounts.sign_in import person_of
from panhuo_server.console.frame import SESSION

MOST_BYTES = 128 * 1024 * 1024
"""A larger file goes by the command line, which does not send it through a browser."""
ADDRESS, API = "/console/import", "/api/"


class InMemory(MemoryFileUploadHandler):
    """Keeps a file sent to the import pages or the API in memory; elsewhere files are not taken at all."""

    def handle_raw_input(
        self, input_data: Any, meta: Any, content_length: int, boundary: Any, encoding: Any = None
    ) -> None:
        """Decides, before anything is read, whether the file is taken."""
        path = self.request.path_info
        if path.startswith(API):  # whose own boundary knows who asks and how much
            self.activated = content_length <= settings.FILE_UPLOAD_MAX_MEMORY_SIZE
        else:
            self.activated = content_length <= MOST_BYTES and path.startswith(ADDRESS) and self._known()

    def _known(self) -> bool:
        try:
            return bool(person_of(self.request.COOKIES.get(SESSION, "")))
        except NotAllowed:
            return False
