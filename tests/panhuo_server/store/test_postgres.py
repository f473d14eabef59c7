"""The embedded database: scram from its first moment, socket only, and no start where a role could bypass the rows."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from panhuo.ground.record.errors import InvalidInput


def test_nobody_gets_in_without_a_password(server: Any) -> None:
    from panhuo_server.store.postgres import LOGIN_ROLES, address_of

    address = address_of(server)
    for role in ("postgres", *LOGIN_ROLES):
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(**address.parameters(role, "wrong"))
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(host=address.host, dbname=address.database, user=role)


def test_it_listens_on_its_socket_alone(server: Any) -> None:
    from panhuo_server.store.postgres import address_of

    address = address_of(server)
    with psycopg.connect(**address.parameters(address.admin, address.admin_password)) as c:
        assert c.execute("show listen_addresses").fetchone() == ("",)
        assert c.execute("show password_encryption").fetchone() == ("scram-sha-256",)
        rules = c.execute("select distinct auth_method from pg_hba_file_rules").fetchall()
    assert rules == [("scram-sha-256",)]


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ("alter role panhuo_app bypassrls", "alter role panhuo_app nobypassrls"),
        ("alter role panhuo_live superuser", "alter role panhuo_live nosuperuser"),
        ("grant panhuo_owner to panhuo_flows", "revoke panhuo_owner from panhuo_flows"),
    ],
)
def test_it_refuses_to_start_where_a_role_could_bypass_row_level_security(server: Any, given: str, taken: str) -> None:
    from panhuo_server.store.postgres import address_of, start

    address = address_of(server)
    with psycopg.connect(**address.parameters(address.admin, address.admin_password), autocommit=True) as c:
        c.execute(given)
        try:
            with pytest.raises(InvalidInput) as refused:
                start(server)
            assert given.split()[2 if given.startswith("alter") else -1] in str(refused.value)
        finally:
            c.execute(taken)
    start(server)


def test_a_url_is_read_with_its_socket_folder_and_port() -> None:
    from panhuo_server.store.postgres import Address

    found = Address.of_url("postgresql://bank:p%40ss@db.example:6432/credit")
    assert (found.host, found.port, found.database, found.admin, found.admin_password) == (
        "db.example", 6432, "credit", "bank", "p@ss",
    )  # fmt: skip
    assert Address.of_url("postgresql://bank:x@/credit?host=/run/pg").host == "/run/pg"
    with pytest.raises(InvalidInput):
        Address.of_url("mysql://bank:x@db/credit")
    assert "p@ss" not in repr(found)
