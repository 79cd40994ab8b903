"""Rules tested against rows: case files, what they promise, and what kept the promise."""
