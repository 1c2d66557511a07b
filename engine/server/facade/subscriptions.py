"""An account's events on a socket of the `/ws-api`, each wrapped with the number of its subscription."""

from __future__ import annotations

from typing import Any

from engine.domain.order import AccountId
from engine.server.facade.fault import Fault
from engine.server.facade.operation import Asked, Front
from engine.server.facade.userdata import Listener
from engine.server.ws.client import Client
from engine.server.ws.frame import text_frame


class Subscriptions:
    """What one client listens to."""

    def __init__(self, client: Client, front: Front) -> None:
        self._client, self._front = client, front
        self._open: dict[int, tuple[AccountId, Listener]] = {}
        self._next = 0

    @property
    def is_open(self) -> bool:
        """Whether there is any."""
        return bool(self._open)

    async def subscribe(self, asked: Asked) -> Any:  # noqa: ANN401
        """Send an account's events from now on; the answer is the subscription's number."""
        account = asked.account
        if any(known == account for known, _ in self._open.values()):
            raise Fault(-2035, "Subscription already active in this session.")
        self._front.services.hub.sign_in(self._client, asked.known)
        number, self._next = self._next, self._next + 1

        def tell(payload: bytes) -> None:
            self._client.tell(text_frame(b'{"subscriptionId":%d,"event":%s}' % (number, payload)))

        self._open[number] = (account, tell)
        try:
            await self._front.user_data.listen(account, tell)
        except BaseException:
            del self._open[number]
            raise
        return {"subscriptionId": number}

    async def unsubscribe(self, asked: Asked) -> Any:  # noqa: ANN401
        """Send no more of a subscription, or of any if no number is given."""
        number = asked.told.integer("subscriptionId")
        for each in tuple(self._open) if number is None else (number,):
            self._leave(each)
        return {}

    async def show(self, _asked: Asked) -> Any:  # noqa: ANN401
        """Answer with the numbers of the subscriptions."""
        return [{"subscriptionId": number} for number in self._open]

    def end(self) -> None:
        """Listen no more."""
        for number in tuple(self._open):
            self._leave(number)

    def _leave(self, number: int) -> None:
        found = self._open.pop(number, None)
        if found is None:
            raise Fault(-2036, "User Data Stream subscription not found.")
        self._front.user_data.leave(*found)
