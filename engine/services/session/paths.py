"""Where a server has what concerns users and their sessions."""

from __future__ import annotations

ACCOUNT = "/v1/account"
REGISTER = "/v1/auth/register"
VERIFY = "/v1/auth/verify"
RESEND = "/v1/auth/resend"
LOGIN = "/v1/auth/login"
REFRESH = "/v1/auth/refresh"
LOGOUT = "/v1/auth/logout"
STEP_UP = "/v1/auth/step-up"
SESSIONS = "/v1/auth/sessions"
MFA_ENROLL = "/v1/auth/mfa/enroll"
MFA_CONFIRM = "/v1/auth/mfa/confirm"
MFA_DISABLE = "/v1/auth/mfa/disable"
RECOVERY = "/v1/auth/recovery-codes"
PASSWORD = "/v1/auth/password"  # noqa: S105 - a path
FORGOT = "/v1/auth/password/forgot"
RESET = "/v1/auth/password/reset"
KEYS = "/v1/auth/keys"
TICKET = "/v1/auth/ws-ticket"
