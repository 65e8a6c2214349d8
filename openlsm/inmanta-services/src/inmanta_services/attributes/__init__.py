"""What attribute sets hold: how they are shown, how they differ, and which edits lead from one to another. No calls here."""
