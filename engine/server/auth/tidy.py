"""What is of no use any more and goes: tokens, tickets and codes that have ended, sessions of long ago, half users."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Connection

from engine.domain.number import NANOS_PER_SECOND
from engine.server.auth.session import NONCE_KEPT_NS, SESSION_NS
from engine.server.db.tables import (
    api_key,
    check_code,
    crs_user,
    device,
    device_nonce,
    refresh_token,
    revocation,
    session,
    trading_account,
    ws_ticket,
)

DAY_NS = 86_400 * NANOS_PER_SECOND
SESSIONS_KEPT_NS = 90 * DAY_NS
"""After their end, so that somebody can still ask where he was signed in."""
REVOCATIONS_KEPT_NS = 3_600 * NANOS_PER_SECOND
UNVERIFIED_KEPT_NS = DAY_NS
"""How long an unfinished registration keeps a name from others."""


def tidy(connection: Connection, now_ns: int) -> None:
    """Delete it. A spent refresh token stays while its session could be refreshed, so that its reuse is noticed."""
    connection.execute(ws_ticket.delete().where(ws_ticket.c.expires_ns < now_ns))
    connection.execute(device_nonce.delete().where(device_nonce.c.at_ns < now_ns - NONCE_KEPT_NS))
    connection.execute(revocation.delete().where(revocation.c.at_ns < now_ns - REVOCATIONS_KEPT_NS))
    connection.execute(check_code.delete().where(check_code.c.created_ns < now_ns - DAY_NS))
    connection.execute(refresh_token.delete().where(refresh_token.c.created_ns < now_ns - SESSION_NS - DAY_NS))
    ended = sa.select(session.c.id).where(
        sa.func.coalesce(session.c.ended_ns, session.c.expires_ns) < now_ns - SESSIONS_KEPT_NS
    )
    connection.execute(refresh_token.delete().where(refresh_token.c.session_id.in_(ended)))
    connection.execute(
        session.delete().where(sa.func.coalesce(session.c.ended_ns, session.c.expires_ns) < now_ns - SESSIONS_KEPT_NS)
    )
    _forget_unfinished(connection, now_ns)


def _forget_unfinished(connection: Connection, now_ns: int) -> None:
    """Delete users who never verified their address, unless an operator gave them something."""
    query = sa.select(crs_user.c.id).where(
        crs_user.c.verified_ns.is_(None),
        crs_user.c.created_ns < now_ns - UNVERIFIED_KEPT_NS,
        ~sa.exists().where(api_key.c.user_id == crs_user.c.id),
        ~sa.exists().where(device.c.user_id == crs_user.c.id),
    )
    for user_id in tuple(connection.scalars(query.with_for_update())):
        connection.execute(check_code.delete().where(check_code.c.user_id == user_id))
        connection.execute(trading_account.delete().where(trading_account.c.user_id == user_id))
        connection.execute(crs_user.delete().where(crs_user.c.id == user_id))
