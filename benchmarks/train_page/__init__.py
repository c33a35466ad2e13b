"""What the Train page shows while a network learns, and what that costs."""
