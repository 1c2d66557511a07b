"""Signing in to a server, step by step: its address, signing up or in, check codes, a forgotten password.

    SERVER → SIGN_IN → CODE → DONE            a code only where the server asks for a second factor
             SIGN_IN → REGISTER → VERIFY → DONE
             SIGN_IN → FORGOT → RESET → SIGN_IN

What is typed is kept in the model until `forget`, which whoever closes the dialog calls: no password stays behind.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from enum import StrEnum

from crs_desktop.viewmodels.hook import Hook, Link
from crs_desktop.viewmodels.server.access import Access
from crs_desktop.viewmodels.server.address import normal, short
from crs_desktop.viewmodels.server.password import Strength, length_problem, strength
from crs_desktop.viewmodels.words import NOTHING, Sentence, say, verbatim
from engine.errors import CrsError, ServerRefused
from engine.services.session import SessionState

SECRETS = ("password", "new_password", "code", "mail_code")
_USERNAME = re.compile(r"[A-Za-z0-9_.-]{3,30}")
_CODE = re.compile(r"[A-Za-z0-9-]{4,40}")


class Step(StrEnum):
    """Where one is."""

    SERVER = "server"
    SIGN_IN = "sign_in"
    CODE = "code"
    REGISTER = "register"
    VERIFY = "verify"
    FORGOT = "forgot"
    RESET = "reset"
    DONE = "done"


FIELDS: dict[Step, tuple[str, ...]] = {
    Step.SERVER: ("url",),
    Step.SIGN_IN: ("email", "password"),
    Step.CODE: ("code",),
    Step.REGISTER: ("email", "username", "new_password"),
    Step.VERIFY: ("mail_code",),
    Step.FORGOT: ("email",),
    Step.RESET: ("mail_code", "new_password"),
    Step.DONE: (),
}
"""What each step asks for."""

BACK = {
    Step.SIGN_IN: Step.SERVER,
    Step.CODE: Step.SIGN_IN,
    Step.REGISTER: Step.SIGN_IN,
    Step.VERIFY: Step.REGISTER,
    Step.FORGOT: Step.SIGN_IN,
    Step.RESET: Step.FORGOT,
}
_WIRE_FIELDS = {"password": ("password", "new_password"), "code": ("code", "mail_code")}
"""Fields that the wire calls otherwise."""


class SignIn:
    """The dialog's state; `connect` returns the session of a server after a look at what runs there."""

    def __init__(
        self,
        connect: Callable[[str], Awaitable[Access]],
        *,
        url: str = "",
        email: str = "",
        access: Access | None = None,
    ) -> None:
        self._connect = connect
        self.access = access
        self.step = Step.SERVER if access is None else Step.SIGN_IN
        self.values = {"url": url, "email": email}
        self.problems: dict[str, Sentence] = {}
        self.problem: Sentence = NOTHING
        """What is wrong, if no field is to blame."""
        self.note: Sentence = NOTHING
        """What went well just now, or what to do next."""
        self.busy: Sentence = NOTHING
        """What is going on; NOTHING while the user may act."""
        self.strength: Strength | None = None
        self._changed: Hook[SignIn] = Hook()

    # -- what is shown ------------------------------------------------------------------------------

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields of the step."""
        return FIELDS[self.step]

    @property
    def server(self) -> str:
        """How the server is called."""
        return short(self.value("url")) if self.access is not None else ""

    def value(self, name: str) -> str:
        """Return what is typed in a field."""
        return self.values.get(name, "")

    def on_change(self, call: Callable[[SignIn], object]) -> Link[SignIn]:
        """Be told when anything is to be shown anew."""
        return self._changed.add(call)

    # -- what the user does -------------------------------------------------------------------------

    def set(self, name: str, text: str) -> None:
        """Take what was typed; a complaint about it is void."""
        self.values[name] = text
        if self.problems.pop(name, None) is not None or self.problem != NOTHING:
            self.problem = NOTHING
            self._changed.fire(self)

    def go(self, step: Step) -> None:
        """Go to another step; what was typed stays."""
        self.step, self.problems, self.problem, self.note = step, {}, NOTHING, NOTHING
        if self.access is not None and step is not Step.CODE:
            self.access.forget_password()
        if step is Step.SERVER:
            self.access = None
        self._changed.fire(self)

    def back(self) -> bool:
        """Go a step back; False at the first one."""
        before = BACK.get(self.step)
        if before is None or self.busy != NOTHING:
            return False
        self.go(before)
        return True

    async def judge(self) -> None:
        """Say how good the new password is."""
        password = self.value("new_password")
        about = [self.value("email"), self.value("email").partition("@")[0], self.value("username"), self.server]
        judged = await strength(password, about) if password else None
        if password == self.value("new_password"):
            self.strength = judged
            self._changed.fire(self)

    async def submit(self) -> None:
        """Do what the step is for; a refusal is shown where it belongs."""
        if self.busy != NOTHING or self.step is Step.DONE or not self._check():
            return
        doing = _DOING[self.step]
        self.busy, self.problem = say(doing, server=self.server or self.value("url")), NOTHING
        self._changed.fire(self)
        try:
            await _ACTS[self.step](self)
        except CrsError as error:
            self._refused(error)
        finally:
            self.busy = NOTHING
            self._changed.fire(self)

    async def resend(self) -> None:
        """Ask for another code by e-mail."""
        if self.access is None or self.busy != NOTHING:
            return
        try:
            if self.step is Step.RESET:
                await self.access.security.forgot(self.value("email"))
            else:
                await self.access.resend(self.value("email"))
        except CrsError as error:
            self._refused(error)
        else:
            self.problem, self.note = NOTHING, say("A new code is on its way to {email}.", email=self.value("email"))
        self._changed.fire(self)

    def forget(self) -> None:
        """Forget everything secret."""
        for name in SECRETS:
            self.values.pop(name, None)
        self.strength = None

    # -- the steps ----------------------------------------------------------------------------------

    async def _look_at_server(self) -> None:
        url, wrong = normal(self.value("url"))
        if wrong != NOTHING:
            self.problems["url"] = wrong
            return
        self.values["url"] = url
        self.access = await self._connect(url)
        self._next(Step.SIGN_IN if self.access.user is None else Step.DONE)

    async def _sign_in(self) -> None:
        await self._login(self.value("password"))

    async def _login(self, password: str) -> None:
        state = await self._session.sign_in(self.value("email").strip(), password)
        if state is SessionState.MFA:
            self._next(Step.CODE, say("Enter the code of your authenticator, or a recovery code."))
        else:
            self._signed_in()

    async def _second_factor(self) -> None:
        await self._session.give_code(self.value("code").strip().replace(" ", ""))
        self._signed_in()

    def _signed_in(self) -> None:
        self.forget()
        self._next(Step.DONE)

    async def _register(self) -> None:
        email = self.value("email").strip()
        await self._session.register(email, self.value("username").strip(), self.value("new_password"))
        self._next(Step.VERIFY, say("A check code is on its way to {email}.", email=email))

    async def _verify(self) -> None:
        password = self.value("new_password")
        await self._session.verify(self.value("email").strip(), self.value("mail_code").strip(), password or None)
        if not password:  # the code came in another run of the dialog
            self._next(Step.SIGN_IN, say("Your e-mail address is confirmed. Sign in."))
            return
        await self._login(password)

    async def _forgot(self) -> None:
        email = self.value("email").strip()
        await self._session.security.forgot(email)
        self._next(Step.RESET, say("If {email} has an account here, a code is on its way.", email=email))

    async def _reset(self) -> None:
        code = self.value("mail_code").strip()
        await self._session.security.reset(self.value("email").strip(), code, self.value("new_password"))
        self.forget()
        self._next(Step.SIGN_IN, say("The password is changed. Sign in with the new one."))

    # -- inside -------------------------------------------------------------------------------------

    @property
    def _session(self) -> Access:
        if self.access is None:
            raise RuntimeError("a step that needs a server came before it")
        return self.access

    def _next(self, step: Step, note: Sentence = NOTHING) -> None:
        self.step, self.problems, self.problem, self.note = step, {}, NOTHING, note

    def _check(self) -> bool:
        """Look at what can be known without the server."""
        found = {name: _wrong(name, self.value(name)) for name in self.fields}
        self.problems = {name: wrong for name, wrong in found.items() if wrong is not None}
        if self.problems:
            self._changed.fire(self)
        return not self.problems

    def _refused(self, error: CrsError) -> None:
        """Show a refusal at its field, or above the buttons."""
        placed = False
        for field, text in error.fields.items() if isinstance(error, ServerRefused) else ():
            name = next((each for each in _WIRE_FIELDS.get(field, (field,)) if each in self.fields), None)
            if name is not None:
                self.problems[name], placed = verbatim(text), True
        if not placed:
            self.problem = verbatim(str(error))


def _wrong(name: str, text: str) -> Sentence | None:
    typed = text.strip()
    if name == "url":
        wrong = normal(text)[1]
        return wrong if wrong != NOTHING else None
    if name == "email":
        local, at, host = typed.rpartition("@")
        good = bool(at) and bool(local) and "." in host.strip(".") and not any(each.isspace() for each in typed)
        return None if good or host == "localhost" else say("Enter an e-mail address, such as ann@example.org.")
    if name == "username":
        return None if _USERNAME.fullmatch(typed) else say("3 to 30 letters, digits, dots, dashes or underscores.")
    if name == "new_password":
        return length_problem(text)
    if name == "password":
        return None if text else say("Enter your password.")
    return None if _CODE.fullmatch(typed.replace(" ", "")) else say("A code has 4 to 20 letters and digits.")


_DOING = {
    Step.SERVER: "Looking at {server}…",
    Step.SIGN_IN: "Signing in to {server}…",
    Step.CODE: "Signing in to {server}…",
    Step.REGISTER: "Signing up at {server}…",
    Step.VERIFY: "Checking the code…",
    Step.FORGOT: "Asking {server} for a code…",
    Step.RESET: "Changing the password…",
}
_ACTS: dict[Step, Callable[[SignIn], Awaitable[None]]] = {
    Step.SERVER: SignIn._look_at_server,
    Step.SIGN_IN: SignIn._sign_in,
    Step.CODE: SignIn._second_factor,
    Step.REGISTER: SignIn._register,
    Step.VERIFY: SignIn._verify,
    Step.FORGOT: SignIn._forgot,
    Step.RESET: SignIn._reset,
}
