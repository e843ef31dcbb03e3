"""The command `intercup`: a file for each subject, with its parser and its functions."""
