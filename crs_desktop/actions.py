"""Every command of the desktop, declared once: menus, palette, hotkeys and the F1 sheet are made of it.

    ACTIONS                  what there is
    ActionBook.bind(id, f)   what it does now (a pane binds when it opens, its binding closes with it)
    ActionBook.trigger(id)   do it, if what it needs is there
    ActionBook.rebind(keys)  the user's own keys, checked for conflicts

No Qt here: a key is a text such as `Ctrl+Shift+X`, as `window` makes it from a key event. Keys of one
letter, digit or sign are silent while the user types in a text field.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Action:
    """One command. `shortcut` is the default key, "" for none; `needs` names what must be there first."""

    id: str
    title: str
    shortcut: str
    group: str
    needs: str = ""
    icon: str = ""
    more_keys: tuple[str, ...] = ()
    """Further keys that cannot be rebound."""


DESK = "desk"
"""Needs the engine to be open."""
OFFLINE = "offline"
"""Needs a market whose time we own (simulated or replay)."""

SERVER = "server"
"""Needs an account on a server behind the window."""
SIGNED_IN = "signed in"
"""Needs somebody who is signed in to it."""
ADMIN = "admin"
"""Needs one who may see how the server is doing."""
PAPER = "paper"
"""Needs the paper account behind the window."""
GOING = "going"
"""Needs another venue to be on its way."""
SOURCES = "sources"
"""Needs the paper account on a market of this computer, which can be another one."""
REPLAYED = "replayed"
"""Needs a recording of one's own behind the window."""
EXCHANGE = "exchange"
"""Needs the prices of a public exchange behind the window."""
CCXT = "ccxt"
"""Needs the extra that knows many exchanges."""
BROKEN = "broken"
"""Needs a connection to a server that is broken, and another try to wait for."""

DRAWING = (
    ("trend", "Draw: trend line", "Alt+T", "line"),
    ("ray", "Draw: ray", "", "draw-ray"),
    ("extended", "Draw: extended line", "", "draw-extended"),
    ("horizontal", "Draw: horizontal line", "Alt+H", "draw-horizontal"),
    ("vertical", "Draw: vertical line", "Alt+V", "draw-vertical"),
    ("channel", "Draw: parallel channel", "", "draw-channel"),
    ("pitchfork", "Draw: Andrews' pitchfork", "", "draw-pitchfork"),
    ("fibonacci", "Draw: Fibonacci retracement", "Alt+F", "draw-fibonacci"),
    ("extension", "Draw: Fibonacci extension", "", "draw-extension"),
    ("rectangle", "Draw: rectangle", "", "rectangle"),
    ("brush", "Draw: brush", "", "brush"),
    ("arrow", "Draw: arrow", "", "arrow-up-right"),
    ("text", "Draw: text", "", "letter-t"),
    ("label", "Draw: price label", "", "tag"),
    ("long", "Draw: long position", "", "draw-long"),
    ("short", "Draw: short position", "", "draw-short"),
    ("measure", "Measure price, bars and time", "", "ruler-measure"),
    ("magnet", "Magnet: points snap to the bar's prices", "M", "magnet"),
    ("stay", "Keep the drawing tool after a drawing", "", "pencil"),
    ("lock_all", "Lock all drawings", "", "lock"),
    ("hide_all", "Hide all drawings", "", "eye-off"),
    ("folded", "Show or fold the drawing tools", "", ""),
    ("undo", "Undo the last drawing step of this pair", "", "arrow-back-up"),
    ("redo", "Redo the last drawing step of this pair", "Ctrl+Shift+Z", ""),
    ("clear", "Remove all drawings of this pair", "", "trash"),
)
"""Tools and switches of drawing: name, title, default key, icon."""

ACTIONS: tuple[Action, ...] = (
    Action("ticket.buy", "Buy", "B", "Trade", DESK, "plus"),
    Action("ticket.sell", "Sell", "S", "Trade", DESK, "minus"),
    Action("ticket.market", "Order type: market", "Q", "Trade", DESK),
    Action("ticket.limit_best", "Limit at the best price", "L", "Trade", DESK),
    Action("ticket.join_bid", "Limit at the best bid", "J", "Trade", DESK),
    Action("ticket.join_ask", "Limit at the best ask", "H", "Trade", DESK),
    Action("ticket.stop", "Order type: stop", "", "Trade", DESK),
    Action("ticket.stop_limit", "Order type: stop-limit", "", "Trade", DESK),
    Action("ticket.take_profit", "Order type: take-profit", "", "Trade", DESK),
    Action("ticket.take_profit_limit", "Order type: take-profit limit", "", "Trade", DESK),
    Action("ticket.trailing", "Order type: trailing stop", "", "Trade", DESK),
    Action("ticket.oco", "Order type: OCO (target or stop)", "", "Trade", DESK),
    Action("ticket.oto", "Order type: OTO (entry, then one exit)", "", "Trade", DESK),
    Action("ticket.bracket", "Order type: bracket (entry, target, stop)", "", "Trade", DESK),
    Action("ticket.iceberg", "Order type: iceberg", "", "Trade", DESK),
    Action("ticket.size_up", "Size one step up", "+", "Trade", DESK),
    Action("ticket.size_down", "Size one step down", "-", "Trade", DESK),
    Action("ticket.size_up_10", "Size ten steps up", "Shift++", "Trade", DESK),
    Action("ticket.size_down_10", "Size ten steps down", "Shift+-", "Trade", DESK),
    Action("ticket.price_up", "Price one tick up", "Up", "Trade", DESK),
    Action("ticket.price_down", "Price one tick down", "Down", "Trade", DESK),
    Action("orders.undo", "Undo the last order", "Ctrl+Z", "Trade", DESK, "arrow-back-up"),
    Action("orders.cancel_last", "Cancel the last order", "X", "Trade", DESK, "x"),
    Action("orders.cancel_symbol", "Cancel all orders of this pair", "Ctrl+X", "Trade", DESK, "ban"),
    Action("orders.cancel_all", "Cancel all orders", "Ctrl+Shift+X", "Trade", DESK, "ban"),
    Action("orders.breakeven", "Breakeven: move the stop to the average cost", "E", "Trade", DESK),
    Action("orders.flatten", "Close the position of this pair", "F", "Trade", DESK, "coin"),
    Action("orders.reverse", "Reverse the position of this pair (spot: close it)", "Shift+F", "Trade", DESK),
    Action("chart.buy_here", "Chart: buy at the crosshair", "Shift+B", "Trade", DESK),
    Action("chart.sell_here", "Chart: sell at the crosshair", "Shift+S", "Trade", DESK),
    Action("chart.exits", "Chart: stop and target for the position", "Shift+E", "Trade", DESK),
    Action("orders.why", "Why did it fill, or not? The selected order, or the last", "W", "Trade", DESK, "help-circle"),
    Action("risk.kill", "Kill switch: stop trading as set under Risk", "Ctrl+Shift+K", "Trade", DESK, "power"),
    Action("risk.choose", "Kill switch with a choice and a reason…", "", "Trade", DESK, "power"),
    Action("risk.reduce", "Reduce only: refuse orders that add risk", "", "Trade", DESK, "power"),
    Action("chart.1s", "Chart: 1 second", "1", "Chart", DESK),
    Action("chart.1m", "Chart: 1 minute", "2", "Chart", DESK),
    Action("chart.5m", "Chart: 5 minutes", "3", "Chart", DESK),
    Action("chart.15m", "Chart: 15 minutes", "4", "Chart", DESK),
    Action("chart.1h", "Chart: 1 hour", "5", "Chart", DESK),
    Action("chart.4h", "Chart: 4 hours", "6", "Chart", DESK),
    Action("chart.1d", "Chart: 1 day", "7", "Chart", DESK),
    Action("chart.pair", "Chart: change its pair…", "Ctrl+P", "Chart", DESK, "search"),
    Action("chart.keep_timeframe", "Chart: keep its own timeframe, or follow its group", "", "Chart", DESK, "lock"),
    Action("chart.next_link", "Chart: next link group (A, B, C, none)", "Ctrl+G", "Chart", DESK),
    Action("chart.link_a", "Chart: link group A, the desk's own", "", "Chart", DESK),
    Action("chart.link_b", "Chart: link group B", "", "Chart", DESK),
    Action("chart.link_c", "Chart: link group C", "", "Chart", DESK),
    Action("chart.link_none", "Chart: no link group", "", "Chart", DESK),
    Action("chart.split", "Charts: next split (one, two, two, four)", "Ctrl+\\", "Chart", DESK, "split-four"),
    Action("chart.split_one", "Charts: one", "", "Chart", DESK, "split-one"),
    Action("chart.split_side", "Charts: two side by side", "", "Chart", DESK, "split-side"),
    Action("chart.split_stacked", "Charts: two, one above the other", "", "Chart", DESK, "split-stacked"),
    Action("chart.split_four", "Charts: four", "", "Chart", DESK, "split-four"),
    Action("chart.next_chart", "Go to the next chart of the tab", "F7", "Chart", DESK),
    Action("chart.previous_chart", "Go to the previous chart of the tab", "Shift+F7", "Chart", DESK),
    Action("chart.new_tab", "New chart tab", "Ctrl+T", "Chart", DESK, "plus"),
    Action("chart.close_tab", "Close the chart tab", "Ctrl+W", "Chart", DESK, "x"),
    Action("chart.reopen_tab", "Reopen the closed chart tab", "Ctrl+Shift+T", "Chart", DESK, "restore"),
    Action("chart.rename_tab", "Rename the chart tab", "F2", "Chart", DESK),
    Action("chart.next_tab", "Next chart tab", "Ctrl+PgDown", "Chart", DESK),
    Action("chart.previous_tab", "Previous chart tab", "Ctrl+PgUp", "Chart", DESK),
    Action("chart.tab_left", "Move the chart tab to the left", "Ctrl+Shift+PgUp", "Chart", DESK),
    Action("chart.tab_right", "Move the chart tab to the right", "Ctrl+Shift+PgDown", "Chart", DESK),
    Action("chart.new_window", "Move the chart tab to its own window", "Ctrl+Shift+N", "Chart", DESK, "app-window"),
    Action("chart.to_main", "Move the chart tab to the main window", "", "Chart", DESK),
    Action("chart.candles", "Chart: candles", "Alt+1", "Chart", DESK),
    Action("chart.hollow", "Chart: hollow candles", "Alt+2", "Chart", DESK),
    Action("chart.heikin_ashi", "Chart: Heikin-Ashi", "Alt+3", "Chart", DESK),
    Action("chart.ohlc", "Chart: bars", "Alt+4", "Chart", DESK),
    Action("chart.line", "Chart: line", "Alt+5", "Chart", DESK),
    Action("chart.area", "Chart: area", "Alt+6", "Chart", DESK),
    Action("chart.renko", "Chart: Renko", "Alt+7", "Chart", DESK),
    Action("chart.log", "Chart: logarithmic scale on or off", "Alt+L", "Chart", DESK),
    Action("chart.percent", "Chart: percent scale on or off", "Alt+P", "Chart", DESK),
    Action("chart.invert", "Chart: inverted scale on or off", "Alt+I", "Chart", DESK),
    Action("chart.auto", "Chart: scale prices automatically", "Alt+Y", "Chart", DESK),
    Action("chart.quotes", "Chart: bid and ask on or off", "", "Chart", DESK),
    Action("chart.volume", "Chart: volume on or off", "", "Chart", DESK),
    Action("chart.footprint", "Chart: footprint on or off", "Alt+8", "Chart", DESK),
    Action("chart.profile_visible", "Chart: volume profile of what is in view on or off", "Alt+9", "Chart", DESK),
    Action("chart.profile_session", "Chart: volume profile of each day on or off", "", "Chart", DESK),
    Action("chart.profile_range", "Chart: volume profile of a stretch…", "", "Chart", DESK),
    Action("chart.delta", "Chart: cumulative delta on or off", "Alt+0", "Chart", DESK),
    Action("chart.go_to", "Chart: go to date…", "Alt+G", "Chart", DESK, "calendar"),
    Action("replay.start", "Chart: bar replay, or end it", "Alt+R", "Chart", DESK, "history"),
    Action("replay.play", "Replay: play or pause", "", "Chart", DESK, "player-play"),
    Action("replay.step", "Replay: one bar on", "", "Chart", DESK, "player-track-next"),
    Action("replay.step_finely", "Replay: one of the finest bars on", "", "Chart", DESK),
    Action("replay.back", "Replay: one bar back", "", "Chart", DESK),
    Action("replay.go_to", "Replay: go to date…", "", "Chart", DESK, "calendar"),
    Action("replay.to_end", "Replay: to the end", "", "Chart", DESK),
    Action("replay.result", "Replay: result", "", "Chart", DESK),
    Action("chart.copy", "Chart: copy a picture", "Ctrl+Alt+C", "Chart", DESK),
    Action("chart.save", "Chart: save a picture…", "Ctrl+Alt+S", "Chart", DESK),
    Action("chart.indicators", "Add an indicator…", "I", "Chart", DESK, "chart-line", ("/",)),
    Action("chart.indicator_undo", "Bring the removed indicator back", "", "Chart", DESK, "arrow-back-up"),
    Action("chart.indicator_new", "New indicator: write your own…", "", "Chart", DESK, "plus"),
    Action("chart.indicator_folder", "Open the folder of my indicators", "", "Chart", DESK),
    *(Action(f"draw.{name}", title, key, "Draw", DESK, icon) for name, title, key, icon in DRAWING),
    Action("alert.here", "Alert at the crosshair's price", "Alt+A", "Alert", DESK, "bell"),
    Action("alert.new", "New alert…", "Ctrl+Alt+A", "Alert", DESK, "plus"),
    Action("alert.list", "Show the alerts, and what they told", "Ctrl+Shift+A", "Alert", DESK, "list"),
    Action("alert.pause_all", "Pause all alerts", "", "Alert", DESK, "player-pause"),
    Action("alert.resume_all", "Let all paused alerts wait again", "", "Alert", DESK, "player-play"),
    Action("alert.clear", "Remove all alerts of this pair", "", "Alert", DESK, "trash"),
    Action("market.pause", "Pause or resume the market", "Space", "Market", OFFLINE, "player-pause"),
    Action("market.step", "Step one second forward", ".", "Market", OFFLINE, "player-track-next"),
    Action("market.faster", "Market time: faster", "]", "Market", OFFLINE),
    Action("market.slower", "Market time: slower", "[", "Market", OFFLINE),
    Action("market.jump", "Jump to a date…", "Ctrl+J", "Market", OFFLINE, "calendar"),
    Action("market.restart", "Restart the market", "", "Market", OFFLINE, "restore"),
    Action("market.simulated", "Market source: simulated", "", "Market", SOURCES),
    Action("market.replay", "Market source: replay", "", "Market", SOURCES),
    Action("market.leave", "Back from the recording", "", "Market", REPLAYED, "arrow-back-up"),
    Action("market.record", "Record this pair, or end its recording", "Ctrl+R", "Market", EXCHANGE, "player-record"),
    Action("market.recordings", "Recordings: play, delete…", "Ctrl+Shift+R", "Market", DESK, "history"),
    Action("market.binance", "Market source: Binance, live…", "", "Market", DESK, "bolt"),
    Action("market.coinbase", "Market source: Coinbase, live…", "", "Market", DESK, "bolt"),
    Action("market.kraken", "Market source: Kraken, live…", "", "Market", DESK, "bolt"),
    Action("market.binance_usdm", "Market source: Binance perpetuals, live…", "", "Market", DESK, "bolt"),
    Action("market.coinbase_exchange", "Market source: Coinbase Exchange, live…", "", "Market", DESK, "bolt"),
    Action("market.other", "Market source: other exchange (ccxt)…", "", "Market", CCXT, "bolt"),
    Action("market.offline", "Market source: offline, on this computer", "", "Market", EXCHANGE, "wallet"),
    Action("market.reconnect", "Try the connection to the exchange now", "", "Market", EXCHANGE, "refresh"),
    Action("market.health", "Feed: state, gaps and resyncs of each pair", "", "Market", EXCHANGE, "info-circle"),
    Action("market.watch", "Also watch another exchange…", "Ctrl+Shift+D", "Market", DESK, "plus"),
    Action("market.unwatch", "Watch an exchange no more…", "", "Market", DESK, "x"),
    Action("watchlist.add", "Watchlist: add the pair", "Ctrl+Alt+W", "Market", DESK, "star"),
    Action("watchlist.pick", "Watchlist: add an instrument of any venue…", "", "Market", DESK, "search"),
    Action("watchlist.new", "Watchlist: new…", "", "Market", DESK, "plus"),
    Action("watchlist.rename", "Watchlist: rename…", "", "Market", DESK),
    Action("watchlist.delete", "Watchlist: delete", "", "Market", DESK, "trash"),
    Action("watchlist.next", "Watchlist: next list", "Ctrl+]", "Market", DESK),
    Action("watchlist.previous", "Watchlist: previous list", "Ctrl+[", "Market", DESK),
    Action("view.watchlist", "Watchlist", "Ctrl+Shift+W", "View", DESK, "list"),
    Action("view.scanner", "Scanner: all instruments of all venues", "Ctrl+Shift+F", "View", DESK, "search"),
    Action("view.across", "Prices of an asset across venues", "Ctrl+Shift+P", "View", DESK, "arrows-exchange"),
    Action("view.palette", "Command palette", "Ctrl+K", "View", "", "search"),
    Action("view.help", "Keyboard shortcuts", "F1", "View", "", "keyboard"),
    Action("view.next_pane", "Go to the next pane", "F6", "View"),
    Action("view.previous_pane", "Go to the previous pane", "Shift+F6", "View"),
    Action("view.previous_symbol", "Previous pair", "PgUp", "View", DESK),
    Action("view.ladder", "Ladder, or back to the ticket", "F9", "View", DESK),
    Action("view.heatmap", "Liquidity heatmap", "", "View", DESK),
    Action("view.depth", "Depth chart", "", "View", DESK),
    Action("view.next_symbol", "Next pair", "PgDown", "View", DESK),
    Action("view.theme", "Theme: dark or light", "Ctrl+Shift+L", "View", "", "sun"),
    Action("view.full_screen", "Full screen", "F11", "View"),
    Action("view.reset_layout", "Reset the layout", "", "View", "", "layout-dashboard"),
    Action("view.menu_bar", "Show or hide the menu bar", "Ctrl+Shift+M", "View"),
    Action("view.settings", "Settings", "Ctrl+,", "View", "", "settings"),
    *(Action(f"workspace.{each}", f"Workspace {each}", f"Ctrl+{each}", "Workspace", DESK) for each in range(1, 10)),
    Action("workspace.save_as", "Save the workspace as…", "Ctrl+Shift+S", "Workspace", DESK, "layout-dashboard"),
    Action("workspace.rename", "Rename the workspace…", "", "Workspace", DESK),
    Action("workspace.delete", "Delete the workspace", "", "Workspace", DESK, "trash"),
    Action("workspace.undo_delete", "Bring back the deleted workspace", "", "Workspace", DESK, "restore"),
    Action("account.explain_realised", "Explain the realised profit", "Ctrl+E", "Account", DESK, "receipt"),
    Action("account.explain_unrealised", "Explain the unrealised profit of this pair", "", "Account", DESK),
    Action("account.explain_average", "Explain the average price of this pair", "", "Account", DESK),
    Action("account.explain_equity", "Explain the equity", "", "Account", DESK),
    Action("account.explain_day", "Explain the profit of the day", "", "Account", DESK),
    Action("account.statements", "Statements of a year: tax lots, account…", "", "Account", DESK, "download"),
    Action("account.lots_average", "Lot method: average cost", "", "Account", DESK),
    Action("account.lots_fifo", "Lot method: first in, first out (FIFO)", "", "Account", DESK),
    Action("account.lots_lifo", "Lot method: last in, first out (LIFO)", "", "Account", DESK),
    Action("account.lots_hifo", "Lot method: highest cost first (HIFO)", "", "Account", DESK),
    Action("account.reset", "Reset the paper account…", "", "Account", PAPER, "refresh"),
    Action("wallet.show", "Wallet", "F8", "Wallet", DESK, "wallet"),
    Action("wallet.send", "Wallet: send…", "Ctrl+Alt+P", "Wallet", DESK, "arrow-up-right"),
    Action("wallet.receive", "Wallet: receive, show the address", "", "Wallet", DESK),
    Action("wallet.lock", "Wallet: lock", "Ctrl+Alt+L", "Wallet", DESK, "lock"),
    Action("wallet.unlock", "Wallet: unlock…", "", "Wallet", DESK),
    Action("wallet.history", "Wallet: what was sent and what came in", "", "Wallet", DESK, "history"),
    Action("wallet.allowances", "Wallet: allowances, and revoking them", "", "Wallet", DESK),
    Action("wallet.portfolio", "Wallet: portfolio with the trading account", "", "Wallet", DESK),
    Action("wallet.book", "Wallet: address book", "", "Wallet", DESK, "book-2"),
    Action("wallet.contact", "Wallet: add an address to the book…", "", "Wallet", DESK, "plus"),
    Action("wallet.contact_undo", "Wallet: undo the last change of the address book", "", "Wallet", DESK),
    Action("wallet.accounts", "Wallet: accounts", "", "Wallet", DESK, "user"),
    Action("wallet.account", "Wallet: use another account…", "", "Wallet", DESK),
    Action("wallet.derive", "Wallet: next account of the phrase", "", "Wallet", DESK),
    Action("wallet.chains", "Wallet: chains and their endpoints", "", "Wallet", DESK),
    Action("wallet.chain", "Wallet: use another chain…", "", "Wallet", DESK),
    Action("wallet.token", "Wallet: add a token…", "", "Wallet", DESK),
    Action("wallet.create", "Wallet: create…", "", "Wallet", DESK, "plus"),
    Action("wallet.import", "Wallet: import a phrase, key or keystore…", "", "Wallet", DESK, "download"),
    Action("wallet.watch", "Wallet: watch an address…", "", "Wallet", DESK),
    Action("wallet.practise", "Wallet: practise on this computer", "", "Wallet", DESK),
    Action("wallet.phrase", "Wallet: show the phrase again…", "", "Wallet", DESK),
    Action("wallet.export", "Wallet: export a keystore file…", "", "Wallet", DESK),
    Action("wallet.password", "Wallet: change the password…", "", "Wallet", DESK),
    Action("wallet.forget_password", "Wallet: take the password out of the keyring", "", "Wallet", DESK),
    Action("dex.show", "DEX desk", "Shift+F8", "Wallet", DESK, "arrows-exchange"),
    Action("dex.swap", "DEX: swap", "Ctrl+Alt+X", "Wallet", DESK, "arrows-exchange"),
    Action("dex.orders", "DEX: orders, limits and series", "", "Wallet", DESK),
    Action("dex.pools", "DEX: pools, adding liquidity", "", "Wallet", DESK),
    Action("dex.liquidity", "DEX: your liquidity", "", "Wallet", DESK),
    Action("dex.farms", "DEX: farms and staking", "", "Wallet", DESK),
    Action("dex.limit", "DEX: limit order…", "", "Wallet", DESK),
    Action("dex.series", "DEX: buy again and again…", "", "Wallet", DESK),
    Action("dex.answer", "DEX: look at what waits for your signature", "Ctrl+Alt+J", "Wallet", DESK),
    Action("dex.loss", "DEX: impermanent loss…", "", "Wallet", DESK),
    Action("wallet.remove", "Wallet: remove the keys of this account…", "", "Wallet", DESK, "trash"),
    Action(
        "server.venue", "Trade on: paper, live prices, a server…", "Ctrl+Shift+V", "Server", DESK, "arrows-exchange"
    ),
    Action("server.paper", "Go on with the paper account", "", "Server", SERVER, "wallet"),
    Action("server.add", "Add a server…", "", "Server", DESK, "plus"),
    Action("server.remove", "Remove a server…", "", "Server", DESK, "trash"),
    Action("server.sign_in", "Sign in again…", "", "Server", SERVER, "user"),
    Action("server.reconnect", "Try the connection now", "", "Server", BROKEN, "refresh"),
    Action("server.cancel", "Stop going to another venue", "", "Server", GOING, "x"),
    Action("server.security", "Security: sessions, second factor, API keys…", "", "Server", SIGNED_IN, "lock"),
    Action("server.metrics", "How the server is doing", "", "Server", ADMIN, "database"),
    Action("server.sign_out", "Sign out of the server", "", "Server", SIGNED_IN),
    Action("server.sign_out_everywhere", "Sign out everywhere", "", "Server", SIGNED_IN),
    Action("app.diagnostics", "About and diagnostics", "", "Program", "", "info-circle"),
    Action("app.first_run", "Show the introduction again", "", "Program", DESK, "help-circle"),
    Action("app.report", "Save a report for a bug…", "", "Program", "", "download"),
    Action("app.quit", "Quit", "Ctrl+Q", "Program"),
)

MODIFIERS = ("Ctrl", "Alt", "Shift", "Meta")


class Binding:
    """What an action does, until closed."""

    __slots__ = ("_bindings", "callback", "id")

    def __init__(self, bindings: dict[str, list[Binding]], action_id: str, callback: Callable[[], None]) -> None:
        self._bindings = bindings
        self.id = action_id
        self.callback = callback
        bindings.setdefault(action_id, []).append(self)

    def close(self) -> None:
        """Let the action do nothing (or what it did before) again; safe to call twice."""
        held = self._bindings.get(self.id, [])
        if self in held:
            held.remove(self)


class ActionBook:
    """Who does what now, and by which key."""

    def __init__(self, actions: tuple[Action, ...] = ACTIONS) -> None:
        self._actions = {each.id: each for each in actions}
        self._bindings: dict[str, list[Binding]] = {}
        self._present: set[str] = {""}
        self._keys = {each.id: each.shortcut for each in actions}
        self._notes: dict[str, str] = {}

    def actions(self) -> tuple[Action, ...]:
        """Return all actions in the order of declaration."""
        return tuple(self._actions.values())

    def get(self, action_id: str) -> Action:
        """Return a declared action; an unknown id is a bug (KeyError)."""
        return self._actions[action_id]

    def bind(self, action_id: str, callback: Callable[[], None]) -> Binding:
        """Let `callback` be what the action does; the newest open binding wins."""
        return Binding(self._bindings, self._actions[action_id].id, callback)

    def note(self, action_id: str, text: str) -> None:
        """Say what an action concerns now, e.g. the name of a workspace; "" for nothing."""
        self._notes[action_id] = text

    def noted(self, action_id: str) -> str | None:
        """Return what an action concerns now, "" for nothing; None if nobody ever said."""
        return self._notes.get(action_id)

    def provide(self, need: str) -> None:
        """Say that what some actions need is there now."""
        self._present.add(need)

    def withdraw(self, need: str) -> None:
        """Say that it is gone."""
        self._present.discard(need)

    def is_enabled(self, action_id: str) -> bool:
        """Whether the action would do something now."""
        return self._actions[action_id].needs in self._present and bool(self._bindings.get(action_id))

    def trigger(self, action_id: str) -> bool:
        """Do it; False if it cannot be done now."""
        if not self.is_enabled(action_id):
            return False
        self._bindings[action_id][-1].callback()
        return True

    def shortcut(self, action_id: str) -> str:
        """Return the key in force, "" for none."""
        return self._keys[action_id]

    def action_for(self, key: str) -> Action | None:
        """Return the action of a key."""
        for action_id, held in self._keys.items():
            if held == key or key in self._actions[action_id].more_keys:
                return self._actions[action_id]
        return None

    def rebind(self, keys: Mapping[str, str]) -> list[str]:
        """Take the user's keys over the defaults; return a sentence for each one that was refused."""
        problems: list[str] = []
        self._keys = {each.id: each.shortcut for each in self._actions.values()}
        for action_id, key in keys.items():
            if action_id not in self._actions:
                problems.append(f"There is no action {action_id!r}; its key {key!r} is ignored.")
                continue
            normal = normalise(key)
            if (problem := self.conflict(action_id, normal)) is not None:
                problems.append(problem)
                continue
            self._keys[action_id] = normal
        return problems

    def conflict(self, action_id: str, key: str) -> str | None:
        """Return why the action cannot have the key, or None."""
        if not key:
            return None
        taken = self.action_for(key)
        if taken is None or taken.id == action_id:
            return None
        return f"{key} already means “{taken.title}”. Give that another key first."


def normalise(key: str) -> str:
    """Return a key text with its modifiers in the usual order and a single letter in capitals."""
    text = key.strip()
    held: set[str] = set()
    while "+" in text[1:]:
        head, _, tail = text.partition("+")
        name = head.strip().capitalize()
        if name not in MODIFIERS or not tail:
            break
        held.add(name)
        text = tail.strip()
    if len(text) == 1:
        text = text.upper()
    return "+".join([*(each for each in MODIFIERS if each in held), text]) if text else ""


def is_plain(key: str) -> bool:
    """Whether a key would type or move in a text field, so that a hotkey there must stay silent."""
    parts = key.removesuffix("++").split("+") if key.endswith("++") else key.split("+")
    return not ({"Ctrl", "Alt", "Meta"} & set(parts)) and not (parts[-1].startswith("F") and parts[-1][1:].isdigit())


EDITING_KEYS = frozenset({"Ctrl+A", "Ctrl+C", "Ctrl+V", "Ctrl+X", "Ctrl+Z", "Ctrl+Shift+Z", "Ctrl+Y"})
"""Keys that belong to a text field while it has the focus."""
