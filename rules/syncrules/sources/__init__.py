"""Source rows: from files, and from databases."""
