"""A pipeline that keeps its promises in memory: prepares, simulates anew, confirms and sends; no key, no chain."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from engine.defi.address import checksummed
from engine.defi.chain import ChainSpec
from engine.defi.intent import Approval, Intent, IntentKind
from engine.defi.prepared import Change, FeeChoice, FeePreset, Prepared, Remark, Simulation, Weight
from engine.defi.token import NATIVE, Token, TokenAmount
from engine.errors import InvalidInput, KeysLocked, WrongPassphrase
from engine.ports.chain import UnsignedTransaction
from engine.services.wallet.sent import SendState, SentTransaction

GWEI = 10**9
NOW = 1_800_000_000 * GWEI


def address(name: str) -> str:
    """Return an address that belongs to a name."""
    return checksummed("0x" + hashlib.sha256(name.encode()).hexdigest()[:40])


ME, FRIEND, ROUTER = address("me"), address("friend"), address("router")
ETH = Token(1, NATIVE, "ETH", 18, "Ether")
WETH = Token(1, address("weth"), "WETH", 18, "Wrapped Ether")
USDC = Token(1, address("usdc"), "USDC", 6, "USD Coin")
CHAIN = ChainSpec(
    1, "ethereum", "Ethereum", ETH, WETH, 12.0, 12, address("multicall"), "a test", tokens=(WETH, USDC),
    stables=(USDC.address,),
)  # fmt: skip
FEES = tuple(
    FeeChoice(preset, max_fee * GWEI, tip * GWEI, 10 * GWEI, wait)
    for preset, max_fee, tip, wait in (
        (FeePreset.SLOW, 21, 1, 60.0), (FeePreset.NORMAL, 22, 2, 24.0), (FeePreset.FAST, 24, 4, 12.0),
    )
)  # fmt: skip


def send(amount: str = "1.5", to: str = FRIEND) -> Intent:
    """Pay ether."""
    coins = ETH.of(amount)
    return Intent(IntentKind.SEND, 1, ME, to, "", value=coins.units, leaves=(coins,), arrives=(coins,), recipient=to)


def swap() -> Intent:
    """Sell ether for dollars, on two ways."""
    return Intent(
        IntentKind.SWAP, 1, ME, ROUTER, "Uniswap V2's router", b"\x38\xed\x17\x39" + bytes(range(200)), 10**18,
        leaves=(ETH.of("1"),), arrives=(USDC.of("2970.25"),), expected=(USDC.of("3000.25"),), slippage_bps=100,
        impact_bps=12, deadline=NOW // GWEI + 600,
        route=("60 % WETH → USDC at Uniswap V3 0.05 %", "40 % WETH → USDC at SushiSwap"),
    )  # fmt: skip


def approve(amount: int, before: int | None = 0, symbol: str = "USDC") -> Intent:
    """Let the router spend."""
    token = Token(1, USDC.address, symbol, 6)
    approval = Approval(token, ROUTER, "Uniswap V2's router", amount, before)
    return Intent(
        IntentKind.APPROVE, 1, ME, token.address, "USD Coin's contract", b"\x09\x5e\xa7\xb3", approval=approval
    )


def prepared(
    intent: Intent, *remarks: Remark, fee: FeeChoice = FEES[1], at: int = NOW, block: int = 19_000_001
) -> Prepared:
    """Return an intent as the pipeline would show it."""
    changes = [Change(ME, TokenAmount(each.token, -each.units)) for each in intent.leaves]
    changes += [Change(intent.recipient or ME, each) for each in intent.expected or intent.arrives]
    made = UnsignedTransaction(
        1, intent.sender, 7, intent.to, intent.value, intent.data, 150_000, fee.max_fee, fee.max_priority_fee
    )
    granted = (intent.approval,) if intent.approval is not None else ()
    found = Simulation(True, "", 120_000, tuple(changes), granted, block, True)
    digest = hashlib.sha256(repr(made).encode()).hexdigest()
    return Prepared(intent, made, fee, FEES, found, remarks, (), at, digest)


def note(text: str = "This swap can be seen before it is mined.") -> Remark:
    return Remark(Weight.NOTE, "sandwich", text)


def warning(code: str = "price-impact", text: str = "It moves the price by 4.2 % against you.") -> Remark:
    return Remark(Weight.WARNING, code, text)


def refusal(text: str = "This address looks like that of Ann, and is another one.") -> Remark:
    return Remark(Weight.REFUSAL, "look-alike", text)


def sent_of(prepared: Prepared, state: SendState = SendState.PENDING, at: int = NOW) -> SentTransaction:
    """Return what the ledger would keep of a transaction."""
    title = f"Send {prepared.intent.leaves[0]}" if prepared.intent.leaves else "Change an allowance"
    return SentTransaction(
        "0x" + prepared.digest, prepared.transaction, prepared.intent, title, "transfer(to, amount)", state, at, at
    )


@dataclass
class MemoryPipeline:
    """Does what `SendPipeline` promises, with a clock that the test turns."""

    now: int = NOW
    is_locked: bool = False
    remarks: tuple[Remark, ...] = ()
    refuses: str = ""
    """Why nothing can be asked of the chain; empty while it can."""
    change: Callable[[Prepared], Prepared] = lambda each: each
    """What a refreshed one is made of."""
    asked: list[FeePreset | FeeChoice] = field(default_factory=list)
    confirmed: list[tuple[Prepared, frozenset[str]]] = field(default_factory=list)
    sent: list[Prepared] = field(default_factory=list)
    remembered: str = ""
    waits_for: asyncio.Event | None = None
    """What preparing waits for."""
    forgotten: list[Prepared] = field(default_factory=list)
    block: int = 19_000_001
    kept: Callable[[SentTransaction], object] = lambda _sent: None
    """Hears what was sent."""

    def clock(self) -> int:
        """The time of the test, ns."""
        return self.now

    async def prepare(
        self, intent: Intent, fee: FeePreset | FeeChoice = FeePreset.NORMAL, *, allow_unlimited: bool = False
    ) -> Prepared:
        self._check()
        if self.waits_for is not None:
            await self.waits_for.wait()
        self.asked.append(fee)
        choice = fee if isinstance(fee, FeeChoice) else next(each for each in FEES if each.preset is fee)
        return prepared(intent, *self.remarks, fee=choice, at=self.now, block=self.block)

    async def refresh(self, shown: Prepared) -> Prepared:
        self._check()
        self.block += 1
        found = replace(shown.simulation, block=self.block)
        return self.change(replace(shown, prepared_ns=self.now, simulation=found))

    def forget(self, shown: Prepared) -> None:
        self.forgotten.append(shown)

    async def confirm(self, shown: Prepared, acknowledged: frozenset[str]) -> Prepared:
        missing = {each.code for each in shown.warnings} - acknowledged
        if missing or shown.refusals:
            raise InvalidInput(f"Not acknowledged: {', '.join(sorted(missing))}.")
        self.confirmed.append((shown, acknowledged))
        return shown

    async def send(self, confirmed: Prepared) -> SentTransaction:
        if self.is_locked:
            raise KeysLocked("The wallet is locked.")
        self._check()
        self.sent.append(confirmed)
        made = sent_of(confirmed)
        self.kept(made)
        return made

    async def unlock(self, password: str | None) -> None:
        if (password or self.remembered) != "correct horse":
            raise WrongPassphrase("This password does not open the wallet.")
        self.is_locked = False

    def _check(self) -> None:
        if self.refuses:
            raise InvalidInput(self.refuses)
