"""The rules, as pure functions of the standard library; no files, network or clock."""
