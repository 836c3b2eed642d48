"""SKEW: how much dearer one wing is than the other, by expiry and over maturities."""
