"""Being signed in to a CRS server: its states, its tokens, and what a person does about the own security.

state      the states and the event that tells them
device     this device's key, and what of a session is kept between runs
session    signing in, staying signed in, signing out
security   sessions, second factor, password, API keys
paths      where the server has all that
"""

from __future__ import annotations

from engine.services.session.security import Security
from engine.services.session.session import ServerSession
from engine.services.session.state import SessionChanged, SessionState

__all__ = ["Security", "ServerSession", "SessionChanged", "SessionState"]
