"""What the calls have in common: how requests are checked and refused, and how lists are paged."""
