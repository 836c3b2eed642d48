"""CORR: how names move together."""
