"""From quotes to volatility, Greeks and the figures of each expiry."""
