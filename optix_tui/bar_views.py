"""What the bars show, read off the session."""

from engine.domain.ids import Symbol, UtcNanos
from optix_tui.format import seconds_between
from optix_tui.freshness import judge
from optix_tui.options import Options
from optix_tui.session import Session
from optix_tui.widgets.app_bar import AppBarView
from optix_tui.widgets.security_bar import SecurityView, security_name


def app_bar_view(session: Session, options: Options, place: int) -> AppBarView:
    """The first row, of the workspace at ``place``."""
    feed = session.feed_view()
    return AppBarView(
        workspaces=tuple((workspace.place, workspace.name) for workspace in options.workspaces),
        active=place,
        status=session.status,
        connected=feed.connected,
        was_connected=feed.was_connected,
        market_time=feed.market_time,
        lag_ms=session.median_lag_ms(),
        silent=seconds_between(feed.silent_since, feed.market_time),
        trouble=session.trouble,
        profile=options.profile,
    )


def security_view(session: Session, symbol: Symbol, stale_after: float) -> SecurityView:
    """The security bar of the focused tile's symbol."""
    quote = session.quote
    security = quote.security if quote is not None else session.listed.get(symbol)
    fresh = judge(
        feed=session.feed_view(),
        fact_at=quote.as_of if quote else UtcNanos(0),
        stale_after=stale_after,
        look_age=session.quote_age,
    )
    return SecurityView(
        name=security_name(symbol, security),
        security=security,
        quote=quote,
        freshness=fresh,
        exposure=session.exposures.get(security.symbol) if security is not None else None,
    )
