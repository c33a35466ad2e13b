"""What the Train page costs while a network learns."""
