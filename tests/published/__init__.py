"""Reports as they are published: invented filings in the styles of other software, to measure how well we read."""
