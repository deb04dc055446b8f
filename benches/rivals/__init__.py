"""What a user would write instead of metapool, as well as it can be written."""
