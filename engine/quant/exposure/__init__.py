"""What open positions of a whole market imply by strike: exposures in every convention, flips, walls, boxes, max pain."""
