"""How long a source may be boosted."""

#: Hours of the longest boost: four weeks.
MOST_BOOST_HOURS = 672
