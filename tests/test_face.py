"""``import panhuo``: a dozen names, fetched when they are used."""

from __future__ import annotations

import panhuo


def test_every_name_of_the_face_is_there() -> None:
    for name in dir(panhuo):
        assert getattr(panhuo, name) is not None
    assert not hasattr(panhuo, "no_such_name")
