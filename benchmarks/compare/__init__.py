"""What comparing and tuning costs, and how right its statistics are."""
