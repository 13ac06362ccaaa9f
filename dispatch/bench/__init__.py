"""Seeded weeks and the benches that run on them. Benches print times; tests never judge them."""
