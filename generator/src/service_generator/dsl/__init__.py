"""What descriptions are made of."""
