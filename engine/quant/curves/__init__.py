"""What a price is discounted and carried by: forwards, rates, dividends, clocks."""
