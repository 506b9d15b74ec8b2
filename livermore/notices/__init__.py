"""Notices: what people are told about an alert, and the kinds of targets that it is sent to, one file each."""
