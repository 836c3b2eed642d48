"""OMST: volume and open interest by strike and expiry."""
