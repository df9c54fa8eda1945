"""Work that takes longer than an answer may: fetches that wait, exports."""
