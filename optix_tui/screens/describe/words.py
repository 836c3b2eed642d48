"""Terms of a contract in words."""

from engine.domain.ids import UtcNanos
from engine.domain.instants import from_nanos
from engine.domain.instruments import SessionName, SettledIn, Settlement, Style, TickRule
from engine.domain.market import Verdict
from optix_tui import format as written

SETTLEMENTS = {
    Settlement.AM: "AM, at the opening prints",
    Settlement.PM: "PM, at the closing print",
    Settlement.UTC8: "08:00 UTC, average of the half hour before",
}
SETTLED_IN = {SettledIn.CASH: "cash", SettledIn.SHARES: "shares", SettledIn.COIN: "the coin itself"}
STYLES = {Style.EUROPEAN: "European: exercised at expiry", Style.AMERICAN: "American: exercised at any time"}
SESSIONS = {
    SessionName.NYSE: "NYSE 09:30 to 16:00 New York",
    SessionName.CBOE_INDEX: "Cboe index 09:30 to 16:15 New York",
    SessionName.CRYPTO: "all hours of all days",
}
VERDICTS: tuple[tuple[Verdict, str], ...] = (
    (Verdict.CROSSED, "crossed"),
    (Verdict.LOCKED, "locked"),
    (Verdict.NO_BID, "no bid"),
    (Verdict.NO_ASK, "no ask"),
    (Verdict.WIDE, "wide"),
    (Verdict.STALE, "stale"),
    (Verdict.BELOW_INTRINSIC, "below intrinsic"),
    (Verdict.MALFORMED, "malformed"),
)


def verdict_words(verdict: int) -> str:
    """What is wrong with a quote, or "fine"."""
    return ", ".join(word for bit, word in VERDICTS if verdict & bit) or "fine"


def utc(at: UtcNanos) -> str:
    """``20-Nov-26 14:30:00``, in UTC."""
    if not at:
        return written.UNKNOWN
    when = from_nanos(at)
    return f"{written.day(when.date())} {when:%H:%M:%S}"


def tick_words(rule: TickRule) -> str:
    """``0.05 under 3, 0.10 from there``."""
    small, large = written.price(rule.small, rule.small), written.price(rule.large, rule.large)
    if rule.small == rule.large:
        return f"{small} at any price"
    return f"{small} under {rule.threshold:g}, {large} from there"


def duration(nanoseconds: int) -> str:
    """``4d 19h 27m``; how long, in words a person counts in."""
    seconds = abs(nanoseconds) // 1_000_000_000
    days, rest = divmod(seconds, 86_400)
    hours, rest = divmod(rest, 3600)
    minutes, seconds = divmod(rest, 60)
    long = f"{days}d {hours}h {minutes}m" if days else f"{hours}h {minutes}m {seconds}s"
    return f"{long} ago" if nanoseconds < 0 else long
