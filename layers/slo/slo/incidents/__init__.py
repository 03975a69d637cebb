"""What an operator must know about: the conditions that open incidents, and the incidents themselves. Pure.

`finder` says what is wrong in a cluster's figures at one moment, `tracking` makes incidents of it over time.
"""
