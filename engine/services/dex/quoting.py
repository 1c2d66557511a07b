"""All ways of making a swap, worked out from pools that were read: pure work for a thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise

from engine.defi.chain import ChainSpec, DexKind, DexSpec
from engine.defi.routes.gas import APPROVAL_GAS, FREE, TRANSACTION_GAS, GasPrice
from engine.defi.routes.graph import PoolGraph
from engine.defi.routes.path import Path
from engine.defi.routes.search import MOST_HOPS, Found, best_in, best_out
from engine.defi.routes.split import Split, batched, best_split
from engine.defi.routes.taxed import NO_TAX, Taxes, taxed_graph
from engine.defi.slippage import BPS
from engine.defi.token import SYMBOL_SHOWN, Token, TokenAmount
from engine.services.dex.pools import PoolView
from engine.services.dex.quoterow import DexQuotes, QuoteRow, RowKind, fee_bps, impact_bps

MOST_PARTS = 3
"""Routes that a split is made of at most: each is a transaction to look at and to sign, or a part of one."""
LEAST_GAIN_BPS = 2
"""What a split must bring more than the best single route, net of gas, to be worth looking at several transactions."""
PROBE_GAS = 3_000_000
"""Gas whose price is changed into a token: a few swaps, so that dust in a pool does not set the rate."""
MIXED = (
    "It goes through pools of several exchanges, and no router reaches them all: it would take one transaction after "
    "the other, with prices that may move in between. It is shown to compare, and not offered."
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be swapped."""

    token_in: Token
    token_out: Token
    amount: int
    """Of `token_in`; exact-out: of `token_out`."""
    is_exact_in: bool = True
    hops: int = MOST_HOPS


@dataclass(slots=True)
class Quoting:
    """One run over the pools of a view."""

    spec: ChainSpec
    view: PoolView
    asked: Asked
    gas_price: int
    taxes: Taxes = field(default_factory=dict)
    symbols: Mapping[str, str] = field(default_factory=dict)
    """By address, besides those of the chain."""
    rows: list[QuoteRow] = field(default_factory=list)
    refusals: dict[str, str] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    _gas: GasPrice = FREE
    _is_gas_known: bool = True

    def run(self) -> DexQuotes:
        """Return the quotes; `unread` names pools that should be read further before they are believed."""
        self._gas, self._is_gas_known = self._gas_price()
        graphs = {name: taxed_graph(graph, self.taxes) for name, graph in self.view.by_dex.items()}
        for dex in self.spec.dexes:
            self._of_dex(dex, graphs[dex.name])
        self._mixed(taxed_graph(self.view.graph, self.taxes))
        if self.asked.is_exact_in and not self._is_taxed:
            self._split(list(graphs.values()))
        self.rows.sort(key=lambda each: each.rank)
        asked = self.asked
        token = asked.token_in if asked.is_exact_in else asked.token_out
        return DexQuotes(
            asked.token_in,
            asked.token_out,
            token.units(asked.amount),
            asked.is_exact_in,
            tuple(self.rows),
            self.refusals,
            self.view.block,
            self.gas_price,
            tuple(self._notes()),
            tuple(dict.fromkeys(self.unknown)),
            asked.hops,
        )

    @property
    def _ends(self) -> tuple[str, str]:
        wrapped = self.spec.wrapped.address
        first, second = self.asked.token_in, self.asked.token_out
        return wrapped if first.is_native else first.address, wrapped if second.is_native else second.address

    @property
    def _is_taxed(self) -> bool:
        return any(self.taxes.get(each, NO_TAX).is_some for each in self._ends)

    @property
    def _judged(self) -> Token:
        """The token in which rows are compared, and gas is told."""
        return self.asked.token_out if self.asked.is_exact_in else self.asked.token_in

    @property
    def _sent(self) -> int:
        """What is in the first pool when a path begins."""
        asked = self.asked
        if not asked.is_exact_in:
            return asked.amount
        return self.taxes.get(self._ends[0], NO_TAX).entering.arrives(asked.amount)

    @property
    def _transaction_gas(self) -> int:
        """What each transaction takes besides its hops; approvals are exact, so each swap of a token needs one."""
        return TRANSACTION_GAS + (0 if self.asked.token_in.is_native else APPROVAL_GAS)

    def _of_dex(self, dex: DexSpec, graph: PoolGraph) -> None:
        direct, several = self._found(graph, 1), self._found(graph, self.asked.hops)
        if direct.path is not None:
            self._row(RowKind.DIRECT, dex.title, (direct.path,))
        if several.path is not None and len(several.path.edges) > 1:
            self._row(RowKind.MULTI_HOP, dex.title, (several.path,))
        if several.path is None and direct.path is None:
            self.refusals[dex.name] = self._why(dex, graph, several)

    def _found(self, graph: PoolGraph, hops: int) -> Found:
        search = best_in if self.asked.is_exact_in else best_out
        if self._sent <= 0:
            return Found(None, True, 0)
        found = search(graph, *self._ends, self._sent, hops=hops, gas=self._gas)
        self.unknown += found.unknown
        return found

    def _mixed(self, graph: PoolGraph) -> None:
        found = self._found(graph, self.asked.hops)
        if found.path is None or len(found.path.dexes) < 2:
            return
        titles = [dex.title for name in found.path.dexes if (dex := self.spec.dex(name)) is not None]
        self._row(RowKind.MIXED, ", then ".join(titles), (found.path,), problem=MIXED)

    def _split(self, graphs: list[PoolGraph]) -> None:
        ranged = frozenset(each.name for each in self.spec.dexes if each.kind is DexKind.V3)
        split: Split | None = best_split(
            graphs,
            *self._ends,
            self._sent,
            hops=self.asked.hops,
            gas=self._gas,
            transactions=batched(ranged),
            transaction_gas=self._transaction_gas,
            most=MOST_PARTS,
        )
        if split is None or any(self._is_taxed_on(each) for each in split.paths):
            return
        self.unknown += split.unknown
        single = max((each.net.units for each in self.rows if each.is_executable), default=0)
        if len(split.paths) > 1 and split.net * BPS >= single * (BPS + LEAST_GAIN_BPS):
            self._row(RowKind.SPLIT, f"Split over {len(split.paths)} routes", split.paths, split)

    def _row(
        self, kind: RowKind, title: str, paths: tuple[Path, ...], split: Split | None = None, problem: str = ""
    ) -> None:
        asked = self.asked
        transactions = split.transactions if split is not None else _runs(paths[0])
        gas = split.gas if split is not None else paths[0].gas + transactions * self._transaction_gas
        given = sum(each.amount_in for each in paths) if not asked.is_exact_in else asked.amount
        came, cost = sum(each.amount_out for each in paths), self._gas.cost(gas)
        judged = self._judged
        self.rows.append(
            QuoteRow(
                kind,
                tuple(dict.fromkeys(name for each in paths for name in each.dexes)),
                title,
                asked.token_in,
                asked.token_out,
                asked.is_exact_in,
                paths,
                TokenAmount(asked.token_in, given),
                TokenAmount(asked.token_out, came),
                tuple(each.amount_in for each in paths) if split is not None else (given,),
                impact_bps(paths),
                fee_bps(paths),
                gas,
                judged.units(cost) if self._is_gas_known else None,
                judged.units(came - cost if asked.is_exact_in else given + cost),
                transactions,
                self.view.block,
                tuple(self._line(each, paths) for each in paths),
                any(self._is_taxed_on(each) for each in paths),
                problem,
            )
        )

    def _line(self, path: Path, paths: tuple[Path, ...]) -> str:
        """Return a path in words: "60 % WETH → USDC at Uniswap V3 0.05 %"."""
        whole = sum(each.amount_in for each in paths)
        share = "" if len(paths) == 1 else f"{100 * path.amount_in / whole:.1f} % "
        tokens = " → ".join(self._symbol(each) for each in path.tokens)
        stops = [f"{self._title(each.market.dex)} {each.market.label}".strip() for each in path.edges]
        return f"{share}{tokens} at {', '.join(dict.fromkeys(stops))}"

    def _is_taxed_on(self, path: Path) -> bool:
        return any(self.taxes.get(each, NO_TAX).is_some for each in path.tokens)

    def _title(self, name: str) -> str:
        dex = self.spec.dex(name)
        return dex.title if dex is not None else name

    def _symbol(self, address: str) -> str:
        token = self.spec.token(address)
        if token is not None:
            return token.symbol[:SYMBOL_SHOWN]
        return self.symbols.get(address, address[:8])[:SYMBOL_SHOWN]

    def _why(self, dex: DexSpec, graph: PoolGraph, found: Found) -> str:
        """Return why an exchange has no row."""
        first, second = (each.symbol[:SYMBOL_SHOWN] for each in (self.asked.token_in, self.asked.token_out))
        if found.unknown:
            return f"{dex.title}: its pools could not be read far enough for so large a swap."
        if self._ends[0] in graph.reach(self._ends[1], self.asked.hops)[-1]:
            words = f" {found.refusal}" if found.refusal is not None else ""
            return f"{dex.title} has too little liquidity for it.{words}"
        if self._is_taxed and dex.kind is DexKind.V3:
            return f"{dex.title} cannot trade a token that keeps a part of each transfer."
        if self._ends[0] in graph.edges and self._ends[1] in graph.edges:
            return f"{dex.title} has no way from {first} to {second} of {self.asked.hops} pools or fewer."
        missing = first if self._ends[0] not in graph.edges else second
        return f"{dex.title} has no pool of {missing} with a token that leads further."

    def _gas_price(self) -> tuple[GasPrice, bool]:
        """Return what gas costs in the token by which rows are judged, and whether that is known."""
        token = self._ends[1] if self.asked.is_exact_in else self._ends[0]
        wrapped = self.spec.wrapped.address
        if token == wrapped or not self.gas_price:
            return GasPrice(Fraction(self.gas_price)), True
        probe = self.gas_price * PROBE_GAS
        path = best_in(self.view.graph, wrapped, token, probe).path
        if path is None:
            return FREE, False
        return GasPrice(Fraction(path.amount_out, PROBE_GAS)), True

    def _notes(self) -> list[str]:
        notes = []
        if not self._is_gas_known:
            notes.append(
                f"What gas costs cannot be told in {self._judged.symbol[:SYMBOL_SHOWN]}; rows are compared without."
            )
        notes += self._untried()
        taxed = [each for each in dict.fromkeys(self._ends) if self.taxes.get(each, NO_TAX).is_some]
        for address in taxed:
            tax = self.taxes[address]
            about = "" if tax.is_exact else "about "
            kept = max(each.numerator / each.denominator for each in (tax.leaving, tax.entering))
            notes.append(f"{self._symbol(address)} keeps {about}{kept:.2%} of each transfer; amounts are what arrives.")
        if self._is_taxed:
            notes.append("Swaps of such a token are not divided over several routes.")
        return notes

    def _untried(self) -> list[str]:
        """Say of which tokens it is not known whether transfers arrive whole."""
        unknown = [each for each in dict.fromkeys(self._ends) if each not in self.taxes]
        if not unknown or unknown == [self.spec.wrapped.address]:
            return []
        names = " and ".join(self._symbol(each) for each in unknown)
        return [f"Whether transfers of {names} arrive whole could not be tried; the simulation of the swap shows it."]


def _runs(path: Path) -> int:
    """Return how many routers a path needs one after the other."""
    names = [each.market.dex for each in path.edges]
    return 1 + sum(1 for before, after in pairwise(names) if before != after)
