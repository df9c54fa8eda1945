"""A small fake news web on loopback: for `kliping demo`, tests and benchmarks.

Seven news sites that publish, correct and delete as time passes, each with a
platform, a language and a way of being discovered of its own, and a row of
sites that misbehave. Everything but the clock is determined by the seed.
"""
