"""Seats that change hands between people, without ever falling empty."""

from dispatch.swaps import sayings as sayings
