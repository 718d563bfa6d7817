"""What every pipeline here stands on; it knows none of them."""
