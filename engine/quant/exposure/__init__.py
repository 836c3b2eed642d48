"""What open positions of a whole market imply by strike."""
