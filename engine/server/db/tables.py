"""The tables of users, sessions and keys, and the security log.

Instants are integer nanoseconds UTC of the server's wall clock (`…_ns`). What proves something is stored so that a
copy of the database proves nothing: passwords and codes hashed (with a key that is not in here), refresh tokens and
tickets as SHA-256, secrets that the server must read again sealed with AES-GCM.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

REVISION = "0001"
"""The migration that leads to these tables; `tests` compare the two."""

VERSION_TABLE = "accounts_version"
"""Where Alembic keeps the revision; the exchange's tables may be in the same database and have their own."""

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
    },
)

Number = BigInteger().with_variant(Integer, "sqlite")

crs_user = Table(
    "crs_user",
    metadata,
    Column("id", Number, primary_key=True),
    Column("email", Text, nullable=False, unique=True),
    Column("username", Text, nullable=False),
    Column("username_key", Text, nullable=False, unique=True),
    Column("password_hash", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("locked", Boolean, nullable=False),
    Column("verified_ns", BigInteger),
    Column("created_ns", BigInteger, nullable=False),
    Column("password_ns", BigInteger, nullable=False),
)
"""`email` is lower case; `username_key` is the name in lower case, so that two names differ by more than that."""

trading_account = Table(
    "trading_account",
    metadata,
    Column("id", Number, primary_key=True),
    Column("user_id", Number, ForeignKey("crs_user.id"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("created_ns", BigInteger, nullable=False),
)
"""The account's name at the exchange is `U-` and its id."""

device = Table(
    "device",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user_id", Number, ForeignKey("crs_user.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("public_key", Text, nullable=False),
    Column("created_ns", BigInteger, nullable=False),
    UniqueConstraint("user_id", "public_key"),
)

device_nonce = Table(
    "device_nonce",
    metadata,
    Column("device_id", Text, ForeignKey("device.id"), nullable=False),
    Column("nonce", Text, nullable=False),
    Column("at_ns", BigInteger, nullable=False, index=True),
    PrimaryKeyConstraint("device_id", "nonce"),
)

session = Table(
    "session",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user_id", Number, ForeignKey("crs_user.id"), nullable=False, index=True),
    Column("device_id", Text, ForeignKey("device.id"), nullable=False),
    Column("ip", Text, nullable=False),
    Column("amr", Text, nullable=False),
    Column("created_ns", BigInteger, nullable=False),
    Column("seen_ns", BigInteger, nullable=False),
    Column("expires_ns", BigInteger, nullable=False),
    Column("stepped_up_ns", BigInteger, nullable=False),
    Column("ended_ns", BigInteger),
    Column("ended_why", Text),
)
"""One family of refresh tokens. `amr`: how the person proved itself, joined by spaces; `stepped_up_ns`: until when."""

refresh_token = Table(
    "refresh_token",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("session_id", Text, ForeignKey("session.id"), nullable=False, index=True),
    Column("parent", Text),
    Column("created_ns", BigInteger, nullable=False),
    Column("used_ns", BigInteger),
)

mfa = Table(
    "mfa",
    metadata,
    Column("user_id", Number, ForeignKey("crs_user.id"), primary_key=True, autoincrement=False),
    Column("secret", Text, nullable=False),
    Column("confirmed_ns", BigInteger),
    Column("last_step", BigInteger, nullable=False),
)

proof_tries = Table(
    "proof_tries",
    metadata,
    Column("user_id", Number, ForeignKey("crs_user.id"), primary_key=True, autoincrement=False),
    Column("tries", Integer, nullable=False),
    Column("since_ns", BigInteger, nullable=False),
    Column("locked_ns", BigInteger, nullable=False),
)
"""Wrong second factors of a user since an instant, and until when no more are taken."""

recovery_code = Table(
    "recovery_code",
    metadata,
    Column("user_id", Number, ForeignKey("crs_user.id"), nullable=False),
    Column("hash", Text, nullable=False),
    Column("used_ns", BigInteger),
    PrimaryKeyConstraint("user_id", "hash"),
)

check_code = Table(
    "check_code",
    metadata,
    Column("user_id", Number, ForeignKey("crs_user.id"), nullable=False),
    Column("purpose", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Column("created_ns", BigInteger, nullable=False),
    Column("tries", Integer, nullable=False),
    PrimaryKeyConstraint("user_id", "purpose"),
)

api_key = Table(
    "api_key",
    metadata,
    Column("id", Number, primary_key=True),
    Column("user_id", Number, ForeignKey("crs_user.id"), nullable=False, index=True),
    Column("account_id", Number, ForeignKey("trading_account.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("api_key", Text, nullable=False, unique=True),
    Column("secret", Text, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("addresses", Text, nullable=False),
    Column("created_ns", BigInteger, nullable=False),
    Column("used_ns", BigInteger),
    Column("revoked_ns", BigInteger),
)
"""`scopes` and `addresses` (networks; none = any) are joined by spaces."""

ws_ticket = Table(
    "ws_ticket",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("session_id", Text, ForeignKey("session.id"), nullable=False),
    Column("access_ns", BigInteger, nullable=False),
    Column("expires_ns", BigInteger, nullable=False, index=True),
)
"""`access_ns`: when the access token ends with which the ticket was fetched."""

revocation = Table(
    "revocation",
    metadata,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("subject", Text, primary_key=True),
    Column("at_ns", BigInteger, nullable=False, index=True),
)
"""What every process has to forget: `session:ID`, `user:ID` or `key:ID`, by the number of the log's line about it."""

security_log = Table(
    "security_log",
    metadata,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("at_ns", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("data", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Index("ix_security_log_subject_seq", "subject", "seq"),
)

security_tip = Table(
    "security_tip",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
    Column("hash", Text, nullable=False),
)
"""One row: where the log ends. Whoever appends holds it locked, so several processes append in one order."""
