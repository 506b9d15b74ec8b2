"""A checkup: everything that an instance stands on, looked at from outside, one finding a line."""
