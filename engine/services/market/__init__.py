"""From a feed's batches to quotes, bars, tapes and the word on their quality."""
