"""What the prose of a report states, read so that it can be held against the tables and against itself."""
